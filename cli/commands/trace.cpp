// SPDX-License-Identifier: Apache-2.0
// A line a packet: what it was, what it met, which pass decided, how it left.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/packet_filter.h"
#include "cli/render/envelope.h"
#include "cli/render/numbers.h"
#include "cli/render/times.h"
#include "common/api/seen_packet.h"

namespace tandem::cli {
namespace {

using api::TracedPacket;

struct Wanted {
  std::string count;
  bool follow = false;
  std::vector<std::string> filter;
};

constexpr const char* kUsualCount = "10";

std::string packet_text(const TracedPacket& packet) {
  std::string out = packet.kind;
  if (!packet.source.empty()) out += fmt::format(" {} > {}", packet.source, packet.target);
  if (!packet.flags.empty()) out += " " + packet.flags;
  return fmt::format("{} {} B", out, packet.bytes);
}

std::string entry_text(const TracedPacket& packet) {
  if (packet.entry.empty() && packet.becomes.empty()) return packet.role == "node" ? "" : "no entry";
  const std::string now = packet.becomes.empty() ? "gone" : packet.becomes;
  if (packet.entry.empty()) return "new, " + now;
  return packet.entry == packet.becomes ? packet.entry : packet.entry + " -> " + now;
}

std::string verdict_text(const TracedPacket& packet) {
  if (packet.fate == "sent") return fmt::format("tx {} {} > {}", packet.out, packet.left_source, packet.left_target);
  if (packet.fate == "dropped") return "drop " + packet.reason;
  if (packet.fate == "punted") return "punt " + packet.punt_class;
  if (packet.fate == "handed_over") return fmt::format("hand over to worker {}", packet.owner);
  if (packet.fate == "held") return "held";
  return packet.fate == "pair" ? "for the pair" : packet.fate;
}

Tone tone_of_fate(const std::string& fate) {
  if (fate == "dropped") return Tone::bad;
  return fate == "sent" ? Tone::good : Tone::plain;
}

// Of the day, to the µs.
std::string time_of_day(const std::string& time) {
  constexpr std::size_t kTime = 11, kTimeLength = 8, kFractionLength = 7;  // "2026-01-31 15:02:11 +01:00"
  const std::string local = local_time(time);
  const std::size_t dot = time.find('.');
  if (local.size() < kTime + kTimeLength || dot == std::string::npos) return time;
  return local.substr(kTime, kTimeLength) + time.substr(dot, kFractionLength);
}

std::string line_of(const TracedPacket& packet, const Look& look) {
  std::string out = fmt::format("{} w{} {}{} {}", time_of_day(packet.time), packet.worker, packet.handed_over ? "handed over, " : "",
                                packet.port, packet_text(packet));
  std::string met = packet.service;
  for (const std::string& part : {entry_text(packet), packet.backend})
    if (!part.empty()) met += (met.empty() ? "" : ", ") + part;
  if (!met.empty()) out += " | " + met;
  return out + " | " + packet.stage + " | " + paint(verdict_text(packet), tone_of_fate(packet.fate), look) + "\n";
}

std::string plain_line(const TracedPacket& packet) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", packet.time, packet.worker, packet.port, packet.kind,
                     packet.source, packet.target, packet.flags, packet.bytes, packet.entry, packet.becomes, packet.backend, packet.stage,
                     packet.fate, packet.reason, packet.out);
}

void print_packet(Session& session, const Json& event) {
  if (session.for_programs()) return session.print(json_line(event));
  const auto packet = event.get<TracedPacket>();
  session.print(session.look().format == Format::plain ? plain_line(packet) : line_of(packet, session.look()));
}

Outcome trace(Session& session, const Wanted& wanted) {
  const Answer<Json> program = compile_filter(wanted.filter);
  if (!program) return tl::unexpected{program.error()};
  Json params{{"program", *program}};
  if (!wanted.follow || !wanted.count.empty()) {
    const Answer<std::uint64_t> count = read_number("--count", wanted.count.empty() ? kUsualCount : wanted.count);
    if (!count) return tl::unexpected{count.error()};
    params["count"] = *count;
  }
  return reading([&]() -> Outcome {
    const Answer<Json> end = session.stream("trace", params, true, [&](const Json& event) {
      print_packet(session, event);
      return static_cast<bool>(session.world().out);
    });
    if (!end && end.error().exit != Exit::interrupted) return tl::unexpected{end.error()};
    const std::uint64_t lost = end ? end->value("lost", std::uint64_t{0}) : 0;
    if (lost != 0) session.say(grouped(lost) + " packets passed too fast to be traced");
    return Exit::ok;
  });
}

}  // namespace

void add_trace(Tree& tree) {
  const auto wanted = std::make_shared<Wanted>();
  tree.verb("trace", "What each packet meets and what is decided, a line a packet.", R"(  tandemctl trace --count 3 tcp port 80
  tandemctl trace --follow host 198.51.100.7
  tandemctl trace --follow -o jsonl udp | jq .reason)")
      .words(wanted->filter, "FILTER", "which packets, in libpcap's language (pcap-filter(7)); else all", false)
      .option(wanted->count, "--count", "N", "end after so many (10; with --follow none)")
      .flag(wanted->follow, "-f,--follow", "go on until Ctrl-C")
      .run([wanted](Session& session) { return trace(session, *wanted); });
}

}  // namespace tandem::cli
