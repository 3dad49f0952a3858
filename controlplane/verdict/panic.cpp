// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/panic.h"

#include <algorithm>

namespace tandem::verdict {
namespace {

std::size_t may_leave(const std::vector<Place>& places, unsigned threshold_percent) {
  if (places.size() < kFewestForPanic) return places.size();
  const auto in_play = static_cast<std::size_t>(std::count_if(places.begin(), places.end(), [](const Place& p) { return p.in_play; }));
  return in_play - (in_play * threshold_percent + 99) / 100;
}

}  // namespace

std::vector<bool> kept_in_service(const std::vector<Place>& places, unsigned threshold_percent) {
  const auto is_out = [](const Place& place) { return place.in_play && place.down && place.out; };
  const auto out = static_cast<std::size_t>(std::count_if(places.begin(), places.end(), is_out));
  const std::size_t limit = may_leave(places, threshold_percent);
  std::size_t room = limit > out ? limit - out : 0;
  std::vector<bool> kept(places.size(), false);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    if (!place.in_play || !place.down || place.out) continue;
    kept[i] = room == 0;
    room -= room > 0 ? 1 : 0;
  }
  return kept;
}

}  // namespace tandem::verdict
