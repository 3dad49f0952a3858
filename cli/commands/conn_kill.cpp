// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/conn_kill.h"

#include "cli/commands/conn_words.h"
#include "cli/render/numbers.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

std::string outcome(const api::Killed& killed) {
  std::string text = counted(killed.matched, "connection") + " matched: " + grouped(killed.here) + " ended here";
  if (killed.at_peer > 0) text += ", " + grouped(killed.at_peer) + " by the peer";
  if (killed.missed > 0) text += ", " + grouped(killed.missed) + " not reached";
  return text + "\n";
}

void print(Session& session, const Json& killed) {
  if (session.for_programs()) session.print_json("conn.kill", killed);
  else session.print(outcome(killed.get<api::Killed>()));
}

// Done in part: what was, and then what is missing.
Outcome print_partly(Session& session, const Failure& failure) {
  if (failure.exit != Exit::partly_done || !failure.details.is_object()) return tl::unexpected{failure};
  return reading([&]() -> Outcome {
    print(session, failure.details);
    return tl::unexpected{failure};
  });
}

Outcome kill(Session& session, const std::vector<std::string>& words) {
  const Answer<Json> filter = read_filter(words);
  if (!filter) return tl::unexpected{filter.error()};
  if (const Answer<void> sure = session.confirm("This ends every connection that matches."); !sure) return tl::unexpected{sure.error()};
  Json params{{"filter", *filter}};
  if (!session.options().reason.empty()) params["reason"] = session.options().reason;
  const Answer<Json> killed = session.call("conn.kill", params);
  if (!killed) return print_partly(session, killed.error());
  return reading([&]() -> Outcome {
    print(session, *killed);
    return Exit::ok;
  });
}

}  // namespace

void add_conn_kill(Noun& noun) {
  const auto words = std::make_shared<std::vector<std::string>>();
  noun.verb("kill", "Ends those that match: resets to both ends of TCP, at both nodes.",
            R"(  tandemctl conn kill src=192.0.2.66 --yes --reason "abuse"
  tandemctl conn kill backend=web/web-1 'idle>1h')")
      .words(*words, "WORD", kWordsHelp)
      .run([words](Session& session) { return kill(session, *words); });
}

}  // namespace tandem::cli
