# SPDX-License-Identifier: Apache-2.0
"""What the kernel of the node sees, and what it must not: VIP frames are tandemd's, its own traffic stays its own."""
import signal
import time

import pytest

from tandemlab import counters, packets
from tandemlab.site import CLIENT, CLIENT_MAC, NODE_MAC, NODE_OUTSIDE, VIP
from tandemlab.variants import FAMILY, two_variants

KERNEL_RECEIVED = {4: "Ip.InReceives", 6: "Ip6InReceives"}
NOISE_MOST = 100       # what the node's kernel receives for itself meanwhile: checks' replies and neighbours


@two_variants
def test_the_kernel_gets_no_frame_of_a_service(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family, check=None)
    since = counters.Since(made.site.node)
    assert made.load("--requests", 1000)["failed"] == 0
    received, sent = since[KERNEL_RECEIVED[family]], since["Tcp.OutRsts"]
    assert received < NOISE_MOST, f"expected the node's kernel to receive next to nothing, it received {received}"
    assert sent == 0, f"expected the node's kernel to reset nothing, it reset {sent}"


@FAMILY
def test_after_sigkill_vip_frames_are_dropped_and_the_next_start_takes_over(scene, family):
    made = scene("nat", "af_xdp", family)
    made.node.daemon.send(signal.SIGKILL)
    made.node.daemon.wait(5)
    assert counters.has_xdp(made.site.node), "expected the program to stay attached"
    since = counters.Since(made.site.node)
    dead = made.load("--requests", 20, "--at-once", 20, "--timeout", 1)
    assert dead["ok"] == 0 and since["Tcp.OutRsts"] == 0, f"expected silence, got {dead['reasons']}"
    with made.own_tcp_meanwhile():
        time.sleep(1)
    made.node.start_daemon()
    made.node.wait_all_up("web")
    assert made.load("--requests", 200)["failed"] == 0


def test_after_sigkill_without_our_program_the_kernel_would_see_vip_frames(scene):
    """The negative control: with the program taken off, the same frames reach the kernel."""
    made = scene("nat", "af_xdp", 4)
    made.node.daemon.send(signal.SIGKILL)
    made.node.daemon.wait(5)

    def to_vip() -> int:
        since = counters.Since(made.site.node)
        with packets.PacketHost(made.client) as wire:
            for number in range(50):
                packet = packets.tcp(CLIENT[4], 20000 + number, VIP[4], 80, packets.SYN)
                wire.send(packets.ethernet(NODE_MAC, CLIENT_MAC, packet))
        return since["Ip.InReceives"]
    assert to_vip() < 25
    made.site.node.ip("link set eth0 xdp off")
    assert to_vip() >= 50


@pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
def test_the_vip_is_answered_by_us_and_the_node_by_its_kernel(scene, driver):
    made = scene("nat", driver, 4)
    with packets.PacketHost(made.client) as wire:
        assert wire.ask_arp(CLIENT_MAC, CLIENT[4], VIP[4]) == NODE_MAC
        assert wire.ask_arp(CLIENT_MAC, CLIENT[4], NODE_OUTSIDE[4]) == NODE_MAC
        assert wire.ask_arp(CLIENT_MAC, CLIENT[4], "203.0.113.99", 0.5) is None, "expected silence about an address that is no VIP"
