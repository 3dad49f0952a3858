# SPDX-License-Identifier: Apache-2.0
"""Datagrams of eight kilobytes, in six fragments each way: all of one reach the same server, and its answer the client."""
import collections
import ipaddress
import itertools
import struct

import pytest

from tandemlab import captures, configuration, evidence, memif_wire, packets
from tandemlab.desk import CLIENT, CLIENT_MAC, NODE_MAC, VIP, replay, sent
from tandemlab.net import Lab
from tandemlab.scene import Scene, services
from tandemlab.site import CLIENT as SOURCE
from tandemlab.site import TUNNELS, VIP_PREFIX, build_site
from tandemlab.tandem import Node

SIZE, FLOWS, RATE, SECONDS = 8000, 40, 400, 1.5
FEW = [("nat", 4), ("full-nat", 6)]
REST = [one for one in itertools.product(("nat", "l2-dsr", "ipip", "full-nat"), (4, 6)) if one not in FEW]


def case(one: tuple, *marks):
    return pytest.param(*one, id=f"{one[0]}-IPv{one[1]}", marks=marks)


def exchange(made) -> dict:
    # Before it is known who has an address, the sender's kernel keeps a few datagrams and no more.
    made.start_datagrams("--size", 100, "--flows", 1, "--rate", 10, "--seconds", 0.3).report(30)
    result = made.start_datagrams("--size", SIZE, "--flows", FLOWS, "--rate", RATE, "--seconds", SECONDS).report(30)
    assert result["sent"] > RATE * SECONDS * 0.8, result
    assert (result["lost"], result["damaged"], result["doubled"], result["moved"]) == (0, 0, 0, 0), result
    return result


def fragment_drops(made) -> dict[str, int]:
    dropped = made.node.ctl("drops")["balance"]["dropped"]
    return {reason: count for reason, count in dropped.items() if "fragment" in reason and count}


@pytest.mark.parametrize("forwarding,family", [*map(case, FEW), *[case(one, pytest.mark.long) for one in REST]])
def test_long_datagrams_and_their_answers_arrive_whole_over_af_xdp(scene, forwarding, family):
    made = scene(forwarding, "af_xdp", family, echo=True, workers=2)
    if forwarding in TUNNELS:   # nobody cuts a fragment again for the header around it, so its sender leaves room
        made.client.ip(f"route replace {VIP_PREFIX[family]} dev eth0 src {SOURCE[family]} mtu 1400")
    exchange(made)
    assert not fragment_drops(made), fragment_drops(made)


@pytest.mark.parametrize("family", [4, pytest.param(6, marks=pytest.mark.long)], ids=["IPv4", "IPv6"])
def test_long_datagrams_arrive_whole_over_memif_with_four_workers(binaries, family):
    with Lab() as lab:
        site, socket = build_site(lab, "nat"), lab.directory / "m.sock"
        config = configuration.node(site, "memif", services(site, family, echo=True, check=None), workers=4)
        config["port"] = [{**memif_wire.port_of(site, socket), "queues": 1}]
        made = Scene(site, Node(site, config), family, [])
        made.open_echo_servers()
        made.node.start(health=False)
        memif_wire.connect(site, made.node, socket, memif_wire.CAPTURE_SOCKET)
        exchange(made)
        assert not fragment_drops(made), fragment_drops(made)
        rows = made.node.ctl("worker", "list")
        assert sum(row["handover_in"] for row in rows) > 0, "expected fragments to change workers"
        evidence.balance(made.node)


@pytest.mark.parametrize("family", [6, pytest.param(4, marks=pytest.mark.long)], ids=["IPv6", "IPv4"])
def test_a_datagram_that_loses_a_fragment_is_lost_alone(scene, family):
    """The control: what is counted as whole is put together of parts that all came this way."""
    made = scene("nat", "af_xdp", family, echo=True)
    made.site.lab.lans["lan"].switch.nft("table bridge trouble {\n chain one {\n type filter hook forward priority 0;\n"
                                         " iifname \"client\" oifname \"node\" numgen random mod 100 < 5 drop\n }\n}\n")
    result = made.start_datagrams("--size", SIZE, "--flows", FLOWS, "--rate", RATE, "--seconds", SECONDS).report(30)
    assert result["lost"] > 0 and result["received"] > 0 and (result["damaged"], result["moved"]) == (0, 0), result


def fragments(packet: bytes, size: int, number: int) -> list[bytes]:
    """An IPv4 packet cut as its sender would (RFC 791 3.2)."""
    source, target = (str(ipaddress.ip_address(packet[at:at + 4])) for at in (12, 16))
    data, made = packet[20:], []
    for at in range(0, len(data), size):
        part = bytearray(packets.ip_packet(source, target, packet[9], data[at:at + size]))
        part[4:8] = struct.pack("!HH", number, at // 8 | (0x2000 if at + size < len(data) else 0))
        part[10:12] = b"\0\0"
        part[10:12] = struct.pack("!H", packets.checksum(bytes(part[:20])))
        made.append(bytes(part))
    return made


def test_the_last_fragment_may_come_first_in_a_capture(desk):
    """A user's capture of fifty datagrams, every one backwards, each to its one server."""
    frames = []
    for number in range(50):
        parts = fragments(packets.tcp(CLIENT, 30000 + number, VIP, 80, packets.SYN, payload=bytes(3000)), 1480, number + 1)
        frames += [(number * 0.01 + place * 0.001, packets.ethernet(NODE_MAC, CLIENT_MAC, part)) for place, part in enumerate(reversed(parts))]
    captures.write(desk / "outside.in.pcap", frames)
    counters, out = replay(desk), sent(desk)
    assert len(out) == len(frames) == counters["balance"]["tx"], counters["balance"]
    servers = collections.defaultdict(set)
    for frame in out:
        servers[frame[18:20]].add(frame[30:34])
    assert len(servers) == 50 and all(len(reached) == 1 for reached in servers.values()), servers
