# SPDX-License-Identifier: Apache-2.0
"""A false take-over costs nothing: a node stands still for a moment, the other takes its group, and no connection notices."""
import itertools
import time
from pathlib import Path

import pytest
from tandemlab import captures, counters, load
from tandemlab.freezer import frozen, threads_of
from tandemlab.pair import GROUPS, NAMES, OTHER, Pair, pair, virtual_mac

STREAMS = 500
FREEZES_S = {"default": [0.2, 2.0]}
OF_LONG_S = [0.2, 0.4, 0.8, 1.3, 2.0] * 5        # for each forwarding: 50 in all
BURST_MOST = 4                  # one announcement and three repeats
SETTLED_AFTER_S = 1.2           # the repeats of an announcement take a second


def announcements(capture: counters.Capture, group: str, begun: float, ended: float) -> list[float]:
    """When a node said where the group's VIP is, by broadcast."""
    mac = bytes.fromhex(virtual_mac(group, "outside", 4).replace(":", ""))
    return [at for at, frame in captures.read_timed(Path(capture.file)) if begun <= at < ended and frame[6:12] == mac and frame[:6] == b"\xff" * 6]


def stands_still(duo: Pair, name: str, seconds: float) -> tuple[float, float]:
    """From the freeze until all is as before and was announced; the clock is the captures'."""
    begun, before = time.time(), duo.takes(OTHER[name])
    with frozen(f"tandem-{duo.lab.name}", *threads_of(duo[name].daemon)):
        time.sleep(seconds)
    time.sleep(0.3)
    owners = duo.serving()
    assert all(len(names) == 1 for names in owners.values()), f"expected no double role 0.3 s after {name} woke, got {owners}"
    duo.wait_settled(60)
    assert duo.takes(OTHER[name]) == before + 1, f"expected {OTHER[name]} to take over for {seconds} s: else nothing was tried"
    time.sleep(SETTLED_AFTER_S)
    return begun, time.time()


@pytest.mark.parametrize("forwarding", ["l2-dsr", pytest.param("nat", marks=pytest.mark.long)])
def test_a_node_that_stands_still_costs_no_connection_and_announces_once(binaries, tier, capsys, forwarding):
    with pair(forwarding, scheduler="round-robin") as duo:
        stand_still_by_turns(duo, FREEZES_S.get(tier, OF_LONG_S), capsys)


def stand_still_by_turns(duo: Pair, freezes_s: list[float], capsys) -> None:
    switch = duo.lab.lans["outside"].switch
    heard = {name: counters.capture(switch, f"arp-{name}", name, "-Q", "in", "arp") for name in NAMES}
    streams = duo.streams(count=STREAMS)
    load.wait_open(streams)
    time.sleep(SETTLED_AFTER_S)
    spans = [(name, *stands_still(duo, name, seconds)) for name, seconds in
             zip(itertools.cycle(NAMES), freezes_s)]
    result = streams.stop_and_report(30)
    for capture in heard.values():
        capture.stop()
    bursts = []
    for name, begun, ended in spans:
        group = next(group for group in GROUPS if GROUPS[group] == name)
        bursts += [len(announcements(heard[who], group, begun, ended)) for who in (OTHER[name], name)]
    with capsys.disabled():
        print(f"\n  {len(spans)} freezes: {result['streams'] - result['alive']} of {result['streams']} streams broke, longest silence "
              f"{1000 * result['longest_silence_s']:.0f} ms; announcements by taker and owner {bursts}")
    assert result["alive"] == STREAMS and result["lost"] == result["doubled"] == result["damaged"] == 0, result
    assert all(0 < count <= BURST_MOST for count in bursts), f"expected one burst of each node a freeze, got {bursts}"


def test_without_sync_it_costs_connections(binaries):
    """The control of the test above: a moment's stand-still, and the other did not know the connections."""
    with pair("l2-dsr", scheduler="round-robin", options=("--no-state-sync",)) as duo:
        streams = duo.streams("blue", count=STREAMS)
        load.wait_open(streams)
        stands_still(duo, "lb-a", 0.5)
        result = streams.stop_and_report(30)
        assert result["alive"] < 0.7 * STREAMS, f"expected more than 30 % of {STREAMS} to break without sync, got {result}"
