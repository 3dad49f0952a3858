# SPDX-License-Identifier: Apache-2.0
"""ICMP errors with real kernels at both ends: they must believe what we carry and what we say ourselves."""
import struct
import sys

import pytest
from tandemlab import nginx, packets
from tandemlab.narrow_way import NARROW_MTU, add_narrow_way
from tandemlab.packets import SYN, PacketHost
from tandemlab.process import wait_until
from tandemlab.scene import DATAGRAM_PORT
from tandemlab.site import CLIENT, CLIENT_MAC, NODE_MAC
from tandemlab.tandem import metric
from tandemlab.variants import DRIVER_AND_FAMILY, two_variants

NBYTES = 300_000

ASK_BY_UDP = """
import socket, sys
with socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(3)
    client.connect((sys.argv[1], int(sys.argv[2])))
    client.send(bytes(64))  # flow 0, datagram 0, as the echo servers take it
    try:
        client.recv(2000)
        print("answered")
    except ConnectionRefusedError:
        print("refused")
    except TimeoutError:
        print("silence")
"""


def narrow_way(made):
    nginx.download_file(made.site.lab.directory)
    way = add_narrow_way(made.site)
    wait_until(lambda: way.fetch(made.vip, 100, 2) == 100, "the remote reaches the service with what fits", 10)
    return way


def carried(made, fate: str) -> float:
    return metric(made.node.scrape(), "tandem_icmp_errors_total", fate=fate)


def believed(way, made) -> set[int]:
    return {way.path_mtu_at(server.host, made.family) for server in made.site.servers}


@two_variants
def test_servers_learn_the_path_mtu_from_a_router_that_only_knows_the_vip(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family)
    way = narrow_way(made)
    assert believed(way, made) == {0}, "expected that nobody has learned anything yet"
    for _ in range(4):  # both servers are asked
        assert way.fetch(made.vip, NBYTES, 10) == NBYTES
    assert NARROW_MTU in believed(way, made), f"expected a server to have learned {NARROW_MTU}, they have {believed(way, made)}"
    assert carried(made, "to_backend") >= 1


@pytest.mark.parametrize(("driver", "family"), [("af_packet", 4), pytest.param("af_xdp", 6, marks=pytest.mark.long)])
def test_without_that_word_the_download_hangs(scene, driver, family):
    """The control: what makes the one above come out is the error, not that segments fitted anyway."""
    made = scene("nat", driver, family)
    way = narrow_way(made)
    way.keep_silent()
    assert way.fetch(made.vip, NBYTES, 5) < NBYTES, "expected the download to hang"
    assert believed(way, made) == {0} and carried(made, "to_backend") == 0


@DRIVER_AND_FAMILY
def test_a_client_is_refused_when_no_program_listens_at_the_server(scene, driver, family):
    made = scene("nat", driver, family, echo=True)

    def ask() -> str:
        return made.client.run([sys.executable, "-c", ASK_BY_UDP, made.vip, DATAGRAM_PORT]).stdout.strip()
    assert ask() == "answered", "the control: while they listen, they answer"
    for echo in made.echoes:
        echo.stop()
    assert {ask() for _ in range(4)} == {"refused"}
    assert carried(made, "to_client") >= 4


@DRIVER_AND_FAMILY
def test_a_traceroute_meets_the_vip_and_then_the_server(scene, driver, family):
    made = scene("nat", driver, family)
    client, kind = CLIENT[family], packets.ICMP if family == 4 else packets.ICMPV6

    def syn(ttl: int) -> bytes:
        return packets.ethernet(NODE_MAC, CLIENT_MAC, packets.tcp(client, 40_000 + ttl, made.vip, 80, SYN, ttl=ttl))

    def is_from_vip(frame: bytes, protocol: int) -> bool:
        source, at = (frame[26:30], 23) if family == 4 else (frame[22:38], 20)
        return frame[at] == protocol and source == packets.ipaddress.ip_address(made.vip).packed

    with PacketHost(made.client) as wire:
        wire.send(syn(1))
        expired = wire.receive(lambda frame: is_from_vip(frame, kind))
        assert expired is not None and packets.checksums_right(expired), "expected the VIP to say that the packet expired"
        outer = 14 + (20 if family == 4 else 40)
        assert expired[outer] == (11 if family == 4 else 3)
        assert expired[outer + 8:] == syn(1)[14:], "expected it to quote the very packet"
        wire.send(syn(2))
        answer = wire.receive(lambda frame: is_from_vip(frame, packets.TCP))
        assert answer is not None and struct.unpack_from("!H", answer, outer)[0] == 80
    assert carried(made, "time_exceeded") == 1
