# SPDX-License-Identifier: Apache-2.0
"""Silent damage in a standby's memory is found by the sums of connections and set right; without them it stays."""
import time

import pytest
from tandemlab import memory
from tandemlab.pair import GROUPS, OTHER, Pair, pair
from tandemlab.pair_site import CLIENTS, STREAM_PORT
from tandemlab.process import wait_until
from tandemlab.tables import dump, wait_equal

STREAMS, DAMAGED = 60, 20
GROUP = "blue"
OWNER = GROUPS[GROUP]
STANDBY = OTHER[OWNER]


def repaired(duo: Pair) -> int:
    return duo.ha(STANDBY)["sync"]["digest_repaired"]


def damage_some(duo: Pair) -> None:
    places = memory.connections(duo[STANDBY], CLIENTS[GROUP][duo.family], duo.vip(GROUP), STREAM_PORT)
    assert len(places) == STREAMS, f"expected the {STREAMS} streams in {STANDBY}'s memory, found {len(places)}"
    memory.damage_clients(duo[STANDBY], places[:DAMAGED])
    lost = set(dump(duo, OWNER)) - set(dump(duo, STANDBY))
    assert len(lost) == DAMAGED, f"expected {DAMAGED} connections to be missing in {STANDBY} after the damage, got {len(lost)}"


def test_damaged_connections_are_set_right_before_they_are_needed():
    with pair("nat") as duo:
        flows = duo.streams(GROUP, count=STREAMS)
        time.sleep(3)
        assert repaired(duo) == 0, "expected nothing to be set right where nothing is wrong"
        damage_some(duo)
        began = time.monotonic()
        wait_equal(duo, 5)
        print(f"set right after {time.monotonic() - began:.1f} s")
        wait_until(lambda: repaired(duo) >= 2 * DAMAGED, f"{DAMAGED} missing and {DAMAGED} that nobody has to be told as set right", seconds=1)
        assert repaired(duo) == 2 * DAMAGED, f"expected {2 * DAMAGED} set right and no more, got {repaired(duo)}"
        duo.kill(OWNER)
        duo.wait_serving({group: STANDBY for group in GROUPS}, 5)
        time.sleep(1)
        result = flows.stop_and_report(30)
        assert result["alive"] == STREAMS and result["lost"] == result["doubled"] == 0, f"expected all streams to live on: {result}"


@pytest.mark.long
def test_without_sums_the_damage_stays():
    """The control of the test above; tests/unit/sync/digests_test.cpp has one of its own in every run."""
    with pair("nat", options=("--no-digests",)) as duo:
        duo.streams(GROUP, count=STREAMS)
        time.sleep(3)
        damage_some(duo)
        time.sleep(5)
        lost = set(dump(duo, OWNER)) - set(dump(duo, STANDBY))
        assert len(lost) == DAMAGED and repaired(duo) == 0, f"expected {DAMAGED} still missing, got {len(lost)}"
        assert duo.ha(STANDBY)["sync"]["digest_compared"] == 0
