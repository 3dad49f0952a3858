# SPDX-License-Identifier: Apache-2.0
"""The site that most lab tests use: a client, a node, some servers.

One LAN (default):   client ── lan ── node, server1 … serverN
Two LANs:            client ── outside ── node ── inside ── server1 … serverN, client (eth1, for straight runs)

The client has an address in the servers' prefix too, so a request straight to a server is a run of its own that never
meets the node. With `nat` the servers' way to the client's prefix is the node; with the one-way methods it is direct; with
`full-nat` they have none.
Behind a tunnel each server has an end of it (decapsulator.py).
"""
from dataclasses import dataclass, field

from .net import Host, Lab

CLIENT = {4: "198.51.100.7", 6: "2001:db8:100::7"}
CLIENT_STRAIGHT = {4: "10.20.0.7", 6: "2001:db8:20::7"}
CLIENT_PREFIX = {4: "198.51.100.0/24", 6: "2001:db8:100::/64"}
SERVER_PREFIX = {4: "10.20.0.0/24", 6: "2001:db8:20::/64"}
NODE_OUTSIDE = {4: "198.51.100.1", 6: "2001:db8:100::1"}
NODE_INSIDE = {4: "10.20.0.1", 6: "2001:db8:20::1"}
VIP = {4: "203.0.113.10", 6: "2001:db8:f::10"}
VIP_PREFIX = {4: "203.0.113.0/24", 6: "2001:db8:f::/64"}
FAMILIES = (4, 6)
TUNNELS = ("ipip", "gue")
ONE_WAY = ("l2-dsr", *TUNNELS)
POOL = {4: ["10.20.0.240", "10.20.0.241"], 6: ["2001:db8:20::240", "2001:db8:20::241"]}   # full-nat: who its servers see
TUNNEL_SOURCE = ["192.0.2.0/24", "2001:db8:99::/64"]
LENGTH = {4: 24, 6: 64}

CLIENT_MAC, CLIENT_MAC_1 = "02:00:00:00:00:07", "02:00:00:00:01:07"
NODE_MAC, NODE_MAC_1 = "02:00:00:00:00:01", "02:00:00:00:01:01"


def server_address(number: int, family: int) -> str:
    return f"10.20.0.{10 + number}" if family == 4 else f"2001:db8:20::{10 + number}"


def server_mac(number: int) -> str:
    return f"02:00:00:00:00:{10 + number:02d}"


def with_length(addresses: dict) -> list[str]:
    return [f"{addresses[family]}/{LENGTH[family]}" for family in FAMILIES]


@dataclass(repr=False)
class Server:
    host: Host
    number: int
    name: str          # as its page and the configuration name it: web-1

    def address(self, family: int) -> str:
        return server_address(self.number, family)


@dataclass(repr=False)
class Site:
    lab: Lab
    client: Host
    node: Host
    servers: list[Server]
    forwarding: str
    node_devices: list[str]
    held_vips: list[str] = field(default_factory=list)   # VIPs that the servers have on their loopback

    def listen_address(self, server: Server, family: int) -> str:
        """Where a server's program must listen for what the node forwards to it."""
        return VIP[family] if self.forwarding in ONE_WAY else server.address(family)


def build_site(lab: Lab, forwarding: str = "nat", servers: int = 2, lans: int = 1, node_queues: int = 1) -> Site:
    outside = lab.lan("lan" if lans == 1 else "outside")
    inside = outside if lans == 1 else lab.lan("inside")
    client, node = lab.host("client"), lab.host("node")
    made = [Server(lab.host(f"server{number}"), number, f"web-{number}") for number in range(1, servers + 1)]

    if lans == 1:
        outside.plug(client, "eth0", CLIENT_MAC, with_length(CLIENT) + with_length(CLIENT_STRAIGHT))
        outside.plug(node, "eth0", NODE_MAC, with_length(NODE_OUTSIDE) + with_length(NODE_INSIDE), queues=node_queues)
    else:
        outside.plug(client, "eth0", CLIENT_MAC, with_length(CLIENT))
        inside.plug(client, "eth1", CLIENT_MAC_1, with_length(CLIENT_STRAIGHT))
        outside.plug(node, "eth0", NODE_MAC, with_length(NODE_OUTSIDE), queues=node_queues)
        inside.plug(node, "eth1", NODE_MAC_1, with_length(NODE_INSIDE), queues=node_queues)
    client.ip(*[f"route add {VIP_PREFIX[family]} dev eth0 src {CLIENT[family]}" for family in FAMILIES])

    for server in made:
        addresses = [f"{server.address(family)}/{LENGTH[family]}" for family in FAMILIES]
        inside.plug(server.host, "eth0", server_mac(server.number), addresses)
        if forwarding in ONE_WAY:
            for family in FAMILIES:
                server.host.take_vip_on_loopback(VIP[family])
            server.host.ip(*[f"route add {CLIENT_PREFIX[family]} dev eth0" for family in FAMILIES])
        elif forwarding == "nat":
            server.host.ip(*[f"route add default via {NODE_INSIDE[family]}" for family in FAMILIES])
    held = list(VIP.values()) if forwarding in ONE_WAY else []
    return Site(lab, client, node, made, forwarding, ["eth0"] if lans == 1 else ["eth0", "eth1"], held)
