# SPDX-License-Identifier: Apache-2.0
"""A node that starts tells the LAN where its VIPs are, so that no switch or neighbour waits for its old knowledge to age."""
import ipaddress

from tandemlab.packets import PacketHost, mac_bytes
from tandemlab.site import NODE_MAC, VIP
from tandemlab.variants import DRIVER_AND_FAMILY

ALL_NODES_MAC = "33:33:00:00:00:01"


def is_announcement(frame: bytes, family: int) -> bool:
    """RFC 5227 section 3: an ARP packet whose sender and target are both the VIP. RFC 4861 7.2.6: an unsolicited advertisement to all nodes."""
    vip = ipaddress.ip_address(VIP[family]).packed
    if family == 4:
        return frame[:6] == b"\xff" * 6 and frame[12:14] == b"\x08\x06" and frame[28:32] == vip == frame[38:42]
    return frame[:6] == mac_bytes(ALL_NODES_MAC) and frame[12:14] == b"\x86\xdd" and frame[54] == 136 and frame[62:78] == vip


@DRIVER_AND_FAMILY
def test_a_started_node_announces_its_vip(scene, driver, family):
    made = scene("nat", driver, family)
    made.node.stop()
    with PacketHost(made.client) as lan:
        assert lan.receive(lambda frame: is_announcement(frame, family), 1.0) is None, "expected silence about the VIP while no node runs"
        made.node.start()
        frame = lan.receive(lambda got: is_announcement(got, family), 3.0)
    assert frame is not None, "expected an announcement of the VIP within 3 s of the start"
    assert frame[6:12] == mac_bytes(NODE_MAC), f"expected it from the node's MAC, came from {frame[6:12].hex(':')}"
