// SPDX-License-Identifier: Apache-2.0
// tandem-healthd: asks backends whether they live and tells tandemd. Exit: 0 after SIGTERM, 1 when it could not start, 2 wrong usage.
#include <curl/curl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <random>

#include "common/api/json_line.h"
#include "controlplane/health/examiner.h"
#include "controlplane/health/watch.h"

namespace tandem::health {
namespace {

void log(const std::string& text) { std::fprintf(stderr, "tandem-healthd: %s\n", text.c_str()); }

// 256 checks, up to 1024 connections that are being ended, and some.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Rounds::Chance chance_of_its_own() {
  return [engine = std::mt19937_64{std::random_device{}()}]() mutable { return std::uniform_real_distribution<double>{0, 1}(engine); };
}

int run(const std::string& socket) {
  Loop loop;
  Watch* watch = nullptr;
  Examiner examiner{loop, chance_of_its_own(), [&watch](const api::CheckVerdict& verdict) { watch->report(verdict); }};
  Watch watching{loop,
                 socket,
                 {.jobs = [&](const std::vector<api::CheckJob>& jobs) { examiner.set_jobs(jobs); },
                  .run =
                      [&](const std::string& token, const std::string& service, const std::string& backend) {
                        examiner.run(token, service, backend, [&watch](const api::CheckRun& run) { watch->report(run); });
                      },
                  .ask = [&](const std::string& service, const std::string& backend) { examiner.ask(service, backend); },
                  .listened_to_anew = [&] { examiner.tell_all_again(); },
                  .log = log}};
  watch = &watching;
  const auto stop = [&] { watching.flush(), loop.stop(); };
  const Result<Loop::Handle> term = loop.watch_signal(SIGTERM, stop), interrupt = loop.watch_signal(SIGINT, stop);
  if (!term || !interrupt) return log("error: signals cannot be watched"), 1;
  sd_notify(0, "READY=1");
  return loop.run();
}

}  // namespace
}  // namespace tandem::health

int main(int argc, char** argv) {
  std::string socket = "/run/tandem/health.sock";
  CLI::App app{"tandem-healthd: asks backends whether they live, and tells tandemd."};
  app.footer("Example:\n  tandem-healthd --socket /run/tandem/health.sock");
  app.set_version_flag("-V,--version", TANDEM_VERSION);
  app.add_option("-s,--socket", socket, "tandemd's health.sock")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stopped) {
    return app.exit(stopped) == 0 ? 0 : static_cast<int>(tandem::api::Exit::usage);
  }
  std::signal(SIGPIPE, SIG_IGN);
  tandem::health::allow_descriptors();
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return tandem::health::log("error: libcurl cannot be set up"), 1;
  const int code = tandem::health::run(socket);
  curl_global_cleanup();
  return code;
}
