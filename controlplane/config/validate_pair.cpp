// SPDX-License-Identifier: Apache-2.0
// The other node: by which ways it is reached, and whether these bear what groups ask of them.
#include <algorithm>
#include <set>

#include "controlplane/config/lan.h"
#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

class PeerJudge {
 public:
  PeerJudge(const Judge& judge, const Port& port, std::string path) : judge_{judge}, port_{port}, path_{std::move(path)} {}

  void run() const {
    std::set<std::pair<IpAddress, std::uint16_t>> seen;
    for (std::size_t i = 0; i < port_.peer_address.size(); ++i) {
      const PeerAddress& peer = port_.peer_address[i];
      const std::string path = path_ + ".peer_address[" + std::to_string(i) + "]";
      judge_lan(judge_, {port_.name, peer.vlan}, path);
      if (!seen.emplace(peer.address, peer.vlan).second)
        judge_.complain(Code::value_repeated, path, "peer_address " + to_string(peer) + " is given twice");
      judge_address(peer, path);
    }
  }

 private:
  bool is_own(const IpAddress& address) const {
    return std::any_of(judge_.config.port.begin(), judge_.config.port.end(), [&](const Port& port) {
      return std::any_of(port.address.begin(), port.address.end(), [&](const Prefix& own) { return own.address == address; });
    });
  }

  // The peer's hellos go from LAN to LAN, never by a router.
  bool is_beside(const PeerAddress& peer) const {
    const auto is_there = [&](const OwnAddress& own) { return own.vlan == peer.vlan; };
    const auto holds = [&](const OwnAddress& own) { return is_there(own) && own.contains(peer.address); };
    const bool known = std::any_of(port_.address.begin(), port_.address.end(), is_there) && !peer.address.is_link_local();
    return !known || std::any_of(port_.address.begin(), port_.address.end(), holds);
  }

  void judge_address(const PeerAddress& peer, const std::string& path) const {
    const std::string text = to_string(peer.address);
    if (const std::string_view reason = unusable_reason(peer.address); !reason.empty())
      judge_.complain(Code::address_unusable, path, text + " is " + std::string{reason} + " and cannot be the other node's");
    else if (is_own(peer.address))
      judge_.complain(Code::peer_unusable, path, text + " is this node's own address; expected the other node's");
    else if (!is_beside(peer))
      judge_.complain(Code::gateway_unreachable, path, "peer " + text + " is in no prefix of port " + quoted(port_.name));
  }

  const Judge& judge_;
  const Port& port_;
  std::string path_;
};

void judge_sync(const Judge& judge, const Sync& sync) {
  if (sync.local.is_unspecified() && sync.peer.is_unspecified()) return;
  if (!sync.has_link())
    judge.complain(Code::missing_key, "sync",
                   sync.local.is_unspecified() ? "[sync] needs local beside peer" : "[sync] needs peer beside local");
  else if (sync.local.family != sync.peer.family)
    judge.complain(Code::family_differs, "sync.peer", to_string(sync.peer) + " is of another family than local " + to_string(sync.local));
  else if (sync.local == sync.peer)
    judge.complain(Code::peer_unusable, "sync.peer", to_string(sync.peer) + " is this node's own address; expected the other node's");
  for (const auto& [address, key] : {std::pair{sync.local, "sync.local"}, std::pair{sync.peer, "sync.peer"}}) {
    const std::string_view reason = unusable_reason(address);
    if (!address.is_unspecified() && !reason.empty())
      judge.complain(Code::address_unusable, key, to_string(address) + " is " + std::string{reason});
  }
}

bool reaches_peer(const Config& config) {
  const bool by_lan = std::any_of(config.port.begin(), config.port.end(), [](const Port& port) { return !port.peer_address.empty(); });
  return by_lan || (config.sync && config.sync->has_link());
}

// Every group adverts on each of its LANs; five times twenty a second is where switches begin to limit multicast.
void judge_interval(const Judge& judge, const Ha& ha) {
  constexpr std::size_t kMostFast = 4;
  constexpr milliseconds kSlow{200};
  if (judge.config.group.size() <= kMostFast || !ha.advert_interval || *ha.advert_interval >= kSlow) return;
  judge.complain(Code::slow_vrrp, "ha.advert_interval",
                 "with more than " + std::to_string(kMostFast) + " groups VRRP on the wire slows to " + format_duration(kSlow) +
                     "; hellos keep to " + format_duration(*ha.advert_interval));
}

}  // namespace

void judge_lan(const Judge& judge, const LanName& lan, const std::string& path) {
  const auto& ports = judge.config.port;
  const auto port = std::find_if(ports.begin(), ports.end(), [&](const Port& each) { return each.name == lan.port; });
  if (port == ports.end()) return judge.complain(Code::lan_absent, path, "there is no port " + quoted(lan.port));
  const bool served = lan.vlan == 0 || std::find(port->vlan.begin(), port->vlan.end(), lan.vlan) != port->vlan.end();
  if (!served) judge.complain(Code::lan_absent, path, "port " + quoted(lan.port) + " does not serve VLAN " + std::to_string(lan.vlan));
}

void validate_peer(const Judge& judge) {
  for (std::size_t i = 0; i < judge.config.port.size(); ++i)
    PeerJudge{judge, judge.config.port[i], "port[" + std::to_string(i) + "]"}.run();
  if (judge.config.sync) judge_sync(judge, *judge.config.sync);
}

void validate_pair(const Judge& judge) {
  const Config& config = judge.config;
  const Ha ha = config.ha.value_or(Ha{});
  if (config.group.empty()) return;
  judge_interval(judge, ha);
  if (ha.mode != HaMode::pair) return;
  if (!reaches_peer(config))
    return judge.complain(Code::no_way_to_peer, "group[0]",
                          "groups of a pair need a way to the other node: a port's peer_address, or [sync] with local and peer");
  if (!config.sync || config.sync->key.empty())
    judge.complain(Code::no_key, "sync", "[sync] has no key: hellos are not authenticated, elections follow RFC 9568 alone");
}

}  // namespace tandem::config
