# SPDX-License-Identifier: Apache-2.0
"""The site of a pair of nodes: its LANs, its addresses, and what each node is given.

    client ── outside ──┬── lb-a ──┬── inside ── server1 … serverN
                        └── lb-b ──┘
                            sync: a cable of their own

Group `blue` prefers lb-a, `green` lb-b; each has a VIP, for nat a gateway on the inside LAN, for full-nat a pool there. The
forwarding method is one for all, or one for each group: "full-nat+ipip".
"""
from pathlib import Path

from . import configuration
from .configuration import bracketed
from .net import Lab
from .site import (CLIENT_MAC, CLIENT_MAC_1, CLIENT_PREFIX, FAMILIES, LENGTH, ONE_WAY, TUNNEL_SOURCE, TUNNELS, Server, Site, server_mac,
                   with_length)

NAMES = ("lb-a", "lb-b")
GROUPS = {"blue": "lb-a", "green": "lb-b"}
VIPS = {"blue": {4: "203.0.113.10", 6: "2001:db8:f::10"}, "green": {4: "203.0.113.11", 6: "2001:db8:f::11"}}
VRIDS = {"blue": {"outside": 10, "inside": 110}, "green": {"outside": 20, "inside": 120}}
# The client asks each group from an address of its own: one client port open to two VIPs that share a nat backend is one
# connection to that server, and a node knows only of its own.
CLIENTS = {"blue": {4: "198.51.100.7", 6: "2001:db8:100::7"}, "green": {4: "198.51.100.8", 6: "2001:db8:100::8"}}
GATEWAYS = {"blue": {4: "10.20.0.254", 6: "2001:db8:20::fe"}, "green": {4: "10.20.0.253", 6: "2001:db8:20::fd"}}
POOLS = {"blue": ["10.20.0.240", "2001:db8:20::240"], "green": ["10.20.0.241", "2001:db8:20::241"]}
OUTSIDE = {"lb-a": {4: "198.51.100.1", 6: "2001:db8:100::1"}, "lb-b": {4: "198.51.100.2", 6: "2001:db8:100::2"}}
INSIDE = {"lb-a": {4: "10.20.0.1", 6: "2001:db8:20::1"}, "lb-b": {4: "10.20.0.2", 6: "2001:db8:20::2"}}
SYNC = {"lb-a": "10.99.0.1", "lb-b": "10.99.0.2"}
MACS = {"lb-a": ("02:00:00:00:00:a1", "02:00:00:00:00:a2", "02:00:00:00:00:a3"),
        "lb-b": ("02:00:00:00:00:b1", "02:00:00:00:00:b2", "02:00:00:00:00:b3")}
PLUGS = {"outside": "", "inside": "eth1.", "sync": "eth2."}   # how a switch's port to a node begins; the node's name follows
WEB_PORT, STREAM_PORT, DATAGRAM_PORT = 80, 7010, 7007
OTHER = {"lb-a": "lb-b", "lb-b": "lb-a"}


def virtual_mac(group: str, lan: str, family: int) -> str:
    """RFC 9568 7.3."""
    return f"00:00:5e:00:0{1 if family == 4 else 2}:{VRIDS[group][lan]:02x}"


def methods(forwarding: str) -> dict[str, str]:
    """By group."""
    words = forwarding.split("+")
    return dict(zip(GROUPS, words * len(GROUPS)))


def build_site(lab: Lab, forwarding: str, servers: int) -> tuple[Site, dict]:
    outside, inside, sync = lab.lan("outside"), lab.lan("inside"), lab.lan("sync")
    client = lab.host("client")
    hosts = {name: lab.host(name) for name in NAMES}
    outside.plug(client, "eth0", CLIENT_MAC, [address for group in GROUPS for address in with_length(CLIENTS[group])])
    client.ip(*[f"route add {VIPS[group][family]} dev eth0 src {CLIENTS[group][family]}" for group in GROUPS for family in FAMILIES])
    for name, host in hosts.items():
        outside.plug(host, "eth0", MACS[name][0], with_length(OUTSIDE[name]))
        inside.plug(host, "eth1", MACS[name][1], with_length(INSIDE[name]))
        sync.plug(host, "eth2", MACS[name][2], [f"{SYNC[name]}/24"])
    made = [Server(lab.host(f"server{number}"), number, f"web-{number}") for number in range(1, servers + 1)]
    for server in made:
        inside.plug(server.host, "eth0", server_mac(server.number), [f"{server.address(f)}/{LENGTH[f]}" for f in FAMILIES])
    held = hold_vips(made, forwarding)
    if held:
        answer_by_a_cable(client, inside, made)
    elif "nat" in methods(forwarding).values():
        for server in made:
            server.host.ip(*[f"route add default via {GATEWAYS['blue'][family]}" for family in FAMILIES])
    return Site(lab, client, hosts["lb-a"], made, forwarding, ["eth0", "eth1"], held), hosts


def hold_vips(servers: list[Server], forwarding: str) -> list[str]:
    """The VIPs that servers have on their loopback, because what reaches them is addressed to these."""
    held = [vip for group, method in methods(forwarding).items() if method in ONE_WAY for vip in VIPS[group].values()]
    for server in servers:
        for vip in held:
            server.host.take_vip_on_loopback(vip)
    return held


def answer_by_a_cable(client, inside, servers: list[Server]) -> None:
    """One-way: servers answer the client past the nodes."""
    inside.plug(client, "eth1", CLIENT_MAC_1)
    for server in servers:
        server.host.ip(*[f"route add {CLIENT_PREFIX[family]} dev eth0" for family in FAMILIES],
                       *[f"neigh add {address} dev eth0 lladdr {CLIENT_MAC_1}" for each in CLIENTS.values() for address in each.values()])


def services(site: Site, family: int, check: dict | None, **more) -> list[dict]:
    made = []
    for group, method in methods(site.forwarding).items():
        for kind, port, protocol in (("web", WEB_PORT, "tcp"), ("streams", STREAM_PORT, "tcp"), ("datagrams", DATAGRAM_PORT, "udp")):
            service = {"name": f"{kind}-{group}", "group": group, "listen": f"{bracketed(VIPS[group][family], port)}/{protocol}",
                       "forwarding": method, "scheduler": "consistent-round-robin",
                       **({"tunnel_source": TUNNEL_SOURCE} if method in TUNNELS else {}), **more}
            if check:
                service["check"] = {**check, "port": WEB_PORT}
            service["backend"] = [{"name": server.name, "address": bracketed(server.address(family), port), "weight": 1}
                                  for server in site.servers]
            made.append(service)
    return made


def document(site: Site, name: str, driver: str, family: int, key: Path | None, interval: str, check: dict | None, workers: int | None,
             **more) -> dict:
    made = configuration.node(site, driver, services(site, family, check, **more), name=name, workers=workers)
    made["node"] = {"name": name}   # pools are the groups'
    places = (OUTSIDE, INSIDE)
    for port, place in zip(made["port"], places):
        port["peer_address"] = [place[OTHER[name]][family]]
    made["ha"] = {"advert_interval": interval, "start_delay": "2s"}
    made["group"] = [{"name": group, "prefer": prefer, "vrid": VRIDS[group], **of_method(group, methods(site.forwarding)[group], family)}
                     for group, prefer in GROUPS.items()]
    made["sync"] = {"local": SYNC[name], "peer": SYNC[OTHER[name]], **({"key": str(key)} if key else {})}
    return made


def of_method(group: str, method: str, family: int) -> dict:
    """What a group has for the way back from its servers."""
    if method == "nat":
        return {"gateway": [f"{GATEWAYS[group][family]}/{LENGTH[family]}"]}
    return {"pool": POOLS[group]} if method == "full-nat" else {}
