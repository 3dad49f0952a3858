# SPDX-License-Identifier: Apache-2.0
"""Two nodes that cover for each other, between a client and some servers.

    client ── outside ──┬── lb-a ──┬── inside ── server1 … serverN
                        └── lb-b ──┘
                            sync: a cable of their own

Group `blue` prefers lb-a, `green` lb-b; each has a VIP, and for nat a gateway on the inside LAN.
"""
import contextlib
import dataclasses
import signal
from pathlib import Path

from . import configuration, nginx
from .configuration import FAST_CHECK, bracketed
from .net import Lab, command
from .process import Process, tool, wait_until
from .site import (CLIENT, CLIENT_MAC, CLIENT_PREFIX, FAMILIES, LENGTH, VIP_PREFIX, Server, Site, server_mac,
                   with_length)
from .tandem import Node, programs

NAMES = ("lb-a", "lb-b")
GROUPS = {"blue": "lb-a", "green": "lb-b"}
VIPS = {"blue": {4: "203.0.113.10", 6: "2001:db8:f::10"}, "green": {4: "203.0.113.11", 6: "2001:db8:f::11"}}
VRIDS = {"blue": {"outside": 10, "inside": 110}, "green": {"outside": 20, "inside": 120}}
GATEWAYS = {"blue": {4: "10.20.0.254", 6: "2001:db8:20::fe"}, "green": {4: "10.20.0.253", 6: "2001:db8:20::fd"}}
OUTSIDE = {"lb-a": {4: "198.51.100.1", 6: "2001:db8:100::1"}, "lb-b": {4: "198.51.100.2", 6: "2001:db8:100::2"}}
INSIDE = {"lb-a": {4: "10.20.0.1", 6: "2001:db8:20::1"}, "lb-b": {4: "10.20.0.2", 6: "2001:db8:20::2"}}
SYNC = {"lb-a": "10.99.0.1", "lb-b": "10.99.0.2"}
MACS = {"lb-a": ("02:00:00:00:00:a1", "02:00:00:00:00:a2", "02:00:00:00:00:a3"),
        "lb-b": ("02:00:00:00:00:b1", "02:00:00:00:00:b2", "02:00:00:00:00:b3")}
WEB_PORT, STREAM_PORT, DATAGRAM_PORT = 80, 7010, 7007
OTHER = {"lb-a": "lb-b", "lb-b": "lb-a"}


@dataclasses.dataclass(repr=False)
class Pair:
    lab: Lab
    site: Site
    nodes: dict[str, Node]
    family: int
    forwarding: str
    web: list = dataclasses.field(default_factory=list)

    @property
    def client(self):
        return self.site.client

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def vip(self, group: str) -> str:
        return VIPS[group][self.family]

    def ha(self, name: str) -> dict:
        return self.nodes[name].ctl("ha", "status")

    def roles(self, name: str) -> dict[str, str]:
        return {group["name"]: group["role"] for group in self.ha(name)["groups"]}

    def serving(self) -> dict[str, list[str]]:
        """Who says of himself that he serves, by group."""
        active = {group: [] for group in GROUPS}
        for name, node in self.nodes.items():
            if node.daemon is not None and node.daemon.running():
                reply = node.reply("ha", "status")
                for group in (reply.data or {}).get("groups", []):
                    if group["active"]:
                        active[group["name"]].append(name)
        return active

    def wait_serving(self, wanted: dict[str, str], seconds: float = 15) -> None:
        def reached():
            return self.serving() == {group: [name] for group, name in wanted.items()}
        try:
            wait_until(reached, "roles", seconds, every_s=0.05)
        except AssertionError:
            raise AssertionError(f"expected {wanted} to serve within {seconds} s, got {self.serving()}\n"
                                 + "\n".join(node.daemon.describe() for node in self.nodes.values() if node.daemon)) from None

    def wait_settled(self, seconds: float = 20) -> None:
        """Each node has the group it prefers, and both are in step."""
        self.wait_serving(GROUPS, seconds)
        for name in self.nodes:
            wait_until(lambda: self.ha(name)["peer_up"] and self.ha(name)["peer_in_step"], f"{name} is in step with its peer", seconds)

    def probe(self, *groups: str, every_s: float = 0.002) -> Process:
        to = [word for group in groups or GROUPS for word in ("--to", bracketed(self.vip(group), DATAGRAM_PORT))]
        return tool(self.client, "gap_probe", *to, "--every", every_s)

    def streams(self, group: str, *words) -> Process:
        return tool(self.client, "tcp_streams", "client", "--to", bracketed(self.vip(group), STREAM_PORT), *words)

    def datagrams(self, group: str, *words) -> Process:
        return tool(self.client, "udp_echo", "client", "--to", bracketed(self.vip(group), DATAGRAM_PORT), *words)

    def kill(self, name: str) -> None:
        """Power off, as far as a process can show it: no last word of any kind."""
        self.nodes[name].daemon.send(signal.SIGKILL)
        self.nodes[name].daemon.wait(5)

    def open_echo_servers(self) -> None:
        for server in self.site.servers:
            addresses = {server.address(self.family)}
            if self.forwarding == "l2-dsr":
                addresses |= {self.vip(group) for group in GROUPS}
            for module, port, kind in (("tcp_streams", STREAM_PORT, "t"), ("udp_echo", DATAGRAM_PORT, "u")):
                at = [bracketed(address, port) for address in sorted(addresses)]
                running = tool(server.host, module, "server", "--name", server.name, "--listen", *at)
                wait_until(lambda: server.host.run(["ss", f"-Hln{kind}", f"sport = :{port}"]).stdout.strip() != "",
                           f"{module} of {server.name} listens on port {port}", 10, running)


def build_site(lab: Lab, forwarding: str, servers: int) -> tuple[Site, dict]:
    outside, inside, sync = lab.lan("outside"), lab.lan("inside"), lab.lan("sync")
    client = lab.host("client")
    hosts = {name: lab.host(name) for name in NAMES}
    outside.plug(client, "eth0", CLIENT_MAC, with_length(CLIENT))
    client.ip(*[f"route add {VIP_PREFIX[family]} dev eth0 src {CLIENT[family]}" for family in FAMILIES])
    for name, host in hosts.items():
        outside.plug(host, "eth0", MACS[name][0], with_length(OUTSIDE[name]))
        inside.plug(host, "eth1", MACS[name][1], with_length(INSIDE[name]))
        sync.plug(host, "eth2", MACS[name][2], [f"{SYNC[name]}/24"])
    made = [Server(lab.host(f"server{number}"), number, f"web-{number}") for number in range(1, servers + 1)]
    for server in made:
        inside.plug(server.host, "eth0", server_mac(server.number), [f"{server.address(f)}/{LENGTH[f]}" for f in FAMILIES])
        if forwarding == "l2-dsr":
            for group in GROUPS:
                for family in FAMILIES:
                    server.host.take_vip_on_loopback(VIPS[group][family])
            # One-way: the servers answer the client by a cable of their own.
            server.host.ip(*[f"route add {CLIENT_PREFIX[family]} dev eth0" for family in FAMILIES])
        else:
            server.host.ip(*[f"route add default via {GATEWAYS['blue'][family]}" for family in FAMILIES])
    if forwarding == "l2-dsr":
        inside.plug(client, "eth1", "02:00:00:00:01:07", [])
        for server in made:
            server.host.ip(*[f"route replace {CLIENT[family]} dev eth0" for family in FAMILIES])
        client.sysctl({"net.ipv4.conf.all.arp_ignore": 0})
    return Site(lab, client, hosts["lb-a"], made, forwarding, ["eth0", "eth1"]), hosts


def services(site: Site, family: int, check: dict | None, **more) -> list[dict]:
    made = []
    for group in GROUPS:
        for kind, port, protocol in (("web", WEB_PORT, "tcp"), ("streams", STREAM_PORT, "tcp"), ("datagrams", DATAGRAM_PORT, "udp")):
            service = {"name": f"{kind}-{group}", "group": group, "listen": f"{bracketed(VIPS[group][family], port)}/{protocol}",
                       "forwarding": site.forwarding, "scheduler": "consistent-round-robin", **more}
            if check:
                service["check"] = {**check, "port": WEB_PORT}
            service["backend"] = [{"name": server.name, "address": bracketed(server.address(family), port), "weight": 1}
                                  for server in site.servers]
            made.append(service)
    return made


def document(site: Site, name: str, driver: str, family: int, key: Path | None, interval: str, check: dict | None, workers: int | None,
             **more) -> dict:
    made = configuration.node(site, driver, services(site, family, check, **more), name=name, workers=workers)
    places = (OUTSIDE, INSIDE)
    for port, place in zip(made["port"], places):
        port["peer_address"] = [place[OTHER[name]][family]]
    made["ha"] = {"advert_interval": interval, "start_delay": "2s"}
    made["group"] = [{"name": group, "prefer": prefer, "vrid": VRIDS[group],
                      **({"gateway": [f"{GATEWAYS[group][family]}/{LENGTH[family]}"]} if site.forwarding == "nat" else {})}
                     for group, prefer in GROUPS.items()]
    made["sync"] = {"local": SYNC[name], "peer": SYNC[OTHER[name]], **({"key": str(key)} if key else {})}
    return made


@contextlib.contextmanager
def pair(forwarding: str = "nat", driver: str = "af_packet", family: int = 4, servers: int = 3, interval: str = "50ms", key: bool = True,
         check: dict | None = FAST_CHECK, workers: int | None = None, echo: bool = True, start: bool = True,
         change=lambda document, name: None, options: tuple = (), **service_keys):
    with Lab() as lab:
        site, hosts = build_site(lab, forwarding, servers)
        web = nginx.start_all(site)
        file = lab.directory / "pair.key" if key else None
        if file:
            command([programs()["tandemctl"], "pair", "init", str(file)])
        nodes = {}
        for name in NAMES:
            made = document(site, name, driver, family, file, interval, check, workers, **service_keys)
            change(made, name)
            nodes[name] = Node(dataclasses.replace(site, node=hosts[name]), made, name, options)
        made = Pair(lab, site, nodes, family, forwarding, web)
        if echo:
            made.open_echo_servers()
        if start:
            for node in nodes.values():
                node.start()
            made.wait_settled()
            for node in nodes.values():
                for service in node.document["service"]:
                    node.wait_all_up(service["name"])
        yield made


def gaps_after(report: dict, way: int, moment: float, shortest: float = 0.02) -> list[float]:
    """Lengths of the gaps of one way that end after `moment`."""
    return [length for began, length in report["ways"][way]["gaps"] if began + length >= moment and length >= shortest]
