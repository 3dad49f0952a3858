// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/driver_log.h"

#include <bpf/libbpf.h>
#include <rte_log.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string_view>

namespace tandem {

namespace {

constexpr std::size_t kLinesKept = 4, kLineBytesMax = 300;

struct Lines {
  std::mutex mutex;
  std::deque<std::string> kept;

  void add(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) return;
    const std::lock_guard lock{mutex};
    if (kept.size() == kLinesKept) kept.pop_front();
    kept.emplace_back(line.substr(0, kLineBytesMax));
  }
};

Lines& lines() {
  static Lines all;
  return all;
}

ssize_t on_write(void*, const char* bytes, std::size_t count) {
  lines().add({bytes, count});
  std::fwrite(bytes, 1, count, stderr);
  return static_cast<ssize_t>(count);
}

int on_libbpf(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  if (level == LIBBPF_WARN) std::fputs(text.data(), stderr);
  lines().add(text.data());
  return 0;
}

}  // namespace

void route_driver_logs() {
  static std::FILE* const stream = fopencookie(nullptr, "w", {nullptr, on_write, nullptr, nullptr});
  if (stream != nullptr) {
    std::setvbuf(stream, nullptr, _IOLBF, 0);
    rte_openlog_stream(stream);
  }
  libbpf_set_print(on_libbpf);
}

void forget_driver_lines() {
  const std::lock_guard lock{lines().mutex};
  lines().kept.clear();
}

std::string last_driver_lines() {
  const std::lock_guard lock{lines().mutex};
  std::string all;
  for (const std::string& line : lines().kept) all += (all.empty() ? "" : "; ") + line;
  return all;
}

std::string with_driver_lines(const std::string& error) {
  const std::string said = last_driver_lines();
  return said.empty() ? error : error + " (" + said + ")";
}

}  // namespace tandem
