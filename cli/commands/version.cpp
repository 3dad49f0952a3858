// SPDX-License-Identifier: Apache-2.0
// Versions of both sides, and whether they can talk.
#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

constexpr int kApi = api::Version{}.api;

std::string draw(const Json& data, const Look& look) {
  const api::Version daemon = data.at("daemon").get<api::Version>();
  return render(Facts{{"tandemctl", Cell{TANDEM_VERSION ", API " + std::to_string(kApi)}},
                      {"tandemd", Cell{daemon.version + (daemon.revision.empty() ? "" : " (" + daemon.revision + ")") + ", API " +
                                       std::to_string(daemon.api)}},
                      {"DPDK", Cell{daemon.dpdk_version}}},
                look);
}

Answer<void> add_client(Json& data) {
  data = Json{{"client", {{"version", TANDEM_VERSION}, {"api", kApi}}}, {"daemon", std::move(data)}};
  return {};
}

Outcome check(Session& session) {
  const Answer<Json> answer = session.call("version");
  if (!answer) return tl::unexpected{answer.error()};
  return reading([&]() -> Outcome {
    const api::Version daemon = answer->get<api::Version>();
    if (daemon.api != kApi)
      return refuse(Exit::version_mismatch,
                    "tandemd speaks API " + std::to_string(daemon.api) + ", this tandemctl API " + std::to_string(kApi),
                    "use the tandemctl that was installed with tandemd " + daemon.version);
    if (daemon.version != TANDEM_VERSION)
      session.say("tandemd is " + daemon.version + ", tandemctl " TANDEM_VERSION "; both speak API " + std::to_string(kApi));
    return Exit::ok;
  });
}

Outcome version(Session& session, bool only_check) {
  if (only_check)
    if (Outcome checked = check(session); !checked) return checked;
  const Outcome shown = show(session, {.method = "version", .keep = add_client, .draw = draw});
  if (!shown && !session.for_programs()) session.print("tandemctl  " TANDEM_VERSION ", API " + std::to_string(kApi) + "\n");
  return shown;
}

}  // namespace

void add_version(Tree& tree) {
  const auto only_check = std::make_shared<bool>();
  tree.verb("version", "Versions of tandemctl, tandemd and DPDK.", R"(  tandemctl version
  tandemctl version --check                         exit 9 when the two cannot talk)")
      .flag(*only_check, "--check", "exit 9 when tandemctl and tandemd cannot talk")
      .run([only_check](Session& session) { return version(session, *only_check); });
}

}  // namespace tandem::cli
