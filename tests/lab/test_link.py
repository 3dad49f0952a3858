# SPDX-License-Identifier: Apache-2.0
"""What the node does about its interfaces: links that go, and offloads that would feed it frames no wire carries."""
import struct
import time

import pytest

from tandemlab import evidence
from tandemlab.packets import ACK, PacketHost, ethernet, tcp
from tandemlab.process import wait_until
from tandemlab.site import CLIENT, CLIENT_MAC, NODE_MAC
from tandemlab.tandem import metric
from tandemlab.variants import DRIVER

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CHECKSUM, GSO_TCPV4 = 1, 1
STREAMS, FLAPS = 40, 3


def send_super_frame(host, frame: bytes, segment_bytes: int = 1448) -> None:
    """As a sender's TCP gives it to a device that promises to cut it: more than an MTU, its checksum still to be made."""
    host.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    host.socket.send(struct.pack("<BBHHHH", NEEDS_CHECKSUM, GSO_TCPV4, 54, segment_bytes, 34, 16) + frame)


def is_up(made) -> bool:
    return made.node.ctl("port", "list")[0]["up"]


@DRIVER
def test_a_link_that_goes_and_comes_is_followed(scene, driver):
    made = scene("nat", driver, 4)
    switch = made.site.lab.lans["lan"].switch
    assert is_up(made)
    switch.ip("link set node down")
    wait_until(lambda: not is_up(made), "the port is shown down", 3, every_s=0.1)
    switch.ip("link set node up")
    wait_until(lambda: is_up(made), "the port is shown up", 3, every_s=0.1)
    made.node.wait_all_up("web")
    assert made.load("--requests", 100)["failed"] == 0
    assert metric(made.node.scrape(), "tandem_port_link_changes_total") >= 2


def told_of_links(made, port: str) -> list[str]:
    return [event["text"] for event in made.node.ctl("events", "--limit", "1000")
            if event["kind"] == "link" and event["object"] == f"port {port}"]


def port_row(made, port: str) -> dict:
    return next(row for row in made.node.ctl("port", "list") if row["name"] == port)


def flap(made, times: int, each_way_s: float) -> None:
    """The cable to the servers, at the switch's end."""
    switch = made.site.lab.lans["inside"].switch
    for word in ("down", "up") * times:
        switch.ip(f"link set eth1.node {word}")
        wait_until(lambda: port_row(made, "inside")["up"] == (word == "up"), f"the port is shown {word}", 3, every_s=0.05)
        time.sleep(each_way_s)


@pytest.mark.long
@DRIVER
def test_a_link_that_flaps_under_traffic_is_counted_and_told_and_costs_no_connection(scene, driver):
    made = scene("nat", driver, 4, lans=2, echo=True)
    streams = made.start_streams("--streams", STREAMS, "--settle", 15)
    wait_until(lambda: sum(made.started("streams").values()) == STREAMS, f"{STREAMS} streams counted", 10, streams, every_s=0.2)
    time.sleep(0.5)
    changes, told = port_row(made, "inside")["link_changes"], told_of_links(made, "inside")
    # The control: traffic alone costs nothing at the port and is no news.
    assert evidence.balance(made.node)["dropped"]["port_down"] == 0 and "link is down" not in told
    flap(made, FLAPS, each_way_s=0.3)
    made.node.wait_all_up("web")
    result = streams.stop_and_report(30)
    assert result["alive"] == STREAMS, f"expected every stream to outlive the link, got {result}"
    assert result["lost"] == result["doubled"] == result["damaged"] == 0, result
    assert port_row(made, "inside")["link_changes"] == changes + 2 * FLAPS
    assert told_of_links(made, "inside")[len(told):] == ["link is down", "link is up"] * FLAPS
    dropped = {reason: count for reason, count in evidence.balance(made.node)["dropped"].items() if count}
    assert dropped.get("port_down", 0) > 0, f"expected what could not leave to have a name, got {dropped}"
    assert made.load("--requests", 100)["failed"] == 0


@DRIVER
def test_offloads_that_were_on_are_off_once_the_node_runs(scene, driver):
    made = scene("nat", driver, 4)
    made.node.stop()
    made.site.node.run(["ethtool", "-K", "eth0", "gro", "on", "tso", "on", "tx", "on"])
    made.node.start()
    features = made.site.node.run(["ethtool", "-k", "eth0"]).stdout
    for feature in ("generic-receive-offload", "tx-tcp-segmentation", "tx-checksumming"):
        assert f"{feature}: off" in features, f"expected {feature} to be off, ethtool says\n{features}"


def test_a_super_frame_is_dropped_by_name(scene):
    """A sender whose segmentation offload is on gives a virtual wire frames longer than its MTU. (veth cuts them itself while
    an XDP program is there, so af_xdp never sees one.)"""
    made = scene("nat", "af_packet", 4)
    for host, device in ((made.client, "eth0"), (made.site.lab.lans["lan"].switch, "node")):
        host.run(["ethtool", "-K", device, "tx", "on", "tso", "on", "gso", "on"])
    frame = ethernet(NODE_MAC, CLIENT_MAC, tcp(CLIENT[4], 40_000, made.vip, 80, ACK, payload=bytes(6000)))
    with PacketHost(made.client) as client:
        send_super_frame(client, frame)

    def dropped():
        return made.node.ctl("drops")["balance"]["dropped"]["super_frame"]
    wait_until(lambda: dropped() == 1, f"one super_frame among the drops; there are {dropped()}", 2, every_s=0.1)
