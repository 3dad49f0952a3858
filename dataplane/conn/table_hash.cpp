// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/table_hash.h"

#include <immintrin.h>

#include <cstring>

#include "common/base/ensure.h"
#include "dataplane/conn/sip_lanes.h"

namespace tandem {
namespace {

std::uint64_t word_of(const ClientEnd4& end) noexcept {
  std::uint64_t word;
  std::memcpy(&word, &end, sizeof word);
  return word;
}

std::array<std::uint64_t, 3> words_of(const ClientEnd6& end) noexcept {
  std::array<std::uint64_t, 2> address;
  std::uint32_t port;  // port, protocol, zero
  std::memcpy(address.data(), &end.address, sizeof address);
  std::memcpy(&port, &end.port, sizeof port);
  return {address[0], address[1], port};
}

#define TANDEM_AES __attribute__((target("aes,sse4.1")))

TANDEM_AES inline __m128i round_key(const TableHasher::RoundKeys& keys, std::size_t round) noexcept {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(keys[round].data()));
}

TANDEM_AES inline __m128i rounds(__m128i state, const TableHasher::RoundKeys& keys, std::size_t from, std::size_t count) noexcept {
  for (std::size_t round = from; round < from + count; ++round) state = _mm_aesenc_si128(state, round_key(keys, round));
  return state;
}

TANDEM_AES inline std::uint64_t aes_hash(const TableHasher::RoundKeys& keys, const ClientEnd4& end) noexcept {
  const __m128i block = _mm_cvtsi64_si128(static_cast<long long>(word_of(end)));
  const __m128i state = rounds(_mm_xor_si128(block, round_key(keys, 0)), keys, 1, TableHasher::kAesRounds);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(state));
}

// The address, two rounds, then port and protocol, then as many rounds as for IPv4.
TANDEM_AES inline std::uint64_t aes_hash(const TableHasher::RoundKeys& keys, const ClientEnd6& end) noexcept {
  std::uint32_t port_word;
  std::memcpy(&port_word, &end.port, sizeof port_word);  // port, protocol, zero
  const __m128i address = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end.address.bytes.data()));
  const __m128i port = _mm_cvtsi32_si128(static_cast<int>(port_word));
  const __m128i mixed = rounds(_mm_xor_si128(address, round_key(keys, 0)), keys, TableHasher::kAesRounds + 1, 2);
  const __m128i state = rounds(_mm_xor_si128(mixed, port), keys, 1, TableHasher::kAesRounds);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(state));
}

template <typename End>
TANDEM_AES void aes_batch(const TableHasher::RoundKeys& keys, std::span<const End> ends, std::span<std::uint64_t> out) noexcept {
  for (std::size_t i = 0; i < ends.size(); ++i) out[i] = aes_hash(keys, ends[i]);
}

TANDEM_AES std::uint64_t aes_one4(const TableHasher::RoundKeys& keys, const ClientEnd4& end) noexcept { return aes_hash(keys, end); }
TANDEM_AES std::uint64_t aes_one6(const TableHasher::RoundKeys& keys, const ClientEnd6& end) noexcept { return aes_hash(keys, end); }

#undef TANDEM_AES

}  // namespace

std::uint64_t sip_table_hash(const SipKey& key, const ClientEnd4& end) noexcept { return siphash13_words<1>(key, {word_of(end)}); }
std::uint64_t sip_table_hash(const SipKey& key, const ClientEnd6& end) noexcept { return siphash13_words<3>(key, words_of(end)); }

bool TableHasher::has_aes() noexcept { return __builtin_cpu_supports("aes") != 0; }

TableHasher::TableHasher(const SipKey& key, Kind kind) noexcept : key_{key}, kind_{kind} {
  ensure(kind != Kind::aes || has_aes());
  for (std::uint64_t i = 0; i < round_keys_.size(); ++i) {
    round_keys_[i] = {siphash13_words<2>(key, {i, 0}), siphash13_words<2>(key, {i, 1})};
  }
}

std::uint64_t TableHasher::operator()(const ClientEnd4& end) const noexcept {
  return kind_ == Kind::aes ? aes_one4(round_keys_, end) : sip_table_hash(key_, end);
}

std::uint64_t TableHasher::operator()(const ClientEnd6& end) const noexcept {
  return kind_ == Kind::aes ? aes_one6(round_keys_, end) : sip_table_hash(key_, end);
}

void TableHasher::batch(std::span<const ClientEnd4> ends, std::span<std::uint64_t> out) const noexcept {
  if (kind_ == Kind::aes) return aes_batch(round_keys_, ends, out);
  std::size_t i = 0;
  for (; i + kSipLanes <= ends.size(); i += kSipLanes) {
    SipWords words;
    for (std::size_t lane = 0; lane < kSipLanes; ++lane) words[lane] = word_of(ends[i + lane]);
    sip_lanes<1>(key_, {words}, out.data() + i);
  }
  for (; i < ends.size(); ++i) out[i] = sip_table_hash(key_, ends[i]);
}

void TableHasher::batch(std::span<const ClientEnd6> ends, std::span<std::uint64_t> out) const noexcept {
  if (kind_ == Kind::aes) return aes_batch(round_keys_, ends, out);
  std::size_t i = 0;
  for (; i + kSipLanes <= ends.size(); i += kSipLanes) {
    std::array<SipWords, 3> words;
    for (std::size_t lane = 0; lane < kSipLanes; ++lane) {
      const std::array<std::uint64_t, 3> of_lane = words_of(ends[i + lane]);
      for (std::size_t w = 0; w < of_lane.size(); ++w) words[w][lane] = of_lane[w];
    }
    sip_lanes<3>(key_, words, out.data() + i);
  }
  for (; i < ends.size(); ++i) out[i] = sip_table_hash(key_, ends[i]);
}

}  // namespace tandem
