# SPDX-License-Identifier: Apache-2.0
"""A `tap:` port of the node, with its wire end in the LAN.

    LAN ── eth0 ── wire (bridge) ── t0 = the port's wire end ── tandemd ── twin: the node's addresses, health checks
"""
from .process import wait_until
from .site import NODE_INSIDE, NODE_OUTSIDE, with_length

WIRE_END = "t0"
WIRE_END_MAC = "02:00:00:00:0f:01"


def connect(site, node) -> dict:
    """After tandemd has made the tap: joins it to the LAN and gives the twin the node's addresses. Returns the port."""
    host = site.node
    wait_until(lambda: host.run(["ip", "link", "show", WIRE_END], check=False).returncode == 0,
               f"tandemd makes the interface {WIRE_END}", 10, node.daemon)
    port = node.ctl("port", "list")[0]
    host.ip("addr flush dev eth0", "link add wire type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            "link set eth0 master wire", "link set wire up")
    host.sysctl({f"net.ipv6.conf.{device}.disable_ipv6": 1 for device in ("eth0", "wire")})
    plug_in(site)
    host.ip(f"link set {port['interface']} up")
    for address in with_length(NODE_OUTSIDE) + with_length(NODE_INSIDE):
        host.add_address(port['interface'], address)
    return port


def plug_in(site) -> None:
    """The wire's end, which comes and goes with tandemd, into the bridge. It has the port's MAC at first, and a bridge keeps
    frames to the MAC of a member to itself."""
    site.node.ip(f"link set {WIRE_END} down", f"link set {WIRE_END} address {WIRE_END_MAC}", f"link set {WIRE_END} master wire up")
    site.node.sysctl({f"net.ipv6.conf.{WIRE_END}.disable_ipv6": 1})
