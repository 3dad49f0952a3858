// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/book.h"

#include <algorithm>
#include <tuple>

#include "controlplane/guard/line.h"

namespace tandem::guard {
namespace {

constexpr std::size_t kMostGone = 100'000, kLinesToSpare = 1000;

// FNV-1a: the same on both nodes, and nobody's to attack: what is in the book is the operator's.
class Hash {
 public:
  Hash& add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
    return *this;
  }
  Hash& add(std::string_view text) { return add(std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); }
  Hash& add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) value_ = (value_ ^ (number >> shift & 0xff)) * 0x100000001b3;
    return *this;
  }
  std::uint64_t value() const { return value_ ^ value_ >> 32; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

Hash hash_of(const Place& place) {
  return Hash{}.add(place.service).add(place.prefix.address.bytes).add(std::uint64_t{place.prefix.length});
}

bool is_later(const Word& a, const Word& b) { return std::tie(a.id, a.author->node) > std::tie(b.id, b.author->node); }

std::string lines_of(std::span<const Entry> entries) {
  std::string out;
  for (const Entry& entry : entries) out.append(to_line(entry)).append("\n");
  return out;
}

}  // namespace

std::size_t Book::bucket_of(const Place& place) { return hash_of(place).value() % kBuckets; }

Result<Book> Book::open(std::string path, WallTime now) {
  Book book;
  book.journal_ = Journal{std::move(path)};
  const Result<std::string> content = book.journal_.read();
  if (!content) return fail(content.error());
  Result<std::vector<Entry>> entries = read_lines(*content);
  if (!entries) return fail(entries.error().within("the file of the deny lists; move it away to start without them"));
  book.lines_ = entries->size();
  for (Entry& entry : *entries) {
    book.next_id_ = std::max(book.next_id_, entry.word.id + 1);
    book.put(std::move(entry));
  }
  book.expire(now);
  if (book.journal_.is_cut_short())
    if (Result<> written = book.journal_.write_anew(book.all_lines()); !written) return fail(written.error());
  return book;
}

const Word* Book::find(const Place& place) const {
  const auto at = words_.find(place);
  return at == words_.end() || at->second.gone ? nullptr : &at->second;
}

std::optional<WallTime> Book::next_end() const { return ends_.empty() ? std::nullopt : std::optional{ends_.begin()->first}; }

// What a place's word is part of, besides the map.
void Book::note(const Place& place, const Word& word, bool in) {
  Hash hash = hash_of(place);
  std::uint64_t& sum = sums_[hash.value() % kBuckets];
  sum ^= hash.add(word.id).add(word.author->node).add(std::uint64_t{word.gone} << 1 | static_cast<std::uint64_t>(place.verdict)).value();
  std::size_t& count = counts_[static_cast<std::size_t>(place.verdict)];
  if (!word.gone) in ? ++count : --count;
  if (word.ends) in ? (void)ends_.emplace(*word.ends, &place) : (void)ends_.erase({*word.ends, &place});
  if (word.gone) in ? (void)gone_.emplace(word.id, &place) : (void)gone_.erase({word.id, &place});
}

void Book::put(Entry entry) {
  const auto [at, is_new] = words_.try_emplace(std::move(entry.place));
  if (!is_new) note(at->first, at->second, false);
  at->second = std::move(entry.word);
  note(at->first, at->second, true);
}

void Book::drop(Words::iterator at) {
  note(at->first, at->second, false);
  words_.erase(at);
}

void Book::forget_old_ends() {
  while (gone_.size() > kMostGone) drop(words_.find(*gone_.begin()->second));
}

std::string Book::all_lines() const {
  std::string out;
  for (const auto& [place, word] : words_) out.append(to_line({place, word})).append("\n");
  return out;
}

Result<> Book::write(std::span<const Entry> entries) {
  if (Result<> added = journal_.add(lines_of(entries)); !added) return added;
  lines_ += entries.size();
  return {};
}

Result<> Book::say(std::vector<Entry>& entries) {
  for (std::uint64_t id = next_id_; Entry & entry : entries) entry.word.id = id++;
  if (Result<> written = write(entries); !written) return written;
  next_id_ += entries.size();
  for (const Entry& entry : entries) put(entry);
  forget_old_ends();
  if (lines_ <= 2 * words_.size() + kLinesToSpare) return {};
  if (journal_.write_anew(all_lines())) lines_ = words_.size();  // else all is there as well, and it is tried again
  return {};
}

Result<std::vector<Place>> Book::take(std::vector<Entry> theirs, WallTime now) {
  std::uint64_t next_id = next_id_;
  std::erase_if(theirs, [&](const Entry& entry) {
    next_id = std::max(next_id, entry.word.id + 1);
    const auto ours = words_.find(entry.place);
    return entry.word.is_over(now) || (ours != words_.end() && !is_later(entry.word, ours->second));
  });
  if (Result<> written = write(theirs); !written) return fail(written.error());
  next_id_ = next_id;
  std::vector<Place> news;
  for (Entry& entry : theirs) {
    news.push_back(entry.place);
    put(std::move(entry));
  }
  forget_old_ends();
  return news;
}

// Not written down: whoever reads the file sees that they are over.
std::vector<Place> Book::expire(WallTime now) {
  std::vector<Place> ended;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const auto at = words_.find(*ends_.begin()->second);
    if (!at->second.gone) ended.push_back(at->first);
    drop(at);
  }
  return ended;
}

}  // namespace tandem::guard
