# SPDX-License-Identifier: Apache-2.0
"""A reply that comes to the other node before the record of its connection: handed to the node that knows, or turned back by arithmetic.

The servers' way home is blue's node, and green's connections are made at the other: with the sync link silent about connections,
every answer of green comes to a node that has never heard of it.
"""
import pytest
from tandemlab import counters
from tandemlab.pair import GROUPS, pair
from tandemlab.pair_site import CLIENTS, MACS, VIPS
from tandemlab.withheld import connections_untold

REQUESTS = 10_000
SYN_ACK = "tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)"


def green_alone_has_its_servers(document: dict, _name: str) -> None:
    """An answer of theirs can belong to nothing else, so any node may turn it back."""
    document["service"] = [service for service in document["service"] if service["name"] != "web-blue"]


def no_way_to_the_peer_inside(document: dict, _name: str) -> None:
    del document["port"][1]["peer_address"]


def syn_acks(duo, what: str, lan: str, *filter_words: str) -> counters.Capture:
    """Those that lb-a puts on a LAN, taken at the switch."""
    plug = {"outside": "lb-a", "inside": "eth1.lb-a"}[lan]
    return counters.capture(duo.lab.lans[lan].switch, what, plug, "-Q", "in", SYN_ACK, *filter_words, snap=64)


def answers_of_green(duo, requests: int, *words) -> tuple[dict, dict]:
    """What became of them: counts by the way they took, and the far ends' trouble."""
    handed = syn_acks(duo, "handed", "inside", "and", "ether", "dst", MACS["lb-b"][1])
    turned = syn_acks(duo, "turned", "outside", "and", "src", "host", VIPS["green"][4])
    kernels = counters.Since(duo.client, *[server.host for server in duo.site.servers])
    with connections_untold(duo):
        load = duo.load("green", "--requests", requests, "--at-once", 50, "--source", CLIENTS["green"][4], *words)
    seen = kernels.all()
    ways = {"handed": handed.stop().count(), "turned back": turned.stop().count()}
    assert handed.dropped() == turned.dropped() == 0, "expected captures without holes"
    return ways, {"failed": load["failed"], "syn_resent": seen["TcpExt.TCPSynRetrans"], "resets": seen["Tcp.OutRsts"]}


@pytest.mark.parametrize("way,change", [("handed", lambda document, name: None), ("turned back", green_alone_has_its_servers)],
                         ids=["handed", "turned-back"])
def test_a_reply_before_its_record_reaches_its_client_at_once(binaries, way, change, capsys):
    with pair("nat", change=change) as duo:
        duo.wait_serving(GROUPS)
        ways, trouble = answers_of_green(duo, REQUESTS)
        with capsys.disabled():
            print(f"\n  {REQUESTS} replies before their record: {ways}, {trouble}")
        assert trouble == {"failed": 0, "syn_resent": 0, "resets": 0}, f"expected no SYN nor SYN-ACK to be sent twice, got {trouble}"
        assert ways == {"handed": 0, "turned back": 0, way: REQUESTS}, f"expected every SYN-ACK to be {way}, got {ways}"


def test_where_it_cannot_be_handed_the_reply_is_lost(binaries):
    """The control: without the peer's address inside, an answer of a shared server gets home only where the two services' schedules tell
    whose it is, which is a third of them (docs/design/adoption.md)."""
    with pair("nat", change=no_way_to_the_peer_inside) as duo:
        ways, trouble = answers_of_green(duo, 50, "--timeout", 2)
        assert trouble["failed"] > 10 and trouble["syn_resent"] > 0, f"expected lost answers, got {ways}, {trouble}"
        assert ways == {"handed": 0, "turned back": 50 - trouble["failed"]}, f"expected who was not told apart to fail, got {ways}, {trouble}"
