// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/guard_change.h"

#include <algorithm>
#include <fstream>

#include "cli/render/durations.h"
#include "cli/render/numbers.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

constexpr std::size_t kPortion = 10'000;  // prefixes of a request, which may have 1 MiB

// Whatever stands before a comment and between blanks, a line each.
std::vector<std::string> read_prefixes(std::istream& in) {
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    line = line.substr(0, line.find('#'));
    const std::size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
    if (first != std::string::npos) out.push_back(line.substr(first, last - first + 1));
  }
  return out;
}

Answer<std::vector<std::string>> prefixes_of(Session& session, const GuardWish& wish) {
  if (wish.file.empty() == wish.prefixes.empty())
    return refuse(Exit::usage, "expected prefixes, or --file with them", "as in tandemctl deny add 198.51.100.66 --ttl 4h");
  if (wish.file.empty()) return wish.prefixes;
  if (wish.file == "-") return read_prefixes(session.world().in);
  std::ifstream file{wish.file};
  if (!file) return refuse(Exit::usage, wish.file + ": cannot be read");
  return read_prefixes(file);
}

Answer<Json> params_of(const Session& session, const GuardWish& wish) {
  Json params = Json::object();
  if (!session.options().reason.empty()) params["reason"] = session.options().reason;
  if (!wish.service.empty()) params["service"] = wish.service;
  if (wish.force) params["force"] = true;
  if (!wish.file.empty()) params["skip_refused"] = true;
  if (wish.ttl.empty()) return params;
  const Answer<std::chrono::milliseconds> ttl = read_duration("--ttl", wish.ttl);
  if (!ttl) return tl::unexpected{ttl.error()};
  params["ttl_seconds"] = std::chrono::duration<double>(*ttl).count();
  return params;
}

std::string counted_prefixes(std::size_t count) { return grouped(count) + (count == 1 ? " prefix" : " prefixes"); }

// "deny 198.51.100.66/32, all services, ends in 4 h"
std::string line_of(const api::GuardEntry& entry) {
  std::string line = entry.list + " " + entry.prefix + (entry.service.empty() ? ", all services" : ", service " + entry.service);
  if (entry.ttl_seconds) line += ", ends in " + two_units(*entry.ttl_seconds);
  if (entry.state != "in force") line += " (" + entry.state + ")";
  return line + "\n";
}

void add(api::GuardChange& all, api::GuardChange part) {
  all.changed += part.changed;
  all.entries.insert(all.entries.end(), part.entries.begin(), part.entries.end());
  all.refused.insert(all.refused.end(), part.refused.begin(), part.refused.end());
  all.peer_silence = part.peer_silence;
}

Outcome tell(Session& session, const std::string& method, const api::GuardChange& done) {
  if (session.for_programs()) session.print_json(method, done);
  else if (done.entries.size() == done.changed)
    for (const api::GuardEntry& entry : done.entries) session.print(line_of(entry));
  else session.print(counted_prefixes(done.changed) + (method.ends_with(".del") ? " taken off" : " on the list") + "\n");
  for (const api::GuardRefusal& refusal : done.refused) session.say(refusal.prefix + ": " + refusal.why);
  if (!done.peer_silence.empty()) session.say(done.peer_silence + ": it will have this when it is back");
  if (done.refused.empty()) return Exit::ok;
  return refuse(Exit::refused, counted_prefixes(done.refused.size()) + " refused, " + grouped(done.changed) + " done");
}

}  // namespace

Outcome change_guard(Session& session, const std::string& method, const GuardWish& wish) {
  const Answer<std::vector<std::string>> prefixes = prefixes_of(session, wish);
  if (!prefixes) return tl::unexpected{prefixes.error()};
  Answer<Json> params = params_of(session, wish);
  if (!params) return tl::unexpected{params.error()};
  return reading([&]() -> Outcome {
    api::GuardChange done;
    for (std::size_t at = 0; at < prefixes->size(); at += kPortion) {
      const auto first = prefixes->begin() + static_cast<std::ptrdiff_t>(at);
      const auto many = static_cast<std::ptrdiff_t>(std::min(kPortion, prefixes->size() - at));
      (*params)["prefixes"] = std::vector<std::string>{first, first + many};
      Answer<Json> answer = session.call(method, *params);
      if (!answer && done.changed > 0) answer.error().message += " (" + grouped(done.changed) + " were done before)";
      if (!answer) return tl::unexpected{answer.error()};
      add(done, answer->get<api::GuardChange>());
    }
    return tell(session, method, done);
  });
}

}  // namespace tandem::cli
