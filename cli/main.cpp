// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <iostream>

#include "cli/run.h"

namespace {

std::atomic<bool> interrupted{false};

void note_interrupt(int) { interrupted = true; }

// Waits end early, so that a drain can say how it stands. A second Ctrl-C kills.
void watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

void pause_for(std::chrono::milliseconds time) {
  const timespec wanted{time.count() / 1000, time.count() % 1000 * 1'000'000};
  nanosleep(&wanted, nullptr);
}

std::map<std::string, std::string> environment(char** variables) {
  std::map<std::string, std::string> out;
  for (; *variables != nullptr; ++variables) {
    const std::string variable = *variables;
    const std::size_t end = variable.find('=');
    if (end != std::string::npos) out[variable.substr(0, end)] = variable.substr(end + 1);
  }
  return out;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv, char** variables) {
  watch_interrupt();
  tzset();
  tandem::cli::Surroundings world{std::cin,
                                  std::cout,
                                  std::cerr,
                                  isatty(STDIN_FILENO) == 1,
                                  isatty(STDOUT_FILENO) == 1,
                                  isatty(STDERR_FILENO) == 1,
                                  terminal_width(),
                                  environment(variables),
                                  [] { return std::chrono::system_clock::now(); },
                                  [] { return std::chrono::steady_clock::now(); },
                                  pause_for,
                                  [] { return interrupted.load(); }};
  return tandem::cli::run({argv + 1, argv + argc}, world);
}
