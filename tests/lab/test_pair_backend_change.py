# SPDX-License-Identifier: Apache-2.0
"""Failure 17: one of ten backends leaves the configuration, and within 50 ms the node that serves dies. What the survivor was not told of yet
it finds by the schedule of before: docs/design/adoption.md."""
import concurrent.futures
import copy
import itertools
import random
import time

import pytest
from tandemlab.configuration import FAST_CHECK
from tandemlab.kills import STREAMS, kill_under_load, nothing_was_lost, told
from tandemlab.pair import GROUPS, NAMES, Pair, pair
from tandemlab.tables import wait_equal

SERVERS, AT_MOST_S = 10, 0.05
EVERY, CALM_CHECK = "200ms", {**FAST_CHECK, "interval": "500ms"}   # ten servers on two cores: else it is the machine that is tested
TIMES = {"nat": {"default": 1, "long": 8, "soak": 200}, "l2-dsr": {"long": 8, "soak": 20}}


def without(document: dict, server: str) -> dict:
    changed = copy.deepcopy(document)
    for service in changed["service"]:
        service["backend"] = [one for one in service["backend"] if one["name"] != server]
    return changed


class Change:
    """One server more or less on both nodes at once, as an operator's tool would do it."""

    def __init__(self, duo: Pair):
        self.duo, self.whole, self.pool = duo, {name: duo[name].document for name in NAMES}, concurrent.futures.ThreadPoolExecutor(len(NAMES))
        self.under_way = {}

    def begin(self, server: str) -> None:
        self.under_way = {name: self.pool.submit(self.duo[name].apply, without(self.whole[name], server)) for name in NAMES}

    def at(self, name: str) -> None:
        self.under_way[name].result(30)

    def undo(self) -> None:
        for each in [self.pool.submit(self.duo[name].apply, self.whole[name]) for name in NAMES]:
            each.result(30)


def schedule_changes_and_it_dies(duo: Pair, change: Change, name: str, server: str, pause_s: float) -> dict:
    """The node dies so long after it has the new schedule; the other is being told at the same time."""
    def just_before() -> None:
        change.begin(server)
        change.at(name)
        time.sleep(pause_s)
    report = kill_under_load(duo, name, just_before, every=EVERY)
    change.at(next(one for one in NAMES if one != name))
    return report


@pytest.mark.parametrize("forwarding", ["nat", pytest.param("l2-dsr", marks=pytest.mark.long)])
def test_a_backend_leaves_and_the_node_that_serves_dies_within_50_ms(binaries, capsys, tier, forwarding):
    chance, broken, times = random.Random(17), 0, TIMES[forwarding][tier]
    with pair(forwarding, servers=SERVERS, check=CALM_CHECK) as duo:
        change = Change(duo)
        for number, name in zip(range(times), itertools.cycle(GROUPS.values())):
            server, pause_s = f"web-{chance.randrange(SERVERS) + 1}", chance.uniform(0, AT_MOST_S)
            report = schedule_changes_and_it_dies(duo, change, name, server, pause_s)
            broken += report["kill"]["broken"]
            with capsys.disabled():
                print(f"\n  17, {number + 1} of {times}: {server} removed, {1000 * pause_s:.0f} ms later {told(name, report)}; {broken} broken so far")
            nothing_was_lost(name, report, derivable=True)
            duo[name].start_daemon()
            duo.wait_settled()
            wait_equal(duo)
            change.undo()
            duo[name].wait_all_up("streams-blue")


@pytest.mark.long
def test_where_nobody_is_told_a_change_of_backends_and_a_death_break_connections(binaries, capsys):
    """The control: by l2-dsr a wrong guess is not mended, and exceptions are in no schedule."""
    with pair("l2-dsr", servers=SERVERS, check=CALM_CHECK, scheduler="round-robin", options=("--no-state-sync",)) as duo:
        report = schedule_changes_and_it_dies(duo, Change(duo), "lb-a", "web-1", AT_MOST_S)
        of_blue = STREAMS / 2 + report["kill"]["burst_established"]
        with capsys.disabled():
            print(f"\n  17 without sync: {report['kill']['broken']} of lb-a's {of_blue:.0f} broke")
        assert report["kill"]["broken"] > 0.3 * of_blue, f"expected more than 30 % of {of_blue} to break without sync, got {report}"
