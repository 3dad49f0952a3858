// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/rules.h"

#include <algorithm>
#include <set>

namespace tandem::guard {
namespace {

// So many changes at once, and such a share of what there is: then ranges are made anew as a whole.
constexpr std::size_t kBulk = 256, kBulkShare = 8;

// Somebody may be denied by it who was not before: by a deny, or by what an allow that is no more leaves to others.
bool denies_more(RuleWord before, RuleWord after) {
  if (denies(after)) return !denies(before);
  return after == RuleWord::none && before != RuleWord::none && !denies(before);
}

bool lies_in(const Prefix& inner, const Prefix& outer) { return inner.length >= outer.length && outer.contains(inner.address); }

}  // namespace

RuleWord Rules::List::put(const Prefix& prefix, RuleWord rule) {
  if (prefix.address.family == Family::ipv4) return v4.put({number_of(prefix.address.v4()), prefix.length}, rule);
  return v6.put({number_of(prefix.address.v6()), prefix.length}, rule);
}

void Rules::List::bulk(bool begins) {
  if (begins) v4.begin_bulk(), v6.begin_bulk();
  else v4.end_bulk(), v6.end_bulk();
}

const Prefix* Rules::protects(const Prefix& prefix) const {
  const auto found = std::find_if(protect_.begin(), protect_.end(), [&](const Prefix& each) { return lies_in(prefix, each); });
  return found == protect_.end() ? nullptr : &*found;
}

RuleWord Rules::rule_at(const Book& book, const std::string& service, const Prefix& prefix) const {
  if (const Prefix* protect = protects(prefix)) {
    const bool is_itself = service.empty() && *protect == prefix;
    return is_itself ? rule_word(prefix.length, true) : RuleWord::none;
  }
  if (book.find({service, prefix, Verdict::allow}) != nullptr) return rule_word(prefix.length, true);
  return book.find({service, prefix, Verdict::deny}) != nullptr ? rule_word(prefix.length, false) : RuleWord::none;
}

void Rules::publish(List& list) { list.published = std::make_shared<const PrefixRules>(list.v4.ranges(), list.v6.ranges()); }

void Rules::begin(const Book& book, std::vector<Prefix> protect) {
  const bool running = !lists_.empty();
  protect_ = std::move(protect);
  lists_.clear();
  lists_[""];
  for (const auto& [place, word] : book.words()) lists_[place.service];
  for (auto& [service, list] : lists_) list.bulk(true);
  for (const Prefix& prefix : protect_) lists_[""].put(prefix, rule_word(prefix.length, true));
  for (const auto& [place, word] : book.words()) lists_[place.service].put(place.prefix, rule_at(book, place.service, place.prefix));
  for (auto& [service, list] : lists_) list.bulk(false), publish(list);
  if (!running) return;  // whoever comes is judged by these lists
  ++version_;
  told_since_ = version_, recent_.clear();
}

void Rules::renew(const Book& book, std::span<const Place> changed) {
  std::set<std::string> services;
  for (const Place& place : changed) services.insert(place.service);
  std::size_t known = 0;
  for (const std::string& service : services) known += lists_[service].size();
  const bool bulk = changed.size() >= kBulk && changed.size() >= known / kBulkShare;
  if (bulk)
    for (const std::string& service : services) lists_[service].bulk(true);
  std::vector<Prefix> newly;
  for (const Place& place : changed) {
    const RuleWord after = rule_at(book, place.service, place.prefix);
    if (denies_more(lists_[place.service].put(place.prefix, after), after)) newly.push_back(place.prefix);
  }
  for (const std::string& service : services) {
    if (bulk) lists_[service].bulk(false);
    publish(lists_[service]);
  }
  if (!newly.empty()) note_denied(std::move(newly));
}

void Rules::note_denied(std::vector<Prefix> newly) {
  ++version_;
  if (newly.size() > kRecent) {
    told_since_ = version_, recent_.clear();
    return;
  }
  for (const Prefix& prefix : newly) recent_.push_back({version_, prefix});
  while (recent_.size() > kRecent) {
    told_since_ = recent_.front().version;
    std::erase_if(recent_, [&](const NewlyDenied& each) { return each.version == told_since_; });
  }
}

config::GuardLists Rules::lists() const {
  config::GuardLists out;
  GuardView view;
  view.version = version_, view.told_since = told_since_, view.recent = recent_;
  for (const auto& [service, list] : lists_) {
    if (service.empty()) view.everywhere = list.published;
    else if (list.size() > 0) out.of_service.emplace(service, list.published);
  }
  out.view = std::make_shared<const GuardView>(std::move(view));
  return out;
}

}  // namespace tandem::guard
