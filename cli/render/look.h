// SPDX-License-Identifier: Apache-2.0
// How answers are shown: the form that was asked for, and what the terminal can do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::cli {

enum class Format : std::uint8_t { table, wide, plain, json, jsonl };

// What colour adds to a word; the word alone says the same.
enum class Tone : std::uint8_t { plain, good, warn, bad, faint, heading };

struct Look {
  Format format = Format::table;
  bool colour = false, header = true;
  std::size_t width = 0;  // cells of the terminal; 0: not a terminal, nothing is cut
};

inline bool is_json(Format format) { return format == Format::json || format == Format::jsonl; }

std::string paint(std::string_view text, Tone tone, const Look& look);

// The tone of a state word of the API: up, draining, degraded, critical …
Tone tone_of(std::string_view state);

}  // namespace tandem::cli
