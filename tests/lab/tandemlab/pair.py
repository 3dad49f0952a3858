# SPDX-License-Identifier: Apache-2.0
"""Two nodes that cover for each other, running, and what tests ask of them. Their site: pair_site.py."""
import contextlib
import dataclasses
import signal

from . import nginx, tunnels
from .configuration import FAST_CHECK
from .net import Lab, command
from .pair_load import PairLoad, gaps_after
from .pair_site import GROUPS, NAMES, OTHER, PLUGS, VIPS, build_site, document, methods, virtual_mac
from .process import Process, tool, wait_until
from .site import TUNNELS, Site
from .tandem import Node, programs

__all__ = ["GROUPS", "NAMES", "OTHER", "Pair", "gaps_after", "pair", "virtual_mac"]


@dataclasses.dataclass(repr=False)
class Pair(PairLoad):
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

    def takes(self, name: str) -> int:
        """How often the node has taken a group since it started."""
        return sum(sum(row["transitions"].get("active", {}).values()) for row in self.ha(name)["groups"])

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

    def history(self, name: str, kind: str = "role") -> list[str]:
        """What `ha history` tells of one kind: "group blue: active, was standby: …"."""
        return [f"{event['object']}: {event['text']}" for event in self.nodes[name].ctl("ha", "history") if event["kind"] == kind]

    def role_changes(self) -> dict:
        """By node and group: how often it became what, and why."""
        return {name: {group["name"]: group["transitions"] for group in self.ha(name)["groups"]} for name in self.nodes}

    def refused(self, name: str) -> dict[str, dict[str, int]]:
        """Datagrams so far by path and reason."""
        return {path["name"]: path["rejected"] for path in self.ha(name)["paths"]}

    def cables(self, name: str, word: str, lans: tuple = tuple(PLUGS)) -> None:
        """Up or down, at the switch's end: what is down has no carrier."""
        for lan in lans:
            self.lab.lans[lan].switch.ip(f"link set {PLUGS[lan]}{name} {word}")

    def isolate(self, word: str, lans: tuple = tuple(PLUGS)) -> None:
        """On: the nodes reach everybody but each other."""
        for lan in lans:
            for name in self.nodes:
                self.lab.lans[lan].switch.run(["bridge", "link", "set", "dev", PLUGS[lan] + name, "isolated", word])

    def start_load(self, group: str, *words) -> Process:
        return tool(self.client, "http_load", "--to", self.vip(group), *words)

    def load(self, group: str, *words) -> dict:
        return self.start_load(group, *words).report(60)

    def kill(self, name: str) -> None:
        """Power off, as far as a process can show it: no last word of any kind."""
        self.nodes[name].daemon.send(signal.SIGKILL)
        self.nodes[name].daemon.wait(5)

    def mend(self) -> None:
        """Whatever a test did to the nodes: both run again, and each has its group."""
        for name, node in self.nodes.items():
            node.thaw()
            if not node.daemon.running():
                node.begin_daemon()
        for node in self.nodes.values():
            node.wait_answering()
        self.wait_settled()


@contextlib.contextmanager
def pair(forwarding: str = "nat", driver: str = "af_packet", family: int = 4, servers: int = 3, interval: str = "50ms", key: bool = True,
         check: dict | None = FAST_CHECK, workers: int | None = None, echo: bool = True, start: bool = True,
         change=lambda document, name: None, options: tuple | dict = (), behind=lambda name: (), **service_keys):
    """`options` of tandemd, or these by node; `behind(name)`: words before its own on the command line."""
    with Lab() as lab:
        site, hosts = build_site(lab, forwarding, servers)
        web = nginx.start_all(site)
        if any(method in TUNNELS for method in methods(forwarding).values()):
            tunnels.ends(site)
        file = lab.directory / "pair.key" if key else None
        if file:
            command([programs()["tandemctl"], "pair", "init", str(file)])
        nodes = {}
        for name in NAMES:
            made = document(site, name, driver, family, file, interval, check, workers, **service_keys)
            change(made, name)
            own_options = options.get(name, ()) if isinstance(options, dict) else options
            nodes[name] = Node(dataclasses.replace(site, node=hosts[name]), made, name, own_options, behind(name))
        made = Pair(lab, site, nodes, family, forwarding, web)
        if echo:
            made.open_echo_servers()
        if start:
            # At once, so that each takes the group it prefers without the other lending it first.
            for node in nodes.values():
                node.begin_daemon()
            for node in nodes.values():
                node.wait_answering()
                node.start_healthd()
            made.wait_settled()
            for node in nodes.values():
                node.start_exporter()
            for node in nodes.values():
                for service in node.document["service"]:
                    node.wait_all_up(service["name"])
        yield made
