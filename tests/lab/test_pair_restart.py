# SPDX-License-Identifier: Apache-2.0
"""Failure 8: a node comes back with an empty table. It takes nothing before it was told all, and then it can lose the other."""
import time

import pytest
from tandemlab.pair import GROUPS, Pair, pair, virtual_mac
from tandemlab.pair_site import DATAGRAM_PORT
from tandemlab.process import tool, wait_until
from tandemlab.site import CLIENT_MAC
from tandemlab.tables import dump
from tandemlab.toll import tell, toll
from tandemlab.withheld import connections_untold

ALL_A, ALL_B = {group: "lb-a" for group in GROUPS}, {group: "lb-b" for group in GROUPS}
UNTOLD_S = 3.0
SOURCES, PORTS, RATE, ROOM = 10, 1000, 20_000, "64k"
SOURCES_LONG, PORTS_LONG, RATE_LONG, ROOM_LONG = 20, 50_000, 60_000, "1300k"


def with_room(room: str):
    def change(document: dict, _name: str) -> None:
        document["dataplane"]["connections"] = room
        for service in document["service"]:
            service["timeouts"] = {"udp_one_way": "1h"}
    return change


def fill(duo: Pair, sources: int, ports: int, rate: int) -> None:
    """Flows of one datagram each, sent again until each has its entry: a datagram may be lost on the way like any other."""
    def entries() -> int:
        return duo["lb-a"].ctl("status")["connections_entries"]
    for _ in range(4):
        tool(duo.client, "flows", "--source-mac", CLIENT_MAC, "--target-mac", virtual_mac("blue", "outside", 4), "--to", duo.vip("blue"),
             "--port", DATAGRAM_PORT, "--sources", sources, "--ports", ports, "--rate", rate).report(90)
        if entries() >= sources * ports:
            return
    raise AssertionError(f"expected {sources * ports} flows at lb-a, it has {entries()}")


def alone_with_many_flows(duo: Pair, *size) -> None:
    for name in ("lb-a", "lb-b"):
        duo[name].begin_daemon()
    for node in duo.nodes.values():
        node.wait_answering()
        node.start_healthd()
    duo.wait_settled()
    duo.kill("lb-b")
    duo.wait_serving(ALL_A, 5)
    fill(duo, *size)


def of_flows(duo: Pair, name: str) -> list[str]:
    return [row for row in dump(duo, name, "udp") if '"client": "198.18.' in row]


def waits_while_untold(duo: Pair) -> None:
    with connections_untold(duo):
        duo["lb-b"].start_daemon()
        wait_until(lambda: duo.ha("lb-b")["peer_up"] and duo.ha("lb-b")["ready"], "lb-b hears lb-a and could serve", 10)
        watched_until = time.monotonic() + UNTOLD_S
        while time.monotonic() < watched_until:
            assert duo.serving() == {group: ["lb-a"] for group in GROUPS}, f"expected lb-b to take nothing before it was told: {duo.serving()}"
            assert not duo.ha("lb-a")["peer_in_step"], "expected lb-a to say that lb-b lacks connections"
            time.sleep(0.1)


@pytest.mark.parametrize("forwarding", ["nat", *[pytest.param(one, marks=pytest.mark.long) for one in ("full-nat", "ipip+full-nat")]])
def test_a_node_that_starts_empty_is_told_all_before_it_serves_and_then_stands_in_alone(binaries, capsys, tier, forwarding):
    # A pool's address has room for some ten thousands, and no more.
    many = tier != "default" and forwarding == "nat"
    room, size = (ROOM_LONG, (SOURCES_LONG, PORTS_LONG, RATE_LONG)) if many else (ROOM, (SOURCES, PORTS, RATE))
    with pair(forwarding, change=with_room(room), start=False) as duo:
        alone_with_many_flows(duo, *size)
        flows = of_flows(duo, "lb-a")
        with toll(duo, settle_s=0.5) as counted:
            waits_while_untold(duo)
            begun = time.monotonic()
            wait_until(lambda: duo.ha("lb-a")["peer_in_step"], "lb-b was told all", 60)
            told_in = time.monotonic() - begun
            counted.begin()
            duo.kill("lb-a")
            duo.wait_serving(ALL_B, 5)
            time.sleep(1)
        tell(capsys, f"8, {len(flows)} flows told in {told_in:.2f} s, then lb-a killed", counted)
        assert len(flows) == size[0] * size[1]
        assert of_flows(duo, "lb-b") == flows, "expected every flow at lb-b, with the backend that it had"
        assert (counted.broken, counted.misdelivered) == (0, 0), counted


def test_where_nobody_is_told_anything_a_node_that_starts_empty_serves_at_once(binaries):
    """The control: what held it back above is that it was not told."""
    with pair("nat", start=False, options=("--no-state-sync",)) as duo:
        alone_with_many_flows(duo, 1, 100, RATE)
        with pytest.raises(AssertionError, match="before it was told|lacks connections"):
            waits_while_untold(duo)
        assert of_flows(duo, "lb-b") == [], "expected nothing of lb-a's flows at lb-b"
