# SPDX-License-Identifier: Apache-2.0
"""VLANs on a port of the kernel's: tags on the clients' side, on the servers', on both. Clients and servers are packet sockets that write
their tags themselves, since the kernel here has no VLAN devices; so the node's addresses and neighbours stand in its configuration."""
import struct
from dataclasses import dataclass

import pytest
from tandemlab import configuration, evidence
from tandemlab.net import Lab
from tandemlab.packets import ACK, SYN, arp_request, checksums_right, tcp
from tandemlab.site import CLIENT, CLIENT_MAC, NODE_INSIDE, NODE_MAC, NODE_OUTSIDE, VIP, build_site, server_mac
from tandemlab.tagged_host import TaggedHost
from tandemlab.tandem import Node

CLIENTS, SERVERS = 10, 20
TAGS = pytest.mark.parametrize("tags", [(CLIENTS, SERVERS), (CLIENTS, None), pytest.param((None, SERVERS), marks=pytest.mark.long)],
                               ids=["both", "clients", "servers"])


def placed(address: str, vlan: int | None) -> str:
    return f"{address}/24" + (f"@{vlan}" if vlan else "")


@dataclass
class Scene:
    node: Node
    client: TaggedHost
    server: TaggedHost


def start(lab: Lab, forwarding: str, tags) -> Scene:
    clients, servers = tags
    site = build_site(lab, forwarding, servers=1)
    document = configuration.node(site, "af_packet", [configuration.service(site, "web", 4)], workers=1)
    document["port"][0] |= {"vlan": [tag for tag in tags if tag],
                            "address": [placed(NODE_OUTSIDE[4], clients), placed(NODE_INSIDE[4], servers)],
                            "neighbour": {CLIENT[4]: CLIENT_MAC, site.servers[0].address(4): server_mac(1)}}
    site.node.ip("addr flush dev eth0")
    node = Node(site, document)
    node.start(health=False)
    return Scene(node, TaggedHost(site.client, CLIENT_MAC, clients), TaggedHost(site.servers[0].host, server_mac(1), servers))


def ports_of(frame: bytes) -> tuple[int, int]:
    return struct.unpack_from("!HH", frame, 34)


def between(source: str, target: str):
    addresses = bytes(map(int, source.split("."))) + bytes(map(int, target.split(".")))
    return lambda frame: frame[12:14] == b"\x08\x00" and frame[26:34] == addresses


@TAGS
def test_nat_goes_there_and_back_through_tags(binaries, tags):
    with Lab() as lab:
        made = start(lab, "nat", tags)
        server = made.node.document["service"][0]["backend"][0]["address"].split(":")[0]
        made.client.say(NODE_MAC, tcp(CLIENT[4], 40000, VIP[4], 80, SYN))
        got = made.server.hears(between(CLIENT[4], server))
        assert got and checksums_right(got), "expected the SYN at the server, in its VLAN, with right checksums"
        made.server.say(NODE_MAC, tcp(server, 80, CLIENT[4], 40000, SYN | ACK))
        back = made.client.hears(between(VIP[4], CLIENT[4]))
        assert back and ports_of(back) == (80, 40000), "expected the answer at the client, in its VLAN, from the VIP"
        evidence.balance(made.node)


@TAGS
def test_dsr_changes_nothing_but_the_link(binaries, tags):
    with Lab() as lab:
        made = start(lab, "l2-dsr", tags)
        made.client.say(NODE_MAC, tcp(CLIENT[4], 40000, VIP[4], 80, SYN))
        assert made.server.hears(between(CLIENT[4], VIP[4])), "expected the packet itself at the server, in its VLAN"
        evidence.balance(made.node)


def test_the_largest_packet_passes_with_its_tags(binaries):
    with Lab() as lab:
        made = start(lab, "l2-dsr", (CLIENTS, SERVERS))
        made.client.say(NODE_MAC, tcp(CLIENT[4], 40000, VIP[4], 80, SYN, payload=bytes(1460)))
        got = made.server.hears(between(CLIENT[4], VIP[4]))
        assert got and len(got) == 1514, f"expected 1514 bytes, got {got and len(got)}"


def test_a_vlan_that_is_not_served_is_dropped_by_name(binaries):
    """The control: the tag decides, not that frames come."""
    with Lab() as lab:
        made = start(lab, "l2-dsr", (CLIENTS, SERVERS))
        made.client.vlan = 30
        made.client.say(NODE_MAC, tcp(CLIENT[4], 40000, VIP[4], 80, SYN))
        assert made.server.hears(between(CLIENT[4], VIP[4]), 1.0) is None
        dropped = made.node.ctl("drops")["balance"]["dropped"]
        assert dropped["unknown_vlan"] >= 1, dropped


def test_the_vip_answers_arp_in_each_lan(binaries):
    with Lab() as lab:
        made = start(lab, "nat", (CLIENTS, SERVERS))
        for host, own in ((made.client, CLIENT[4]), (made.server, "10.20.0.11")):
            question = arp_request(host.mac, own, VIP[4])
            tagged = question[:12] + struct.pack("!HH", 0x8100, host.vlan) + question[12:]
            host.send(tagged)
            answer = host.hears(lambda frame: frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02")
            assert answer and answer[22:28].hex(":") == NODE_MAC, f"expected an answer in VLAN {host.vlan}"
