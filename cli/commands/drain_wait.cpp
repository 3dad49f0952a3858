// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/drain_wait.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/commands/backend_columns.h"
#include "cli/render/durations.h"

namespace tandem::cli {
namespace {

constexpr double kRememberedSeconds = 60, kFarthestSeconds = 86'400;

double seconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

DrainWait::DrainWait(Session& session, std::string method, const std::vector<api::Backend>& backends)
    : session_{session}, method_{std::move(method)}, start_{session.world().now()} {
  for (const api::Backend& backend : backends) backends_.push_back({full_name(backend), backend, backend.active_connections, false});
}

Outcome DrainWait::run(std::chrono::milliseconds limit) {
  for (;;) {
    if (const Answer<void> looked = look(); !looked) return tl::unexpected{looked.error()};
    if (std::all_of(backends_.begin(), backends_.end(), [](const Waiting& each) { return each.drained; })) break;
    note_progress();
    const auto left = limit - std::chrono::duration_cast<std::chrono::milliseconds>(session_.world().now() - start_);
    if (left <= left.zero()) return tl::unexpected{not_drained(Exit::timed_out, "timed out after " + two_units(seconds(limit))).error()};
    session_.world().pause(std::min(kPoll, left));
    if (session_.world().interrupted()) return tl::unexpected{not_drained(Exit::interrupted, "interrupted").error()};
  }
  Json states = Json::array();
  for (const Waiting& backend : backends_) states.push_back(backend.last);
  if (session_.for_programs()) session_.print_json(method_, states);
  return Exit::ok;
}

Answer<void> DrainWait::look() {
  for (Waiting& backend : backends_) {
    if (backend.drained) continue;
    if (const Answer<void> looked = look_at(backend); !looked) return looked;
    if (backend.connections == 0) announce(backend);
  }
  return {};
}

Answer<void> DrainWait::look_at(Waiting& backend) {
  const Answer<Json> answer = session_.call("backend.show", {{"backend", backend.name}});
  if (!answer && answer.error().exit == Exit::no_such_object) {  // a reload took it out: nothing is left to wait for here
    clear_line();
    return refuse(Exit::failed, backend.name + " left the configuration while we waited");
  }
  if (!answer) return not_drained(answer.error().exit, answer.error().message);
  const api::Backend now = answer->get<api::Backend>();
  backend.last = *answer, backend.connections = now.active_connections;
  if (now.admin_state == "up") return not_drained(Exit::failed, backend.name + " is no longer draining: it was enabled meanwhile");
  return {};
}

void DrainWait::announce(Waiting& backend) {
  backend.drained = true;
  clear_line();
  const std::string line =
      backend.name + " drained after " + two_units(seconds_since_start()) + ". Undo with: tandemctl backend enable " + backend.name;
  if (session_.look().format == Format::table) session_.print(line + "\n");
  else session_.say(line);
}

void DrainWait::note_progress() {
  const Time now = session_.world().now();
  const bool changed = samples_.empty() || samples_.back().connections != left();
  samples_.push_back({now, left()});
  while (samples_.size() > 2 && seconds(now - samples_[1].time) > kRememberedSeconds) samples_.erase(samples_.begin() + 1);
  if (session_.options().quiet) return;
  if (session_.world().err_is_terminal) session_.world().err << "\r" << progress() << "\x1b[K" << std::flush, line_drawn_ = true;
  else if (changed) session_.say(progress());
}

// "waiting: 4 102 → 1 377 → 211 connections, about 2 min left": the first, the last that was another, and now. Lines that
// stay on screen below each other need no arrows.
std::string DrainWait::progress() const {
  std::string out = "waiting: ";
  if (session_.world().err_is_terminal) {
    const auto other = std::find_if(samples_.rbegin(), samples_.rend(), [&](const Sample& each) { return each.connections != left(); });
    if (samples_.front().connections != left()) out += grouped(samples_.front().connections) + " → ";
    if (other != samples_.rend() && other->connections != samples_.front().connections) out += grouped(other->connections) + " → ";
  }
  return out + counted(left(), "connection") + time_left();
}

// Connections end independently of each other, so their number falls exponentially, and the last of n is expected to end
// (ln n + 0.58) time constants from now (harmonic number). A straight line would promise too much.
std::string DrainWait::time_left() const {
  if (samples_.size() < 2) return {};
  const Sample& now = samples_.back();
  const bool first_is_recent = seconds(now.time - samples_[0].time) <= kRememberedSeconds;
  const Sample& then = first_is_recent ? samples_[0] : samples_[1];
  if (then.connections <= now.connections || now.connections == 0) return {};
  const double n = static_cast<double>(now.connections), time = seconds(now.time - then.time);
  const double expected = (std::log(n) + 0.58) * time / std::log(static_cast<double>(then.connections) / n);
  return expected < kFarthestSeconds ? ", about " + coarse(expected) + " left" : "";
}

void DrainWait::clear_line() {
  if (line_drawn_) session_.world().err << "\r\x1b[K" << std::flush;
  line_drawn_ = false;
}

Answer<void> DrainWait::not_drained(Exit exit, const std::string& why) {
  clear_line();
  std::string rest;
  for (const Waiting& backend : backends_)
    if (!backend.drained)
      rest.append(rest.empty() ? "" : ", ").append(backend.name).append(" has ").append(counted(backend.connections, "connection"));
  const bool enabled = exit == Exit::failed;
  return refuse(exit, why + "; " + rest + (enabled ? "" : " left"), enabled ? "" : "The drain stays in force. Undo with: " + undo());
}

std::string DrainWait::undo() const {
  std::string command = "tandemctl backend enable";
  for (const Waiting& backend : backends_) command += " " + backend.name;
  return command;
}

api::Count DrainWait::left() const {
  api::Count sum = 0;
  for (const Waiting& backend : backends_) sum += backend.connections;
  return sum;
}

double DrainWait::seconds_since_start() const { return seconds(session_.world().now() - start_); }

}  // namespace tandem::cli
