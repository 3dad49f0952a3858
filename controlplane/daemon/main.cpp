// SPDX-License-Identifier: Apache-2.0
// tandemd. Exit: 0 after SIGTERM, 1 when it could not start, 2 wrong usage, 8 a configuration with errors.
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "controlplane/config/load.h"
#include "controlplane/daemon/node.h"
#include "controlplane/daemon/replay_main.h"
#include "controlplane/daemon/version.h"

namespace tandem {
namespace {

// Beside the program in the build tree, else where the package puts them.
std::string find_bpf_dir() {
  std::error_code unreadable;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  const std::filesystem::path built = self.parent_path() / "../../dataplane/bpf";
  return std::filesystem::exists(built / "steer.bpf.o", unreadable) ? built.lexically_normal().string() : TANDEM_BPF_DIR;
}

int complain(const std::string& what) {
  std::fprintf(stderr, "tandemd: error: %s\n", what.c_str());
  return static_cast<int>(api::Exit::failed);
}

// Before any thread is made, so that all of them leave these signals to the loop.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int run(const Options& options, config::ReadOutcome read) {
  Loop loop;
  Result<std::unique_ptr<Node>> node = Node::start(loop, options, std::move(*read.config), std::move(read.text));
  if (!node) return complain(node.error().message);
  if (!(*node)->hugepages())
    std::fprintf(stderr, "tandemd: no hugepages were free: running on 4 KiB pages, which costs speed at many connections\n");
  const auto stop = [&] { sd_notify(0, "STOPPING=1"), (*node)->leave([&loop] { loop.stop(); }); };
  const Result<Loop::Handle> term = loop.watch_signal(SIGTERM, stop), interrupt = loop.watch_signal(SIGINT, stop);
  const Result<Loop::Handle> reload = loop.watch_signal(SIGHUP, [&node] { (*node)->reload(); });
  if (!term || !interrupt || !reload) return complain("signals cannot be watched");
  loop.enable_watchdog();
  std::fprintf(stderr, "tandemd: ready\n");
  sd_notify(0, "READY=1");
  return loop.run();
}

}  // namespace
}  // namespace tandem

int main(int argc, char** argv) {
  using namespace tandem;
  int exit_code = 0;
  std::optional<Options> options = read_options(argc, argv, exit_code);
  if (!options) return exit_code;
  block_signals();
  if (options->bpf_dir.empty()) options->bpf_dir = find_bpf_dir();
  config::ReadOutcome read = config::load_path(options->replay.value_or(options->config));
  if (!read.diagnostics.empty())
    std::fprintf(stderr, "%s%s\n", config::render(read.diagnostics, isatty(STDERR_FILENO) == 1).c_str(),
                 config::render_count(read.diagnostics).c_str());
  if (!read.config) return static_cast<int>(api::Exit::bad_configuration);
  if (read.part != config::Part::whole)
    return complain(read.file + " is one of two files; give the folder that holds node.toml and pair.toml");
  return options->replay ? replay_main(*options, *read.config) : run(*options, std::move(read));
}
