// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/neighbours.h"

#include <algorithm>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace tandem {
namespace {

const LanView* find_lan(const NetworkView& view, const WantedNeighbour& wanted) {
  const auto at = std::find_if(view.lans.begin(), view.lans.end(),
                               [&](const LanView& lan) { return lan.port == wanted.port && lan.vlan == wanted.vlan; });
  return at == view.lans.end() ? nullptr : &*at;
}

const KernelNeighbour* find_neighbour(const LanView& lan, const IpAddress& address) {
  const auto at = std::find_if(lan.neighbours.begin(), lan.neighbours.end(), [&](const auto& each) { return each.address == address; });
  return at == lan.neighbours.end() ? nullptr : &*at;
}

}  // namespace

Result<> Neighbours::start() {
  auto opened = NetlinkSocket::open();
  if (!opened) return fail(opened.error());
  requests_ = std::move(*opened);
  timer_ = loop_.every(kPeriod, [this] { refresh(); });
  return {};
}

void Neighbours::want(std::set<WantedNeighbour> lasting) {
  lasting.swap(lasting_);  // `lasting` is now what was wanted before
  for (const WantedNeighbour& each : lasting_) {
    if (!lasting.contains(each)) ask(each);
  }
  for (const WantedNeighbour& each : lasting) {
    if (!lasting_.contains(each) && !clients_.contains(each)) forget(each);
  }
}

void Neighbours::want_client(const WantedNeighbour& client) {
  const auto known = clients_.find(client);
  if (known == clients_.end() && clients_.size() >= kMaxClients) {
    ++refused_;
    return;
  }
  clients_[client] = clock_.now();
  ask(client);
}

void Neighbours::refresh() {
  const Instant now = clock_.now();
  for (auto at = clients_.begin(); at != clients_.end();) {
    if (now - at->second < kClientLife) {
      ask((at++)->first);
      continue;
    }
    const WantedNeighbour unwanted = at->first;
    at = clients_.erase(at);
    if (!lasting_.contains(unwanted)) forget(unwanted);
  }
  for (const WantedNeighbour& each : lasting_) ask(each);
}

void Neighbours::ask(const WantedNeighbour& wanted) {
  const LanView* lan = find_lan(mirror_.view(), wanted);
  if (lan == nullptr || !lan->up) return;  // the next refresh finds it
  const KernelNeighbour* known = find_neighbour(*lan, wanted.address);
  // Asking again would make an operator's permanent entry an ordinary one.
  if (known != nullptr && (known->managed || known->state == NeighbourState::fixed)) return;
  send(wanted, true);
}

void Neighbours::forget(const WantedNeighbour& unwanted) {
  const LanView* lan = find_lan(mirror_.view(), unwanted);
  const KernelNeighbour* known = lan == nullptr ? nullptr : find_neighbour(*lan, unwanted.address);
  if (known != nullptr && known->state != NeighbourState::fixed) send(unwanted, false);
}

// The same message without the flag takes the management off; the entry then ages like any other.
void Neighbours::send(const WantedNeighbour& neighbour, bool managed) {
  const LanView* lan = find_lan(mirror_.view(), neighbour);
  const bool v4 = neighbour.address.family == Family::ipv4;
  NetlinkRequest request{RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE};
  auto& header = request.header<ndmsg>();
  header.ndm_family = v4 ? AF_INET : AF_INET6;
  header.ndm_ifindex = lan->interface_index;
  header.ndm_state = NUD_NONE;
  header.ndm_flags = NTF_USE;
  mnl_attr_put(request.message(), NDA_DST, v4 ? 4 : 16, neighbour.address.bytes.data() + (v4 ? 12 : 0));
  mnl_attr_put_u32(request.message(), NDA_FLAGS_EXT, managed ? NTF_EXT_MANAGED : 0);
  // A refusal (a full table, a link that fell) is tried again by the next refresh.
  [[maybe_unused]] const Result<> asked = requests_->ask(request);
}

}  // namespace tandem
