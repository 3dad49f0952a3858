// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/vip_probes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "common/net/headers.h"
#include "controlplane/kernel/steering.h"

namespace tandem {
namespace {

// A check is one flow, so it has the first of the addresses and ports that flows are spread over.
constexpr std::uint16_t kTunnelPort = 0xc000;

void finish_headers(ProbeWay& way, const TunnelView& tunnel) {
  if (tunnel.family() == Family::ipv4) way.headers[1] = tunnel.own_class;
  else
    way.headers[0] = static_cast<unsigned char>(0x60 | tunnel.own_class >> 4),
    way.headers[1] = static_cast<unsigned char>(tunnel.own_class << 4);
  if (!tunnel.has_udp()) return;
  const Be16 source{kTunnelPort};
  std::memcpy(way.headers + tunnel.ip_bytes, &source, sizeof source);
}

}  // namespace

ProbeKey probe_key(const VipProbe& probe) {
  ProbeKey key{};
  key.backend = steer_key(probe.backend);
  key.mark = probe.mark;
  return key;
}

ProbeWay probe_way(const VipProbe& probe) {
  ProbeWay way{};
  way.vip = steer_key(probe.vip);
  way.port = Be16{probe.port}.wire;
  way.bytes = probe.tunnel.bytes, way.outer_bytes = probe.tunnel.ip_bytes;
  static_assert(sizeof way.headers == kTunnelBytesMost);
  std::memcpy(way.headers, probe.tunnel.headers.data(), sizeof way.headers);
  if (way.bytes != 0) finish_headers(way, probe.tunnel);
  return way;
}

void VipProbes::CloseObject::operator()(bpf_object* object) const { bpf_object__close(object); }

bool VipProbes::ByteLess::operator()(const ProbeKey& a, const ProbeKey& b) const { return std::memcmp(&a, &b, sizeof a) < 0; }

Result<VipProbes> VipProbes::install(const std::string& object, const std::set<std::string>& interfaces) {
  VipProbes probes;
  const Result<bpf_object*> loaded = load_bpf_object(object);
  if (!loaded) return fail(loaded.error());
  probes.object_.reset(*loaded);
  probes.ways_ = bpf_object__find_map_fd_by_name(*loaded, "ways");
  if (probes.ways_ < 0) return fail(object + ": its table of ways is missing");
  for (const std::string& interface : interfaces)
    if (Result<> attached = probes.attach(interface); !attached) return fail(attached.error().within("interface " + interface));
  return probes;
}

// Behind the filter that hides VIP frames: what comes here is the kernel's.
Result<> VipProbes::attach(const std::string& interface) {
  auto out = TcHook::attach({interface, TcSide::egress, "probe_out", "the filter that sends checks to their VIP", 1}, *object_);
  if (!out) return fail(out.error());
  auto in = TcHook::attach({interface, TcSide::ingress, "probe_in", "the filter that takes a VIP's answers to checks", 2}, *object_);
  if (!in) return fail(in.error());
  sides_.push_back({std::move(*out), std::move(*in)});
  return {};
}

Result<> VipProbes::follow(const std::vector<VipProbe>& wanted) {
  Table table;
  for (const VipProbe& probe : wanted) table.emplace(probe_key(probe), probe_way(probe));
  return put(table).and_then([&] { return drop_others(table); });
}

Result<> VipProbes::put(const Table& wanted) {
  for (const auto& [key, way] : wanted) {
    const auto known = held_.find(key);
    if (known != held_.end() && std::memcmp(&known->second, &way, sizeof way) == 0) continue;
    if (bpf_map_update_elem(ways_, &key, &way, BPF_ANY) != 0)
      return fail(std::string{"the ways of checks to their VIP: cannot add one: "} + std::strerror(errno));
    held_.insert_or_assign(key, way);
  }
  return {};
}

Result<> VipProbes::drop_others(const Table& wanted) {
  for (auto at = held_.begin(); at != held_.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    if (bpf_map_delete_elem(ways_, &at->first) != 0 && errno != ENOENT)
      return fail(std::string{"the ways of checks to their VIP: cannot remove one: "} + std::strerror(errno));
    at = held_.erase(at);
  }
  return {};
}

}  // namespace tandem
