# SPDX-License-Identifier: Apache-2.0
"""Failures 12 and 13: nodes of two releases work together in both roles; nodes of two configurations say so and lose nothing."""
import copy
import time
from pathlib import Path

import pytest
from tandemlab import captures, counters
from tandemlab.pair import GROUPS, NAMES, OTHER, Pair, pair
from tandemlab.process import wait_until
from tandemlab.tables import dump, wait_equal
from tandemlab.tandem import metric
from tandemlab.toll import tell, toll
from tandemlab.withheld import UDP_PORT

VERSION_AT, TYPE_AT = 14 + 20 + 8, 14 + 20 + 9    # of a datagram behind Ethernet, IPv4 and UDP
NEWEST, HANDSHAKES = 2, 0
COMPARES = {6, 7}                                  # digest and diff, which version 1 does not know
ROUND_S = 1.3                                      # within which quiet tables are compared
OWN_KEYS = ("node", "port", "sync")                # of a configuration: what is each node's own


def on_the_wire(duo: Pair) -> tuple[set[int], set[int]]:
    """Versions and types of sealed datagrams, as a third party reads them on the sync link."""
    wire = counters.capture(duo.lab.lans["sync"].switch, f"versions-{time.monotonic():.0f}", "eth2.lb-a", "udp", "port", UDP_PORT)
    time.sleep(ROUND_S)
    sealed = [frame for frame in captures.read(Path(wire.stop().file)) if frame[VERSION_AT] != HANDSHAKES]
    return {frame[VERSION_AT] for frame in sealed}, {frame[TYPE_AT] for frame in sealed}


def dies_and_returns(duo: Pair, name: str, capsys, what: str) -> None:
    with toll(duo) as counted:
        duo.kill(name)
        duo.wait_serving({group: OTHER[name] for group in GROUPS}, 5)
        time.sleep(1)
    tell(capsys, f"12, {what}, {name} killed", counted)
    assert (counted.broken, counted.misdelivered) == (0, 0), counted
    duo[name].start_daemon()
    duo.wait_settled()
    wait_equal(duo)


def moves_on_request(duo: Pair) -> None:
    for group, home in GROUPS.items():
        for at in (home, OTHER[home]):
            duo[at].ctl("--yes", "ha", "failover", group)
            wait_until(lambda: duo.serving()[group] == [OTHER[at]], f"{OTHER[at]} alone serves {group}", 2)


@pytest.mark.parametrize("older", ["lb-b", pytest.param("lb-a", marks=pytest.mark.long)])
def test_a_node_of_the_release_before_covers_and_is_covered_for(binaries, older, capsys, tier):
    with pair("nat", options={older: ("--previous-version",)}) as duo:
        wait_equal(duo)
        versions, types = on_the_wire(duo)
        assert versions == {NEWEST - 1} and not types & COMPARES, f"expected both to speak as the older one can, got {versions}, types {types}"
        moves_on_request(duo)
        for name in NAMES if tier != "default" else [OTHER[older]]:
            dies_and_returns(duo, name, capsys, f"{older} a version older")


def without_the_last_and_turned_round(document: dict) -> dict:
    """The first server's place is another's now, so who went by place instead of address would send connections astray."""
    changed = copy.deepcopy(document)
    for service in changed["service"]:
        service["backend"] = service["backend"][-2::-1]
    return changed


def test_nodes_that_differ_say_so_move_nothing_for_comfort_and_go_by_addresses(binaries, capsys):
    with pair("nat") as duo:
        versions, types = on_the_wire(duo)
        assert versions == {NEWEST} and types & COMPARES, f"expected two of one release to speak its newest version: the control of the test above; {types}"
        gone = duo.site.servers[-1].name
        duo["lb-b"].document = without_the_last_and_turned_round(duo["lb-b"].document)
        duo["lb-b"].write()
        comes_back_and_takes_nothing(duo, "lb-b")
        says_that_they_differ(duo)
        explicit_addresses_decide(duo, gone, capsys)
        comes_back_and_takes_nothing(duo, "lb-a")
        duo["lb-b"].apply(copy.deepcopy(duo["lb-a"].document | {key: duo["lb-b"].document[key] for key in OWN_KEYS}))
        duo.wait_settled()


def comes_back_and_takes_nothing(duo: Pair, name: str) -> None:
    """In step, and yet no group moves for comfort. That one does as soon as they agree, is the test's last line and its control."""
    if duo[name].daemon.running():
        duo.kill(name)
    duo.wait_serving({group: OTHER[name] for group in GROUPS}, 5)
    duo[name].start_daemon()
    wait_until(lambda: duo.ha(name)["peer_up"] and duo.ha(name)["ready"] and duo.ha(OTHER[name])["peer_in_step"], f"{name} was told all", 15)
    time.sleep(1.5)
    assert duo.serving() == {group: [OTHER[name]] for group in GROUPS}, "expected no group to move for comfort between nodes that differ"


def says_that_they_differ(duo: Pair) -> None:
    for name in NAMES:
        assert not duo.ha(name)["same_config"], f"expected {name} to say that the configurations differ"
        assert metric(duo[name].scrape(), "tandem_ha_same_config") == 0, "expected the metric that the alert goes by to say so"
    refused = duo["lb-a"].reply("ha", "failover", "blue")
    assert refused.exit == 5 and "configuration" in refused.error, f"expected a planned failover to be refused for that, got {refused}"


def explicit_addresses_decide(duo: Pair, gone: str, capsys) -> None:
    with toll(duo) as counted:
        wait_until(lambda: known_alike(duo, gone), "lb-b has lb-a's connections but those to the server that it does not know", 3)
        lost = sum(gone in row for row in dump(duo, "lb-a"))
        duo.kill("lb-a")
        duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
        time.sleep(1)
    tell(capsys, f"13, {lost} connections to a server that lb-b does not know, lb-a killed", counted)
    assert 0 < counted.broken <= lost, f"expected no connection but some of these {lost} to break, got {counted}"


def known_alike(duo: Pair, gone: str) -> bool:
    first, second = dump(duo, "lb-a"), dump(duo, "lb-b")
    return [row for row in first if gone not in row] == second and first != second
