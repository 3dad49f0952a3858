# SPDX-License-Identifier: Apache-2.0
"""Rows of the decision table that no failure above shows by itself. (Which test shows which row: docs/design/failures.md.)"""
import time

import pytest
from tandemlab.pair import GROUPS, NAMES, pair
from tandemlab.process import wait_until
from tandemlab.toll import tell, toll

START_DELAY_S, NOTICED_S = 2.0, 1.5


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat") as made:
        yield made


@pytest.fixture(autouse=True)
def whole_before_each(duo):
    duo.mend()


def test_a_lan_silent_both_ways_on_which_others_answer_both_moves_nothing(duo, capsys):
    """Row 3, equal: the incumbent stays. (Where one alone is answered: test_pair_unfit.py.)"""
    before = duo.role_changes()
    with toll(duo) as counted:
        duo.isolate("on", ("inside",))
        for name in NAMES:
            wait_until(lambda: not next(path for path in duo.ha(name)["paths"] if path["name"] == "inside")["up"], f"{name} misses the other inside", 3)
        time.sleep(1)
        duo.isolate("off", ("inside",))
    tell(capsys, "7, a LAN silent both ways", counted)
    assert duo.role_changes() == before, "expected no role to change"
    assert (counted.broken, counted.misdelivered) == (0, 0), counted
    assert counted.longest_gap("blue") == counted.longest_gap("green") == 0, counted


def test_of_two_unfit_nodes_the_fitter_serves(duo):
    """Row 8: one dead link against two. That it served nothing while it was the less fit is the control."""
    duo.cables("lb-a", "down", ("outside",))
    duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
    duo.cables("lb-b", "down", ("outside", "inside"))
    duo.wait_serving({group: "lb-a" for group in GROUPS}, 5)
    for name in NAMES:
        duo.cables(name, "up")
        duo.kill(name)                      # a start forgets the hold-down of who was unfit
    assert all(not names for names in duo.serving().values())


def test_who_boots_alone_listens_first_and_then_takes_all(duo):
    """Row 9: nobody is there to be asked. (Where somebody serves: test_pair_restart.py.)"""
    for name in NAMES:
        duo.kill(name)
    duo["lb-a"].begin_daemon()
    began = time.monotonic()
    duo["lb-a"].wait_answering()
    assert duo.serving() == {group: [] for group in GROUPS}, "expected nothing to be taken before it has listened"
    wait_until(lambda: duo.serving() == {group: ["lb-a"] for group in GROUPS}, "lb-a serves all", START_DELAY_S + 5)
    waited = time.monotonic() - began
    assert START_DELAY_S <= waited < START_DELAY_S + NOTICED_S, f"expected it to listen for {START_DELAY_S} s, it did for {waited:.2f} s"
