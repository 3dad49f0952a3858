// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "controlplane/config/canonical.h"
#include "controlplane/config/lan.h"
#include "controlplane/config/units.h"

namespace tandem::config {
namespace {

std::string sum_up(const Port& port) { return port.device; }

std::string sum_up(const Ha& ha) { return ha.mode == HaMode::pair ? "pair" : "vrrp"; }

std::string sum_up(const Sync& sync) {
  return sync.has_link() ? to_string(sync.local).append(" to ").append(to_string(sync.peer)) : std::string{"over the LANs alone"};
}

std::string sum_up(const Group& group) {
  std::string text = group.prefer.empty() ? std::string{"no preferred node"} : "prefers " + group.prefer;
  for (const auto& [lan, vrid] : group.vrid) text.append(", VRID ").append(std::to_string(vrid)).append(" on ").append(to_string(lan));
  return text;
}

std::string sum_up(const Backend& backend) { return to_string(backend.address).append(", weight ").append(std::to_string(backend.weight)); }

std::string sum_up(const Service& service) {
  std::string text;
  for (const Listen& listen : service.listen) text.append(text.empty() ? "" : ", ").append(to_string(listen));
  const std::size_t backends = service.backend.size();
  return text.append(" with ").append(std::to_string(backends)).append(backends == 1 ? " backend" : " backends");
}

// The paths of named objects and what they are, a service before its backends.
std::map<std::string, std::string> objects(const Config& config) {
  std::map<std::string, std::string> out;
  for (const Port& port : config.port) out.emplace("port." + port.name, sum_up(port));
  if (config.sync) out.emplace("sync", sum_up(*config.sync));
  if (config.ha) out.emplace("ha", sum_up(*config.ha));
  for (const Group& group : config.group) out.emplace("group." + group.name, sum_up(group));
  for (const Service& service : config.service) {
    const std::string path = "service." + service.name;
    out.emplace(path, sum_up(service));
    for (const Backend& backend : service.backend) out.emplace(path + ".backend." + backend.name, sum_up(backend));
  }
  return out;
}

// Whether an object around `path` is told of as a whole already.
bool is_told(const std::set<std::string>& told, const std::string& path) {
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    if (told.contains(path.substr(0, dot))) return true;
  }
  return false;
}

std::string value_at(const std::map<std::string, std::string>& values, const std::string& path) {
  const auto found = values.find(path);
  return found == values.end() ? std::string{} : found->second;
}

template <typename Tell>
void each_path(const Shown& before, const Shown& after, Tell tell) {
  std::map<std::string, std::string> all{before};
  all.insert(after.begin(), after.end());
  for (const auto& [path, value] : all) tell(path, value_at(before, path), value_at(after, path));
}

}  // namespace

std::vector<Change> diff(const Config& before, const Config& after) {
  std::vector<Change> changes;
  std::set<std::string> whole;  // filled from the outside in: a path sorts behind what encloses it
  each_path(objects(before), objects(after), [&](const std::string& path, const std::string& old, const std::string& now) {
    if (old.empty() == now.empty() || is_told(whole, path)) return;
    whole.insert(path);
    changes.push_back({path, old, now});
  });
  each_path(canonical(before), canonical(after), [&](const std::string& path, const std::string& old, const std::string& now) {
    if (old != now && !is_told(whole, path)) changes.push_back({path, old, now});
  });
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

std::string to_text(const Change& change) {
  if (change.before.empty()) return change.path + " added: " + change.after;
  if (change.after.empty()) return change.path + " removed: " + change.before;
  return change.path + ": " + change.before + " → " + change.after;
}

}  // namespace tandem::config
