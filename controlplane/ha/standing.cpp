// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/standing.h"

namespace tandem::ha {

Fitness fitness_of(const Hello& node, NameKey group, std::span<const LanInQuestion> lans) {
  const GroupReport* of_group = node.group(group);
  Fitness fitness{node.ready, node.stalled_workers == 0, 0, of_group == nullptr || !of_group->cut_off, 0};
  for (const LanInQuestion& each : lans) {
    const LanReport* report = node.lan(each.lan);
    if (report == nullptr) continue;
    if (report->link) ++fitness.links;
    if (each.silent && report->link && report->witness) ++fitness.witnesses;
  }
  return fitness;
}

}  // namespace tandem::ha
