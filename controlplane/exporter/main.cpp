// SPDX-License-Identifier: Apache-2.0
// tandem-exporter: shows Prometheus what tandemd counts. Exit: 0 after SIGTERM, 1 when it could not start, 2 wrong usage.
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "common/api/json_line.h"
#include "controlplane/exporter/daemon_metrics.h"
#include "controlplane/exporter/listener.h"

namespace tandem::exporter {
namespace {

struct Options {
  std::string socket = "/run/tandem/status.sock", listen = "127.0.0.1:18263";
  std::int64_t timeout_ms = 200;
  std::size_t most_series = kMostSeries;
};

// The HTTP server's threads inherit the mask, so the signals wait for us.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int run(const Options& options) {
  const sigset_t signals = block_signals();
  const auto metrics = std::make_shared<DaemonMetrics>(options.socket, std::chrono::milliseconds{options.timeout_ms}, options.most_series);
  Result<std::unique_ptr<prometheus::Exposer>> listener = open_listener(options.listen);
  if (!listener) {
    std::fprintf(stderr, "tandem-exporter: error: %s\n", listener.error().message.c_str());
    return static_cast<int>(api::Exit::failed);
  }
  (*listener)->RegisterCollectable(metrics);
  std::fprintf(stderr, "tandem-exporter: http://%s/metrics\n", options.listen.c_str());
  sd_notify(0, "READY=1");
  int signal = 0;
  sigwait(&signals, &signal);
  std::_Exit(0);  // nothing is to be saved, and the HTTP library would take two seconds to stop
}

}  // namespace
}  // namespace tandem::exporter

int main(int argc, char** argv) {
  tandem::exporter::Options options;
  CLI::App app{"tandem-exporter: shows Prometheus what tandemd counts."};
  app.footer("Example:\n  tandem-exporter --socket /run/tandem/status.sock --listen 127.0.0.1:18263");
  app.set_version_flag("-V,--version", TANDEM_VERSION);
  app.add_option("-s,--socket", options.socket, "tandemd's status.sock")->capture_default_str();
  app.add_option("--listen", options.listen, "IPv4 address and port")->capture_default_str();
  app.add_option("--timeout-ms", options.timeout_ms, "tandemd counts as away when it takes longer")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--max-series", options.most_series, "above this, families by backend are left out")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stopped) {
    return app.exit(stopped) == 0 ? 0 : static_cast<int>(tandem::api::Exit::usage);
  }
  return tandem::exporter::run(options);
}
