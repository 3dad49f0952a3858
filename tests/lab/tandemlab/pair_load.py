# SPDX-License-Identifier: Apache-2.0
"""What a pair is loaded with: the servers' echoes, streams, datagrams, and a probe that sees for how long nobody answers."""
from . import load
from .configuration import bracketed
from .pair_site import DATAGRAM_PORT, GROUPS, STREAM_PORT
from .process import Process


class PairLoad:
    """Of a Pair, which knows its lab, site and VIPs."""

    def streams(self, *groups: str, count: int = 200, every: str = "50ms", words: tuple = ()) -> Process:
        """TCP streams, the groups by turns; with a kill the burst goes to the first."""
        to = [bracketed(self.vip(group), STREAM_PORT) for group in groups or GROUPS]
        return load.start(self.client, "streams", "--to", *to, "--count", count, "--every", every, *words)

    def datagrams(self, *groups: str, rate: int = 5000, flows: int = 50) -> Process:
        """At `rate` a second to each group."""
        to = [bracketed(self.vip(group), DATAGRAM_PORT) for group in groups or GROUPS]
        return load.start(self.client, "datagrams", "--to", *to, "--rate", rate, "--flows", flows)

    def probe(self, *groups: str) -> Process:
        return self.datagrams(*groups, rate=500, flows=1)

    def open_echo_servers(self) -> None:
        self.echoes = []
        for server in self.site.servers:
            addresses = {server.address(self.family), *[self.vip(group) for group in GROUPS if self.vip(group) in self.site.held_vips]}
            tcp, udp = ([bracketed(address, port) for address in sorted(addresses)] for port in (STREAM_PORT, DATAGRAM_PORT))
            self.echoes.append(load.echo_server(server.host, server.name, tcp, udp))


def gaps_after(report: dict, way: int, moment: float, shortest: float = 0.02) -> list[float]:
    """Lengths of the gaps of one way that end after `moment`."""
    return [length for began, length in report["ways"][way]["gaps"] if began + length >= moment and length >= shortest]
