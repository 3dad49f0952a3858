// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/options.h"

#include <CLI/CLI.hpp>

#include "common/api/json_line.h"
#include "controlplane/daemon/version.h"

namespace tandem {

std::optional<Options> read_options(int argc, char** argv, int& exit_code) {
  Options options;
  CLI::App app{"tandemd: forwards the traffic of virtual services to their backends, in user space."};
  app.footer("Examples:\n  tandemd --config /etc/tandem\n  tandemd --replay problem.toml     # pcap in, pcap out, counters as JSON");
  app.set_version_flag("-V,--version", version_text());
  app.add_option("--config", options.config, "tandem.toml, or the folder that holds it, or node.toml and pair.toml")->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "folder of the sockets")->capture_default_str();
  app.add_option("--state-dir", options.state_dir, "folder of overlay, history, events and hash seed")->capture_default_str();
  app.add_option("--bpf-dir", options.bpf_dir, "folder of the steering programs");
  CLI::Option* replay =
      app.add_option("--replay", options.replay, "run this configuration's pcap: ports to their end, print counters, exit");
  app.add_option("--seed", options.seed, "replay: file of the hash seed")->needs(replay);
  app.add_flag("!--no-punt-reserve", options.punt_reserve, "one rate for all punt classes (for tests)")->group("");
  app.add_flag("!--no-ingress-drop", options.ingress_drop, "leave VIP frames of af_packet ports to the kernel too (for tests)")->group("");
  app.add_flag("!--no-state-sync", options.state_sync, "tell the other node of no connection (for tests)")->group("");
  app.add_flag("!--no-digests", options.digests, "compare no connections with the other node (for tests)")->group("");
  app.add_flag("--previous-version", options.previous_version, "speak with the other node as the release before does (for tests)")
      ->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stopped) {
    exit_code = app.exit(stopped) == 0 ? 0 : static_cast<int>(api::Exit::usage);
    return std::nullopt;
  }
  return options;
}

}  // namespace tandem
