# SPDX-License-Identifier: Apache-2.0
"""A client, a system under test and a server, each in a namespace of its own, with two cables and no switch between them.

    client eth0 ──── eth0 node eth1 ──── eth0 server

Cables are plain ones for everybody: whole checksums, no frame larger than the MTU, as between machines whose NICs offload nothing.
"""
from dataclasses import dataclass

from tandemlab.net import PLAIN_WIRE, Host, Lab
from tandemlab.process import Process, wait_until
from tandemlab.site import CLIENT, CLIENT_MAC, CLIENT_PREFIX, NODE_INSIDE, NODE_MAC, NODE_MAC_1, NODE_OUTSIDE, VIP, Server, Site, server_mac
from tandemlab.tandem import build_directory

ASKS, DATAGRAMS = 80, 81  # ports
RATE = build_directory() / "tests/load/rate"


def cable(one: Host, device: str, mac: str, other: Host, other_mac: str) -> None:
    one.ip(f"link add {device} address {mac} type veth peer name eth0 address {other_mac} netns {other.namespace}", f"link set {device} up")
    other.ip("link set eth0 up")
    for host, end in ((one, device), (other, "eth0")):
        host.run(["ethtool", "-K", end] + PLAIN_WIRE)


def wait_listening(process: Process, port: int = ASKS) -> None:
    wait_until(lambda: process.host.run(["ss", "-Hltn", f"sport = :{port}"]).stdout.strip() != "", f"{process.name} listens", 10, process)


@dataclass
class Ends:
    client: Host
    node: Host
    server: Server
    cores: str | None = None  # where client and server may run; None: anywhere

    def place(self, argv: list) -> list:
        return ["taskset", "-c", self.cores, *argv] if self.cores else argv

    def site(self) -> Site:
        """As the lab's node programs know it."""
        return Site(self.node.lab, self.client, self.node, [self.server], "nat", ["eth0", "eth1"])

    def route_by_node(self) -> None:
        self.node.add_address("eth0", f"{NODE_OUTSIDE[4]}/24")
        self.node.add_address("eth1", f"{NODE_INSIDE[4]}/24")
        self.client.ip(f"route add {VIP[4]} via {NODE_OUTSIDE[4]}")
        self.server.host.ip(f"route add default via {NODE_INSIDE[4]}")

    def meet_on_one_wire(self) -> None:
        """The server has the VIP itself, and both believe that they are neighbours."""
        self.server.host.add_address("lo", f"{VIP[4]}/32")
        self.server.host.ip(f"route add {CLIENT_PREFIX[4]} dev eth0")
        self.client.ip(f"route add {VIP[4]} dev eth0")

    def open_server(self, address: str) -> None:
        argv = self.place([RATE, "answers", "--tcp", f"{address}:{ASKS}", "--udp", f"{address}:{DATAGRAMS}"])
        wait_listening(Process(self.server.host, argv, f"answers-{self.server.host.name}"))

    def rate(self, verb: str, *words, seconds: float = 30) -> dict:
        number = sum(process.name.startswith(f"{verb}-{self.client.name}") for process in self.client.lab.processes)
        port = DATAGRAMS if verb == "datagrams" else ASKS
        argv = self.place([RATE, verb, "--to", f"{VIP[4]}:{port}", *words])
        return Process(self.client, argv, f"{verb}-{self.client.name}-{number}").report(seconds)


def build(lab: Lab, name: str, cores: str | None = None) -> Ends:
    client, node, server = (lab.host(f"{name}-{part}") for part in ("client", "node", "server"))
    cable(node, "eth0", NODE_MAC, client, CLIENT_MAC)
    cable(node, "eth1", NODE_MAC_1, server, server_mac(1))
    ends = Ends(client, node, Server(server, 1, "web-1"), cores)
    client.add_address("eth0", f"{CLIENT[4]}/24")
    server.add_address("eth0", f"{ends.server.address(4)}/24")
    return ends
