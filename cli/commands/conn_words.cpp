// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/conn_words.h"

#include <array>
#include <string_view>

#include "cli/commands/options.h"
#include "controlplane/config/suggest.h"

namespace tandem::cli {
namespace {

using api::Answer;
using api::Exit;
using api::Json;

enum class Value { text, number, duration };

struct Word {
  std::string_view name;
  char sign;
  Value value;
};

constexpr std::array kWords{Word{"service", '=', Value::text},  Word{"backend", '=', Value::text}, Word{"proto", '=', Value::text},
                            Word{"src", '=', Value::text},      Word{"dst", '=', Value::text},     Word{"sport", '=', Value::number},
                            Word{"dport", '=', Value::number},  Word{"vip", '=', Value::text},     Word{"state", '=', Value::text},
                            Word{"worker", '=', Value::number}, Word{"age", '>', Value::duration}, Word{"idle", '>', Value::duration}};

const Word* find(std::string_view name) {
  for (const Word& word : kWords)
    if (word.name == name) return &word;
  return nullptr;
}

std::string suggestion(std::string_view name) {
  std::array<std::string_view, kWords.size()> names;
  for (std::size_t i = 0; i < kWords.size(); ++i) names[i] = kWords[i].name;
  const std::string_view nearest = config::nearest(name, names);
  if (!nearest.empty()) return "did you mean \"" + std::string{nearest} + find(nearest)->sign + "\"?";
  return "there are service= backend= proto= src= dst= sport= dport= vip= state= worker= age> idle>";
}

Answer<void> add(Json& filter, const Word& word, const std::string& value) {
  const std::string name{word.name};
  if (value.empty()) return refuse(Exit::usage, name + word.sign + ": a value is missing");
  if (word.value == Value::text) {
    filter[name] = value;
    return {};
  }
  if (word.value == Value::number) {
    const Answer<std::uint64_t> number = read_number(name + word.sign, value);
    if (!number) return tl::unexpected{number.error()};
    filter[name] = *number;
    return {};
  }
  const auto duration = read_duration(name + word.sign, value);
  if (!duration) return tl::unexpected{duration.error()};
  filter[name + "_over_seconds"] = std::chrono::duration<double>(*duration).count();
  return {};
}

}  // namespace

Answer<Json> read_filter(const std::vector<std::string>& words) {
  Json filter = Json::object();
  for (const std::string& written : words) {
    const std::size_t end = written.find_first_of("=>");
    const std::string name = written.substr(0, end);
    const Word* word = find(name);
    if (word == nullptr) return refuse(Exit::usage, "unknown filter word \"" + written + "\"", suggestion(name));
    if (end == std::string::npos || written[end] != word->sign)
      return refuse(Exit::usage, "filter word \"" + written + "\": expected " + name + word->sign + "…",
                    word->sign == '>' ? "quote it, or the shell takes > for itself" : "");
    if (const Answer<void> added = add(filter, *word, written.substr(end + 1)); !added) return tl::unexpected{added.error()};
  }
  return filter;
}

}  // namespace tandem::cli
