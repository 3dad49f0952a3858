// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/election.h"

#include <algorithm>

namespace tandem::ha {
namespace {

constexpr int kLongestIntervals = 4;  // of ours: a forged advert must not silence a VIP for minutes (ha.md, failure 19)

Nanoseconds skew(std::uint8_t priority, Nanoseconds interval) { return interval * (256 - priority) / 256; }

bool outranks(const Election::Heard& advert, const Election::Own& own) {
  if (advert.priority != own.priority) return advert.priority > own.priority;
  const auto same_family = [&](const IpAddress& address) { return address.family == advert.from.family; };
  const auto mine = std::find_if(own.addresses.begin(), own.addresses.end(), same_family);
  return mine != own.addresses.end() && advert.from > *mine;
}

}  // namespace

Nanoseconds Election::master_down(const Own& own, std::chrono::milliseconds interval) {
  const Nanoseconds counted = std::min<Nanoseconds>(interval, kLongestIntervals * own.interval);
  return 3 * counted + skew(own.priority, counted);
}

void Election::begin(std::size_t lans, Instant now) { lans_.assign(lans, Lan{now, {}, false, std::nullopt}); }

void Election::restart(Instant now) {
  for (Lan& lan : lans_) lan.heard = now;
}

void Election::heard(const Heard& advert, const Own& own, Instant now) {
  if (advert.lan >= lans_.size()) return;
  Lan& lan = lans_[advert.lan];
  if (advert.priority == 0) {  // it leaves: RFC 9568 6.4.2, skew time alone
    lan.heard = now, lan.patience = skew(own.priority, own.interval), lan.higher_claim = false, lan.claimed_until.reset();
    return;
  }
  lan.higher_claim = outranks(advert, own);
  lan.claimed_until = now + master_down(own, advert.interval);
  if (!lan.higher_claim && own.preempt && advert.priority < own.priority) return;  // not obeyed: our patience runs on
  lan.heard = now, lan.patience = master_down(own, advert.interval);
}

Decision Election::decide(Role role, const Own& own, Instant now) {
  const auto silent = [&](std::size_t i) {
    const Lan& lan = lans_[i];
    return now - lan.heard >= (lan.patience > Nanoseconds{0} ? lan.patience : master_down(own, own.interval));
  };
  bool any_up = false, all_silent = true, higher = false;
  for (std::size_t i = 0; i < lans_.size(); ++i) {
    if (i < own.link_up.size() && !own.link_up[i]) continue;
    any_up = true;
    all_silent = all_silent && silent(i);
    higher = higher || std::exchange(lans_[i].higher_claim, false);
  }
  if (role == Role::starting) return {Act::stand_by, Cause::boot};
  if (role == Role::standby) return any_up && all_silent ? Decision{Act::take, Cause::vrrp} : Decision{};
  return higher || !any_up ? Decision{Act::give, Cause::vrrp} : Decision{};
}

bool Election::hears_other(Instant now) const {
  return std::any_of(lans_.begin(), lans_.end(), [&](const Lan& lan) { return lan.claimed_until && now < *lan.claimed_until; });
}

}  // namespace tandem::ha
