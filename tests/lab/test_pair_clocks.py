# SPDX-License-Identifier: Apache-2.0
"""Failure 10: clocks that jump, and clocks that differ. Only the monotonic one decides anything, and each node's is its own."""
import datetime
import time

import pytest
from tandemlab.clocks import Clocks
from tandemlab.pair import GROUPS, NAMES, OTHER, Pair, pair
from tandemlab.process import wait_until
from tandemlab.tables import wait_equal
from tandemlab.toll import tell, toll

HOUR_S = 3600


@pytest.fixture
def clocks():
    with Clocks() as made:
        yield made


def ahead_by_an_hour(name: str) -> tuple:
    return ("unshare", "--time", "--monotonic", HOUR_S, "--boottime", HOUR_S) if name == "lb-b" else ()


def last_event_at(duo: Pair, name: str) -> float:
    """When, by the node's own wall clock, something happens now."""
    duo[name].ctl("--yes", "sync", "resync")
    told = [event["time"] for event in duo[name].ctl("events") if event["kind"] == "sync"][-1]
    return datetime.datetime.fromisoformat(told).timestamp()


def standstills(duo: Pair, name: str) -> list[str]:
    return [event["text"] for event in duo[name].ctl("events") if event["kind"] == "gap" and "stood still" in event["text"]]


def test_a_wall_clock_that_jumps_an_hour_moves_nothing(binaries, clocks, capsys):
    with pair("nat", behind=clocks.of) as duo:
        before = {name: duo.refused(name) for name in NAMES}, duo.role_changes()
        with toll(duo, settle_s=0.5) as counted:
            for name in NAMES:
                for hours in (1, -1, 0):
                    clocks.step(name, wall=hours * HOUR_S)
                    told = last_event_at(duo, name) - time.time()
                    assert abs(told - hours * HOUR_S) < 60, f"expected {name} to believe a clock that jumped: else nothing was tried; it is off by {told:.0f} s"
                    time.sleep(0.2)
        tell(capsys, "10, wall clocks +1 h, -1 h", counted)
        assert ({name: duo.refused(name) for name in NAMES}, duo.role_changes()) == before, "expected no role to change and no datagram to be refused"
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
        assert counted.longest_gap("blue") == counted.longest_gap("green") == 0, counted
        assert wait_equal(duo), "expected connections in the tables that are compared"
        a_jump_of_the_monotonic_clock_would_be_noticed(duo, clocks)


def a_jump_of_the_monotonic_clock_would_be_noticed(duo: Pair, clocks: Clocks) -> None:
    """The control: the clock that decides is the one that no administrator can set, and a jump of it looks like an hour's sleep."""
    before = len(standstills(duo, "lb-a"))
    clocks.step("lb-a", monotonic=HOUR_S)
    wait_until(lambda: len(standstills(duo, "lb-a")) > before, "lb-a says that it stood still", 5)


@pytest.mark.long
def test_nodes_whose_clocks_differ_by_an_hour_are_a_pair_like_any_other(binaries, capsys):
    with pair("nat", behind=ahead_by_an_hour) as duo:
        wait_equal(duo)
        with toll(duo) as counted:
            duo.kill("lb-a")
            duo.wait_serving({group: OTHER["lb-a"] for group in GROUPS}, 5)
            time.sleep(1)
        tell(capsys, "10, clocks an hour apart, lb-a killed", counted)
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
        duo["lb-a"].start_daemon()
        duo.wait_settled()
        wait_equal(duo)
