# SPDX-License-Identifier: Apache-2.0
"""Two keepalived over plain kernels, each with an echo behind the VIPs it has: what a pair of ours is held against."""
import contextlib
import signal

from . import load
from .configuration import bracketed
from .keepalived import Keepalived
from .pair import GROUPS, NAMES, pair
from .pair_site import DATAGRAM_PORT
from .process import wait_until

LANS = 2            # an instance of each group on each


class KeepalivedPair:
    def __init__(self, site, interval_s: float):
        self.site, self.echoes = site, {}
        self.nodes = {name: Keepalived(site.lab, site[name].host, 4, name, interval_s) for name in NAMES}
        for name, node in self.nodes.items():
            node.host.sysctl({"net.ipv4.ip_nonlocal_bind": 1})
            self.restart(name)
        self.wait_settled()

    def wait_serving(self, wanted: dict[str, str], seconds: float = 5) -> None:
        def reached() -> bool:
            return all(node.serves(group) == (name == who) for group, who in wanted.items() for name, node in self.nodes.items())
        wait_until(reached, f"{wanted} to serve", seconds)

    def wait_settled(self) -> None:
        self.wait_serving(GROUPS, 10)

    def probe(self, group: str):
        return self.site.probe(group)

    def kill(self, name: str) -> None:
        """The echo first, in the same moment: the addresses that a killed keepalived leaves behind would go on answering."""
        self.echoes[name].send(signal.SIGKILL)
        self.nodes[name].power_off()

    def restart(self, name: str) -> None:
        vips = [bracketed(self.site.vip(group), DATAGRAM_PORT) for group in GROUPS]
        self.echoes[name] = load.echo_server(self.nodes[name].host, name, udp=vips)
        self.nodes[name].start()

    def takes(self) -> int:
        """How often a group was taken, by either, since the beginning."""
        return sum("Entering MASTER STATE" in line for node in self.nodes.values() for line in node.log()) // LANS


@contextlib.contextmanager
def keepalived_pair(interval_s: float):
    with pair("nat", servers=1, key=False, echo=False, start=False) as site:
        yield KeepalivedPair(site, interval_s)
