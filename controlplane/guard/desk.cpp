// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/desk.h"

#include <charconv>

#include "controlplane/guard/line.h"

namespace tandem::guard {
namespace {

constexpr std::size_t kPortionBytes = 200'000;  // of a word's 1 MiB, whose text is escaped once more
constexpr std::size_t kHexDigits = 16;

// Adds lines to the last portion, or begins the next.
class Portions {
 public:
  void add(const Entry& entry) {
    if (out_.empty() || out_.back().size() > kPortionBytes) out_.emplace_back();
    out_.back().append(to_line(entry)).append("\n");
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

}  // namespace

Result<> Desk::open(std::string path, WallTime now) {
  Result<Book> book = Book::open(std::move(path), now);
  if (!book) return fail(book.error());
  book_ = std::move(*book);
  return {};
}

void Desk::configure(const std::vector<Prefix>& protect) {
  if (begun_ && protect == protect_) return;
  begun_ = true, protect_ = protect;
  rules_.begin(book_, protect);
  hooks_.changed();
}

void Desk::take_effect(std::span<const Place> changed) {
  if (changed.empty()) return;
  rules_.renew(book_, changed);
  hooks_.changed();
}

Result<> Desk::say(std::vector<Entry> entries) {
  if (Result<> said = book_.say(entries); !said) return said;
  std::vector<Place> changed;
  Portions portions;
  for (const Entry& entry : entries) changed.push_back(entry.place), portions.add(entry);
  take_effect(changed);
  for (std::string& lines : portions.take()) hooks_.tell(std::move(lines));
  return {};
}

Result<std::size_t> Desk::hear(std::string_view lines, WallTime now) {
  Result<std::vector<Entry>> entries = read_lines(lines);
  if (!entries) return fail(entries.error());
  const Result<std::vector<Place>> news = book_.take(std::move(*entries), now);
  if (!news) return fail(news.error());
  take_effect(*news);
  return news->size();
}

std::vector<Place> Desk::expire(WallTime now) {
  std::vector<Place> ended = book_.expire(now);
  take_effect(ended);
  return ended;
}

std::vector<std::string> Desk::told_to(const Sums& theirs) const {
  Portions portions;
  if (theirs == book_.sums()) return {};
  for (const auto& [place, word] : book_.words()) {
    const std::size_t bucket = Book::bucket_of(place);
    if (theirs[bucket] != book_.sums()[bucket]) portions.add({place, word});
  }
  return portions.take();
}

std::string to_text(const Sums& sums) {
  std::string out;
  for (const std::uint64_t sum : sums)
    for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[sum >> shift & 15];
  return out;
}

std::optional<Sums> read_sums(std::string_view text) {
  if (text.size() != kBuckets * kHexDigits) return std::nullopt;
  Sums sums;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const char* const first = text.data() + i * kHexDigits;
    const auto [end, error] = std::from_chars(first, first + kHexDigits, sums[i], 16);
    if (error != std::errc{} || end != first + kHexDigits) return std::nullopt;
  }
  return sums;
}

}  // namespace tandem::guard
