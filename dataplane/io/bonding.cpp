// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/bonding.h"

#include <algorithm>
#include <array>

namespace tandem {

namespace {

struct Mode {
  std::string_view word;
  unsigned number;  // of DPDK and the kernel alike
};
constexpr std::array<Mode, 3> kModes{{{"active-backup", 1}, {"balance-xor", 2}, {"lacp", 4}}};

const Mode* find_mode(std::string_view word) {
  const auto at = std::find_if(kModes.begin(), kModes.end(), [&](const Mode& mode) { return mode.word == word; });
  return at == kModes.end() ? nullptr : &*at;
}

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(std::string{"'"}.append(text).append("' ").append(why));
}

bool may_be_member(DeviceKind kind) { return kind == DeviceKind::pci || kind == DeviceKind::tap || kind == DeviceKind::null; }

Result<Device> read_member(std::string_view member, std::string_view text) {
  const Result<Device> device = parse_device(member);
  if (!device) return fail(device.error().within("a member of the bond"));
  if (!may_be_member(device->kind))
    return refuse(text, "bonds what is neither a PCI address nor, for trials, tap:NAME or null; bond kernel interfaces in the kernel");
  return *device;
}

}  // namespace

Result<Device> parse_bonding(std::string_view rest, std::string_view text) {
  Device bond{.kind = DeviceKind::bonding, .target = std::string{rest.substr(0, rest.find(','))}};
  if (find_mode(bond.target) == nullptr)
    return refuse(text, "begins with no mode: bonding:MODE,MEMBER,MEMBER, where MODE is active-backup, balance-xor or lacp");
  while (rest.find(',') != std::string_view::npos) {
    rest.remove_prefix(rest.find(',') + 1);
    Result<Device> member = read_member(rest.substr(0, rest.find(',')), text);
    if (!member) return fail(member.error());
    if (member->kind != DeviceKind::null && std::find(bond.members.begin(), bond.members.end(), *member) != bond.members.end())
      return refuse(text, "names one member twice");
    bond.members.push_back(std::move(*member));
  }
  if (bond.members.empty()) return refuse(text, "has no members");
  return bond;
}

std::string bonding_arguments(const Device& bond, const std::vector<std::string>& names) {
  std::string text = "mode=" + std::to_string(find_mode(bond.target)->number);
  for (const std::string& name : names) text += ",slave=" + name;
  // By address and port, so that one pair of hosts uses more than one member.
  if (bond.target != "active-backup") text += ",xmit_policy=l34";
  return text;
}

bool speaks_when_idle(const Device& device) { return device.kind == DeviceKind::bonding && device.target == "lacp"; }

}  // namespace tandem
