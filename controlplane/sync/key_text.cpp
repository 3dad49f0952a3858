// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/key_text.h"

#include "controlplane/sync/hex.h"

namespace tandem::sync {
namespace {

constexpr std::string_view kHead =
    "# The secret of one pair of Tandem nodes. Both hold the same file; copy it by a way you trust, show it to nobody.\n"
    "# `tandemctl pair key add|retire` changes it.\n";
constexpr std::size_t kMostBytes = 1024;  // of a file with two keys, whose text must never move: what moves leaves a copy behind

struct Line {
  std::string_view name, value;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// An empty name: nothing on it. Hex digits hold no '#', so one always begins a remark.
Result<Line> read_line(std::string_view text) {
  text = trim(text.substr(0, text.find('#')));
  if (text.empty()) return Line{};
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return fail("expected NAME = \"HEX DIGITS\"");
  const std::string_view name = trim(text.substr(0, equals)), quoted = trim(text.substr(equals + 1));
  if (name.empty() || quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return fail("expected NAME = \"HEX DIGITS\"");
  return Line{name, quoted.substr(1, quoted.size() - 2)};
}

struct Found {
  bool cluster = false, seed = false, send = false;
};

Result<> take_once(bool& found, bool fits, std::string_view name, std::size_t digits) {
  if (found) return fail(std::string{name} + " is there twice");
  if (!fits) return fail(std::string{name} + ": expected " + std::to_string(digits) + " hex digits");
  found = true;
  return {};
}

Result<> take_key(std::string_view id_digits, std::string_view secret_digits, PairKeys& keys) {
  const std::optional<KeyId> id = read_key_id(id_digits);
  if (!id) return fail("a key is named key. and four hex digits, not 0000");
  if (keys.find(*id) != nullptr) return fail("key." + to_string(*id) + " is there twice");
  if (keys.keys.size() == 2) return fail("there are more than two keys; retire one");
  Secret secret;
  if (!read_hex(secret_digits, secret.writable())) return fail("key." + to_string(*id) + ": expected 64 hex digits");
  keys.keys.emplace_back(*id, secret);
  return {};
}

Result<> take(const Line& line, PairKeys& keys, Found& found) {
  if (line.name.empty()) return {};
  if (line.name == "cluster") return take_once(found.cluster, read_hex_number(line.value, keys.cluster), "cluster", 16);
  if (line.name == "hash_seed") return take_once(found.seed, read_hex(line.value, keys.seed.writable()), "hash_seed", 64);
  if (line.name == "send") {
    const std::optional<KeyId> id = read_key_id(line.value);
    keys.send = id.value_or(KeyId{});
    return take_once(found.send, id.has_value(), "send", 4);
  }
  if (line.name.starts_with("key.")) return take_key(line.name.substr(4), line.value, keys);
  return fail("an unknown name; expected cluster, hash_seed, send or key.ID");
}

Result<> judge(const PairKeys& keys, const Found& found) {
  if (!found.cluster) return fail("cluster is missing");
  if (!found.seed) return fail("hash_seed is missing");
  if (!found.send) return fail("send is missing");
  if (keys.keys.empty()) return fail("there is no key");
  if (keys.find(keys.send) == nullptr) return fail("send: there is no key " + to_string(keys.send));
  return {};
}

void print_line(std::string& to, std::string_view name, std::span<const std::uint8_t> bytes) {
  to.append(name).append(" = \"");
  append_hex(to, bytes);
  to.append("\"\n");
}

}  // namespace

Result<PairKeys> parse_keys(std::string_view text) {
  PairKeys keys;
  keys.keys.reserve(2);
  Found found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const Result<Line> line = read_line(text.substr(0, end));
    const Result<> taken = line ? take(*line, keys, found) : Result<>{fail(line.error())};
    if (!taken) return fail(taken.error().within("line " + std::to_string(number)));
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
  if (const Result<> whole = judge(keys, found); !whole) return fail(whole.error());
  return keys;
}

WipedText print_keys(const PairKeys& keys) {
  WipedText out;
  out.text.reserve(kMostBytes);
  out.text.append(kHead).append("cluster = \"").append(hex_of(keys.cluster)).append("\"\n");
  print_line(out.text, "hash_seed", keys.seed.bytes());
  out.text.append("send = \"").append(to_string(keys.send)).append("\"\n");
  for (const PairKey& key : keys.keys) print_line(out.text, "key." + to_string(key.id), key.secret.bytes());
  return out;
}

}  // namespace tandem::sync
