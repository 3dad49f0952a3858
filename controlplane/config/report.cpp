// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/report.h"

#include <algorithm>

namespace tandem::config {
namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// The bytes of `text` from code point `first` on, at most `count` of them.
std::string_view code_points(std::string_view text, std::size_t first, std::size_t count) {
  std::size_t seen = 0, begin = text.size(), end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_code_point(text[i])) continue;
    if (seen == first) begin = i;
    if (seen++ == first + count) return text.substr(begin, i - begin);
  }
  return text.substr(begin, end - begin);
}

// Values and keys are shown in their line; what relates two places is said by its sentence alone.
bool shows_line(Code code) { return info(code).name[1] != '3'; }

}  // namespace

Report::Report(std::span<const Source> sources) : sources_{sources} {
  for (const Source& source : sources) {
    std::vector<std::size_t>& starts = line_starts_.emplace_back(1);
    for (std::size_t i = 0; i < source.text.size(); ++i) {
      if (source.text[i] == '\n') starts.push_back(i + 1);
    }
  }
}

std::string_view Report::line(Place place) const {
  const std::vector<std::size_t>& starts = line_starts_[place.file];
  if (place.line == 0 || place.line > starts.size()) return {};
  const std::string_view rest = std::string_view{sources_[place.file].text}.substr(starts[place.line - 1]);
  const std::string_view whole = rest.substr(0, rest.find('\n'));
  return whole.ends_with('\r') ? whole.substr(0, whole.size() - 1) : whole;
}

void Report::add(Code code, Place place, std::string text, std::string note) {
  if (is_full()) {
    ++left_out_;
    return;
  }
  constexpr std::uint32_t kBefore = 80, kWidth = 160;  // a line may be a megabyte; a terminal is not
  Diagnostic diagnostic{code, sources_[place.file].file, place, std::move(text), std::move(note), {}, 0};
  if (shows_line(code) && place.column > 0) {
    const std::uint32_t first = place.column - 1 > kBefore + 40 ? place.column - 1 - kBefore : 0;
    diagnostic.source_line = code_points(line(place), first, kWidth);
    // A text may end before the place where more of it was expected.
    diagnostic.caret = std::min(place.column - 1 - first, static_cast<std::uint32_t>(diagnostic.source_line.size()));
    diagnostic.place.length = std::clamp(place.length, 1u, kWidth - std::min(diagnostic.caret, kWidth - 1));
  }
  diagnostics_.push_back(std::move(diagnostic));
}

bool Report::has(Code code) const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [code](const Diagnostic& d) { return d.code == code; });
}

std::string Report::line_of(Place place) const {
  const std::string number = std::to_string(place.line);
  if (sources_.size() == 1) return "line " + number;
  const std::string& file = sources_[place.file].file;
  return file.substr(file.rfind('/') + 1).append(":").append(number);  // npos + 1 is 0
}

std::vector<Diagnostic> Report::take() {
  sort_by_place(diagnostics_);
  if (left_out_ > 0) {
    std::string text = std::to_string(left_out_).append(" more problems are not shown");
    diagnostics_.push_back({Code::too_many_problems, sources_.front().file, {}, std::move(text), {}, {}, 0});
  }
  return std::move(diagnostics_);
}

Place Places::of(std::string path) const {
  for (;;) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const std::size_t dot = path.rfind('.');
    if (dot == path.npos) return {};
    path.resize(dot);
  }
}

}  // namespace tandem::config
