// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/base/ensure.h"
#include "controlplane/config/diagnostic.h"

namespace tandem::config {
namespace {

constexpr std::array kCodes{
    CodeInfo{Code::unreadable, "E001", "the file cannot be read"},
    CodeInfo{Code::syntax, "E002", "not TOML"},
    CodeInfo{Code::too_large, "E003", "larger than 1 MiB"},
    CodeInfo{Code::too_deep, "E004", "tables nested too deeply"},
    CodeInfo{Code::two_layouts, "E005", "tandem.toml and node.toml or pair.toml in one directory"},
    CodeInfo{Code::too_many_problems, "E006", "more problems than are shown"},
    CodeInfo{Code::unknown_key, "E101", "unknown key"},
    CodeInfo{Code::unknown_section, "E102", "unknown section"},
    CodeInfo{Code::missing_key, "E103", "a key that must be there is missing"},
    CodeInfo{Code::later_version, "E104", "not yet built in this version"},
    CodeInfo{Code::wrong_shape, "E105", "a section written as something else: [x], [[x]] and values are not exchangeable"},
    CodeInfo{Code::wrong_file, "E106", "a section in node.toml that belongs in pair.toml, or the other way round"},
    CodeInfo{Code::wrong_type, "E201", "a value of another type than expected"},
    CodeInfo{Code::not_a_choice, "E202", "not one of the words expected"},
    CodeInfo{Code::out_of_range, "E203", "a number outside its range"},
    CodeInfo{Code::bad_duration, "E204", "not a duration as in 250ms, 10s, 5m, 2h"},
    CodeInfo{Code::bad_count, "E205", "not a count as in 80, 64k, 2M"},
    CodeInfo{Code::bad_address, "E206", "not an IP address"},
    CodeInfo{Code::bad_prefix, "E207", "not a prefix as in 10.0.0.0/24"},
    CodeInfo{Code::bad_endpoint, "E208", "not an address and port as in 10.0.0.1:80"},
    CodeInfo{Code::bad_listen, "E209", "not address, port and protocol as in 203.0.113.10:80/tcp"},
    CodeInfo{Code::bad_mac, "E210", "not a MAC address"},
    CodeInfo{Code::bad_name, "E211", "not a name: letters, digits, '-', '_', at most 63"},
    CodeInfo{Code::bad_device, "E212", "not a device"},
    CodeInfo{Code::bad_status_list, "E213", "not a list of HTTP statuses"},
    CodeInfo{Code::empty_value, "E214", "empty where something is needed"},
    CodeInfo{Code::control_character, "E215", "a control character in a text, or a text longer than 4096 bytes"},
    CodeInfo{Code::bad_lan, "E216", "not a LAN: a port's name, or port.vlan as in inside.20"},
    CodeInfo{Code::duplicate_name, "E301", "a name used twice"},
    CodeInfo{Code::too_many, "E302", "more objects than this version can hold"},
    CodeInfo{Code::core_repeated, "E303", "a core named twice"},
    CodeInfo{Code::core_absent, "E304", "a core that this machine does not have"},
    CodeInfo{Code::cores_and_workers, "E305", "cores and workers at once"},
    CodeInfo{Code::device_repeated, "E306", "a device used by two ports"},
    CodeInfo{Code::interface_shared, "E307", "a kernel interface used by two ports in different ways"},
    CodeInfo{Code::mac_unusable, "E308", "a MAC address that no single station can have"},
    CodeInfo{Code::address_unusable, "E309", "an address that no single host can have: multicast, unspecified, loopback, broadcast"},
    CodeInfo{Code::listen_repeated, "E310", "an address, port and protocol served twice, or ranges of ports that overlap"},
    CodeInfo{Code::family_differs, "E311", "a backend of another address family than its service"},
    CodeInfo{Code::port_differs, "E312", "a backend with another port than its service, where the method cannot change it"},
    CodeInfo{Code::share_too_small, "E313", "a weight that gives fewer than 4 of 65537 slots"},
    CodeInfo{Code::vip_is_backend, "E314", "an address that is VIP and backend at once"},
    CodeInfo{Code::vip_is_own, "E315", "an address that is VIP and the node's own at once"},
    CodeInfo{Code::gateway_unreachable, "E316", "a gateway outside every prefix of its port"},
    CodeInfo{Code::backend_repeated, "E317",
             "two backends of one service with the same address and port, or one of them with whatever port"},
    CodeInfo{Code::value_repeated, "E318", "an entry given twice in one list or table"},
    CodeInfo{Code::udp_check_without_port, "E319",
             "a check that does not say which port to ask: over TCP of a UDP service, or of backends that have whatever port"},
    CodeInfo{Code::lan_absent, "E320", "a LAN that no port serves"},
    CodeInfo{Code::vrid_repeated, "E321", "two groups with one VRID on one LAN"},
    CodeInfo{Code::group_absent, "E322", "a service of a group that is not there"},
    CodeInfo{Code::vip_in_two_groups, "E323", "a VIP whose services are of different groups, or a prefix that holds a VIP of another one"},
    CodeInfo{Code::gateway_unusable, "E324", "an address of a group that is somebody else's, or no host's in its prefix"},
    CodeInfo{Code::peer_unusable, "E325", "an address of the other node that is this node's own"},
    CodeInfo{Code::no_way_to_peer, "E326", "groups of a pair without a way to the other node"},
    CodeInfo{Code::slow_start_without_shares, "E327", "slow_start with a scheduler that goes by the hash alone"},
    CodeInfo{Code::fallback_absent, "E328", "a fallback that is not there"},
    CodeInfo{Code::fallback_chain, "E329", "a fallback that has a fallback itself"},
    CodeInfo{Code::fallback_differs, "E330", "a fallback whose backends cannot serve the service"},
    CodeInfo{Code::client_address_unfit, "E340", "client_address where it cannot be: another method than full-nat, or UDP"},
    CodeInfo{Code::one_packet_unfit, "E341", "one_packet where datagrams or their answers need a connection"},
    CodeInfo{Code::quic_cid_unfit, "E342", "QUIC connection ids that cannot tell backends apart"},
    CodeInfo{Code::bad_server_id, "E343", "a server id that cannot be read"},
    CodeInfo{Code::check_via_unfit, "E344", "a check by way of the VIP that cannot go the way of clients"},
    CodeInfo{Code::passive_unfit, "E345", "passive health that has nothing to go by, or nobody to advise"},
    CodeInfo{Code::no_backends, "W301", "a service without backends"},
    CodeInfo{Code::no_weight, "W302", "a service whose backends all have weight 0"},
    CodeInfo{Code::slow_timeout, "W303", "a check that may last longer than its interval"},
    CodeInfo{Code::client_is_backend, "W304", "a nat service whose clients may stand beside its backends"},
    CodeInfo{Code::many_checks, "W305", "many checks a second"},
    CodeInfo{Code::no_ports, "W306", "no ports"},
    CodeInfo{Code::twin_has_addresses, "W307", "addresses, neighbours or routes for a port that has a kernel twin"},
    CodeInfo{Code::backend_unreachable, "W308", "a backend outside every prefix and route of ports that have no kernel twin"},
    CodeInfo{Code::no_check, "W309", "several backends and no check"},
    CodeInfo{Code::no_key, "W310", "a pair without a key"},
    CodeInfo{Code::slow_vrrp, "W311", "VRRP on the wire slower than advert_interval"},
    CodeInfo{Code::no_way_home, "W312", "a nat service in a group without a gateway of its family"},
    CodeInfo{Code::vip_elsewhere, "W313", "a VIP on a LAN where its group has no VRID"},
    CodeInfo{Code::fallback_kept_out, "W314", "a fallback that panic_threshold keeps from being reached by failed checks"},
    CodeInfo{Code::vip_not_asked, "W315", "a VIP that a check by way of the VIP does not ask for"},
    CodeInfo{Code::passive_half_blind, "W316", "passive health of servers whose answers are not seen"},
};

}  // namespace

std::span<const CodeInfo> all_codes() { return kCodes; }

const CodeInfo& info(Code code) {
  const auto place = static_cast<std::size_t>(code);
  ensure(place < kCodes.size() && kCodes[place].code == code);
  return kCodes[place];
}

Severity severity(Code code) { return info(code).name.front() == 'W' ? Severity::warning : Severity::error; }

}  // namespace tandem::config
