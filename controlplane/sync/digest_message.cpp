// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/digest_message.h"

#include <algorithm>
#include <cstring>

#include "common/net/byte_order.h"

namespace tandem::sync {
namespace {

struct [[gnu::packed]] Head {
  std::uint8_t about = 0, spare = 0;
  Be16 number;  // of numbers, or of the page
  Be32 groups;
};
struct [[gnu::packed]] WireSum {
  Be16 bucket;
  Be64 sum;
};
static_assert(sizeof(Head) == 8 && sizeof(WireSum) == 10);

template <typename Item>
void append(std::vector<std::uint8_t>& out, const Item& item) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&item);
  out.insert(out.end(), bytes, bytes + sizeof item);
}

template <typename Item>
Item at(Bytes bytes, std::size_t place) {
  Item item;
  std::memcpy(static_cast<void*>(&item), bytes.data() + place, sizeof item);
  return item;
}

std::uint8_t number_of(DigestQuestion::About about) { return static_cast<std::uint8_t>(about); }

std::optional<DigestAnswer> page_of(const Head& head, Bytes bytes) {
  if (bytes.size() < sizeof(Head) + kPageSums * sizeof(Be64) || head.number.host() >= kPages) return std::nullopt;
  DigestPage page{head.number.host(), head.groups.host(), {}};
  for (std::size_t i = 0; i < kPageSums; ++i) page.sums[i] = at<Be64>(bytes, sizeof(Head) + i * sizeof(Be64)).host();
  return DigestAnswer{page, std::nullopt};
}

std::optional<DigestAnswer> buckets_of(const Head& head, Bytes bytes) {
  if (bytes.size() < sizeof(Head) + head.number.host() * sizeof(WireSum)) return std::nullopt;
  DigestBuckets buckets{head.groups.host(), {}};
  for (std::size_t i = 0; i < head.number.host(); ++i) {
    const auto each = at<WireSum>(bytes, sizeof(Head) + i * sizeof(WireSum));
    if (each.bucket.host() >= kFlowBuckets) return std::nullopt;
    buckets.sums.push_back({each.bucket.host(), each.sum.host()});
  }
  return DigestAnswer{std::nullopt, std::move(buckets)};
}

}  // namespace

std::vector<std::uint8_t> encode(const DigestQuestion& question) {
  std::vector<std::uint8_t> out;
  append(out, Head{number_of(question.about), 0, Be16{static_cast<std::uint16_t>(question.numbers.size())}, Be32{0}});
  for (const std::uint16_t number : question.numbers) append(out, Be16{number});
  return out;
}

std::vector<std::uint8_t> encode(const DigestPage& page) {
  std::vector<std::uint8_t> out;
  append(out, Head{number_of(DigestQuestion::About::pages), 0, Be16{page.number}, Be32{page.groups}});
  for (const std::uint64_t sum : page.sums) append(out, Be64{sum});
  return out;
}

std::vector<std::uint8_t> encode(const DigestBuckets& buckets) {
  std::vector<std::uint8_t> out;
  const auto count = static_cast<std::uint16_t>(buckets.sums.size());
  append(out, Head{number_of(DigestQuestion::About::buckets), 0, Be16{count}, Be32{buckets.groups}});
  for (const BucketSum& each : buckets.sums) append(out, WireSum{Be16{each.bucket}, Be64{each.sum}});
  return out;
}

std::optional<DigestQuestion> decode_question(Bytes bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  const Head head = at<Head>(bytes, 0);
  const bool known = head.about >= number_of(DigestQuestion::About::pages) && head.about <= number_of(DigestQuestion::About::mend);
  if (!known || head.number.host() > DigestQuestion::kAtMost || bytes.size() < sizeof(Head) + head.number.host() * sizeof(Be16))
    return std::nullopt;
  DigestQuestion question{static_cast<DigestQuestion::About>(head.about), {}};
  const std::size_t below = question.about == DigestQuestion::About::pages ? kPages : kFlowBuckets;
  for (std::size_t i = 0; i < head.number.host(); ++i) question.numbers.push_back(at<Be16>(bytes, sizeof(Head) + i * sizeof(Be16)).host());
  if (std::ranges::any_of(question.numbers, [&](std::uint16_t number) { return number >= below; })) return std::nullopt;
  return question;
}

std::optional<DigestAnswer> decode_answer(Bytes bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  const Head head = at<Head>(bytes, 0);
  if (head.about == number_of(DigestQuestion::About::pages)) return page_of(head, bytes);
  if (head.about == number_of(DigestQuestion::About::buckets)) return buckets_of(head, bytes);
  return std::nullopt;
}

}  // namespace tandem::sync
