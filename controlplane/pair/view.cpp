// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/view.h"

namespace tandem::pair {

ha::Plan plan_of(const View& view, bool has_key) {
  ha::Plan plan;
  plan.mode = view.pair.ha.mode, plan.interval = view.interval, plan.start_delay = view.pair.ha.start_delay;
  plan.preempt = view.pair.ha.preempt, plan.has_key = has_key, plan.has_sync_path = view.pair.sync && view.pair.sync->has_link();
  for (const auto& lan : view.pair.lans) plan.lans.push_back({lan.name, !lan.peer.empty()});
  for (const auto& group : view.pair.groups) {
    ha::GroupPlan each{group.name, group.preferred, {}};
    for (const auto& on : group.lans) each.lans.push_back(on.lan);
    plan.groups.push_back(std::move(each));
  }
  return plan;
}

}  // namespace tandem::pair
