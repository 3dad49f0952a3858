// SPDX-License-Identifier: Apache-2.0
// Services of datagrams that need no connection, or have QUIC's.
#include <algorithm>
#include <map>

#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

// A backend without a port is asked at its client's.
PortRange ports_of(const Backend& backend, const Listen& listen) {
  return backend.address.port == 0 ? listen.ports() : PortRange{backend.address.port, 0};
}

bool overlap(const Backend& one, const Listen& its, const Backend& other, const Listen& others) {
  return its.protocol == others.protocol && one.address.address == other.address.address &&
         ports_of(one, its).overlaps(ports_of(other, others));
}

class DatagramJudge {
 public:
  DatagramJudge(const Judge& judge, const Service& service, std::string path) : judge_{judge}, service_{service}, path_{std::move(path)} {}

  void run() const {
    if (service_.one_packet) judge_one_packet();
    if (service_.quic_cid) judge_quic();
  }

 private:
  void complain_one_packet(const std::string& why) const { judge_.complain(Code::one_packet_unfit, path_ + ".one_packet", why); }

  bool is_udp() const {
    return std::ranges::all_of(service_.listen, [](const Listen& listen) { return listen.protocol == Protocol::udp; });
  }

  // An answer is known by the address and port it comes from, and by nothing else.
  void judge_one_packet() const {
    if (!is_udp()) return complain_one_packet("one_packet is for services of udp alone");
    if (service_.quic_cid) return complain_one_packet("one_packet and quic_cid: QUIC's datagrams belong together");
    if (service_.forwarding == ForwardingMethod::full_nat)
      return complain_one_packet("one_packet with full-nat: an answer finds its client by a connection alone");
    if (service_.scheduler == SchedulerKind::least_connections)
      return complain_one_packet("one_packet with least-connections: there are none to count");
    if (service_.forwarding == ForwardingMethod::nat) judge_answers();
  }

  void judge_answers() const {
    const auto& services = judge_.config.service;
    if (service_.listen.size() > 1)
      return complain_one_packet("one_packet with nat needs a service for each listen address: an answer would be of any of them");
    if (!service_.listen.empty()) judge_told(service_.listen.front());
    const bool lends = std::ranges::any_of(services, [&](const Service& each) { return each.fallback == service_.name; });
    if (lends || !service_.fallback.empty())
      return complain_one_packet("one_packet with nat and a fallback: an answer would be of either service");
    for (const Service& other : services)
      if (&other != &service_ && shares_backend(other))
        return complain_one_packet("one_packet with nat: service " + quoted(other.name) +
                                   " has one of its backends too, so an answer would be of either");
  }

  // The address and port that the client asked at.
  void judge_told(const Listen& listen) const {
    if (listen.host_bits != 0)
      return complain_one_packet("one_packet with nat and a prefix: an answer would not tell which of its addresses was asked");
    if (listen.ports().is_one()) return;
    if (listen.ports().is_all())
      return complain_one_packet("one_packet with nat and all ports: what such a server sends may be an answer or its own question");
    if (std::ranges::any_of(service_.backend, [](const Backend& each) { return each.address.port != 0; }))
      complain_one_packet("one_packet with nat and a range needs backends without a port: an answer would not tell which port was asked");
  }

  bool shares_backend(const Service& other) const {
    if (other.forwarding != ForwardingMethod::nat) return false;
    for (const Listen& its : service_.listen)
      for (const Backend& one : service_.backend)
        for (const Listen& others : other.listen)
          if (std::ranges::any_of(other.backend, [&](const Backend& each) { return overlap(one, its, each, others); })) return true;
    return false;
  }

  void judge_quic() const {
    const QuicIdForm& form = *service_.quic_cid;
    const auto complain = [&](const std::string& why) { judge_.complain(Code::quic_cid_unfit, path_ + ".quic_cid", why); };
    if (!is_udp()) return complain("quic_cid is for services of udp alone");
    if (form.id_bytes() > 20)
      return complain("a connection id has 20 bytes at most: one, server_id_bytes and nonce_bytes are " + std::to_string(form.id_bytes()));
    std::map<std::vector<std::uint8_t>, const Backend*> owners;
    for (std::size_t i = 0; i < service_.backend.size(); ++i) judge_server(i, form, owners);
  }

  void judge_server(std::size_t i, const QuicIdForm& form, std::map<std::vector<std::uint8_t>, const Backend*>& owners) const {
    const Backend& backend = service_.backend[i];
    const auto complain = [&](const std::string& why) {
      judge_.complain(Code::quic_cid_unfit, path_ + ".backend[" + std::to_string(i) + "].server_id", why);
    };
    if (backend.server_id.bytes.size() != form.server_id_bytes)
      return complain("backend " + quoted(backend.name) + " needs a server_id of " + std::to_string(form.server_id_bytes) + " bytes" +
                      (backend.server_id.bytes.empty() ? "" : ", got " + std::to_string(backend.server_id.bytes.size())));
    const auto [owner, fresh] = owners.emplace(backend.server_id.bytes, &backend);
    if (!fresh) complain("server_id " + to_string(backend.server_id) + " is already backend " + quoted(owner->second->name) + "'s");
  }

  const Judge& judge_;
  const Service& service_;
  std::string path_;
};

}  // namespace

void validate_datagrams(const Judge& judge) {
  for (std::size_t i = 0; i < judge.config.service.size(); ++i)
    DatagramJudge{judge, judge.config.service[i], "service[" + std::to_string(i) + "]"}.run();
}

}  // namespace tandem::config
