// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/diagnostic.h"

#include <algorithm>
#include <tuple>

namespace tandem::config {
namespace {

// Colour never carries meaning alone: the same words stand there without it.
struct Palette {
  std::string_view place, error, warning, gutter, caret, end;
};
constexpr Palette kPlain{"", "", "", "", "", ""};
constexpr Palette kColours{"\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[34m", "\x1b[1;36m", "\x1b[0m"};

// What a file says goes to a terminal: no byte of it may steer one. Tabs become one cell, so that carets stand right.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    out += c == '\t' ? ' ' : control ? '?' : c;
  }
  return out;
}

std::string right_aligned(std::string text, std::size_t width) {
  return text.size() < width ? text.insert(0, width - text.size(), ' ') : text;
}

std::string counted(std::ptrdiff_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

std::string snippet(const Diagnostic& diagnostic, const Palette& palette) {
  constexpr std::size_t kNumberWidth = 5;
  const std::string number = right_aligned(std::to_string(diagnostic.place.line), kNumberWidth);
  std::string out;
  out.append(palette.gutter).append(number).append(" | ").append(palette.end).append(printable(diagnostic.source_line)).append("\n");
  out.append(palette.gutter).append(number.size(), ' ').append(" | ").append(palette.end).append(diagnostic.caret, ' ');
  out.append(palette.caret).append(std::max(diagnostic.place.length, 1u), '^').append(palette.end);
  if (!diagnostic.note.empty()) out.append(" ").append(printable(diagnostic.note));
  return out.append("\n");
}

}  // namespace

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.is_error(); });
}

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  const auto key = [](const Diagnostic& d) { return std::tuple{!d.is_error(), d.place.file, d.place.line, d.place.column}; };
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

std::string render(const Diagnostic& diagnostic, bool coloured) {
  const Palette& palette = coloured ? kColours : kPlain;
  std::string out;
  out.append(palette.place).append(printable(diagnostic.file));
  if (diagnostic.place.line > 0) {
    out.append(":").append(std::to_string(diagnostic.place.line)).append(":").append(std::to_string(diagnostic.place.column));
  }
  out.append(":").append(palette.end).append(" ").append(diagnostic.is_error() ? palette.error : palette.warning);
  out.append(diagnostic.is_error() ? "error[" : "warning[").append(info(diagnostic.code).name).append("]:").append(palette.end);
  out.append(" ").append(printable(diagnostic.text)).append("\n");
  return diagnostic.source_line.empty() ? out : out.append(snippet(diagnostic, palette));
}

std::string render(std::span<const Diagnostic> diagnostics, bool coloured) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic, coloured);
  return out.append(render_count(diagnostics)).append("\n");
}

std::string render_count(std::span<const Diagnostic> diagnostics) {
  const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.is_error(); });
  const auto warnings = static_cast<std::ptrdiff_t>(diagnostics.size()) - errors;
  std::string out = counted(errors, "error");
  return warnings == 0 ? out : out.append(", ").append(counted(warnings, "warning"));
}

}  // namespace tandem::config
