# SPDX-License-Identifier: Apache-2.0
"""A way to the site with a hop that takes less than its ends: nobody at either end knows until somebody in between says so.

    remote ──1500── bend ──1400── client (a router here) ── lan ── node, servers

The remote's own link is as wide as the servers', so both announce full segments. What is too long for the middle link is told by
the router before it, with fragmentation needed (RFC 1191) or packet too big (RFC 8201)."""
from dataclasses import dataclass

from .net import Host
from .site import CLIENT, CLIENT_STRAIGHT, FAMILIES, VIP_PREFIX, Site, with_length

NARROW_MTU = 1400
REMOTE = {4: "192.0.2.7", 6: "2001:db8:2::7"}
REMOTE_PREFIX = {4: "192.0.2.0/24", 6: "2001:db8:2::/64"}
BEND_FAR = {4: "192.0.2.1", 6: "2001:db8:2::1"}
BEND, ROUTER = {4: "10.30.0.2", 6: "2001:db8:30::2"}, {4: "10.30.0.1", 6: "2001:db8:30::1"}
FORWARDS = {"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1}


@dataclass(repr=False)
class NarrowWay:
    remote: Host
    router: Host                     # the site's client, whose next hop towards the remote is the narrow one

    def path_mtu_at(self, host: Host, family: int) -> int:
        """What a host's kernel believes of the way to the remote; 0: it has learned nothing."""
        words = host.run(["ip", "route", "get", REMOTE[family]]).stdout.split()
        return int(words[words.index("mtu") + 1]) if "mtu" in words else 0

    def keep_silent(self) -> None:
        """The router no longer says that anything is too long."""
        self.router.nft("table inet silent {\nchain out {\ntype filter hook output priority 0;\n"
                        "icmp type destination-unreachable drop\nicmpv6 type packet-too-big drop\n}\n}\n")

    def fetch(self, vip: str, nbytes: int, seconds: int) -> int:
        """The download's first bytes, from the remote: how many came in time."""
        at = f"[{vip}]" if ":" in vip else vip
        argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{size_download}", "--max-time", seconds, "-r", f"0-{nbytes - 1}",
                f"http://{at}/download"]
        return int(self.remote.run(argv, check=False).stdout)


def add_narrow_way(site: Site) -> NarrowWay:
    lab, router = site.lab, site.client
    far, narrow = lab.lan("far"), lab.lan("narrow")
    remote, bend = lab.host("remote"), lab.host("bend")
    far.plug(remote, "eth0", "02:00:00:00:02:07", with_length(REMOTE))
    far.plug(bend, "eth0", "02:00:00:00:02:01", with_length(BEND_FAR))
    narrow.plug(bend, "eth1", "02:00:00:00:03:02", with_length(BEND), mtu=NARROW_MTU)
    narrow.plug(router, "eth2", "02:00:00:00:03:01", with_length(ROUTER), mtu=NARROW_MTU)
    for host in (bend, router):
        host.sysctl(FORWARDS)
    for family in FAMILIES:
        remote.ip(f"route add default via {BEND_FAR[family]}")
        bend.ip(f"route add {VIP_PREFIX[family]} via {ROUTER[family]}")
        router.ip(f"route add {REMOTE_PREFIX[family]} via {BEND[family]}")
        site.node.ip(f"route add {REMOTE_PREFIX[family]} via {CLIENT[family]}")
        if site.forwarding == "l2-dsr":
            for server in site.servers:
                server.host.ip(f"route add {REMOTE_PREFIX[family]} via {CLIENT_STRAIGHT[family]}")
    return NarrowWay(remote, router)
