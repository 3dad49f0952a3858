# SPDX-License-Identifier: Apache-2.0
"""Failure 9: both nodes start in the same instant. Each takes the group it prefers, and the LAN hears one owner at a time."""
import contextlib
import os
import time
from pathlib import Path

import pytest
from tandemlab import adverts
from tandemlab.pair import GROUPS, NAMES, Pair, pair
from tandemlab.pair_site import VRIDS
from tandemlab.process import wait_until

INTERVAL_S = 0.05
REPETITIONS = {"default": 3, "long": 100, "soak": 100}


class Gate:
    """Programs behind it wait until it opens; it lets all of them go at once, by the end of a pipe that they read."""

    def __init__(self, folder: Path):
        self.pipe = folder / "gate"
        os.mkfifo(self.pipe)

    def of(self, _name: str) -> tuple:
        return "sh", "-c", 'read -r nothing < "$0"; exec "$@"', self.pipe

    @contextlib.contextmanager
    def opens_for(self, *nodes):
        held = os.open(self.pipe, os.O_RDWR)
        try:
            yield
            for node in nodes:
                wait_until(lambda: os.readlink(f"/proc/{node.daemon.pid}/fd/0") == str(self.pipe), f"{node.name} waits at the gate", 5)
        finally:
            os.close(held)


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path)


def start_at_once(duo: Pair, gate: Gate, label: str):
    """Returns the ears at the LAN, which listen from before."""
    for name in NAMES:
        if duo[name].daemon is not None and duo[name].daemon.running():
            duo.kill(name)
    lan = adverts.listen(duo.client, label)
    with gate.opens_for(*duo.nodes.values()):
        for node in duo.nodes.values():
            node.begin_daemon()
    for node in duo.nodes.values():
        node.wait_answering()
        if node.healthd is None:
            node.start_healthd()
    return lan


def longest_double(lan) -> float:
    spoken = adverts.heard(lan)
    return max(adverts.longest_double_s(spoken, VRIDS[group]["outside"]) for group in GROUPS)


def test_two_that_start_in_the_same_instant_share_the_groups(binaries, gate, tier, capsys):
    with pair("nat", start=False, behind=gate.of, echo=False) as duo:
        doubles = []
        for turn in range(REPETITIONS[tier]):
            lan = start_at_once(duo, gate, f"turn-{turn}")
            duo.wait_settled()
            doubles.append(longest_double(lan))
            assert doubles[-1] <= INTERVAL_S, f"expected the LAN to hear two owners for an interval at most, heard them for {doubles[-1]:.3f} s"
        with capsys.disabled():
            print(f"\n  9, {len(doubles)} starts: two owners heard for {max(0.0, *doubles) * 1000:.0f} ms at the longest")
        two_that_cannot_hear_each_other_are_heard_as_two(duo, gate)


def two_that_cannot_hear_each_other_are_heard_as_two(duo: Pair, gate: Gate) -> None:
    """The control: a start that goes wrong would show."""
    duo.isolate("on")
    lan = start_at_once(duo, gate, "apart")
    wait_until(lambda: duo.serving() == {group: list(NAMES) for group in GROUPS}, "both serve both groups", 15)
    time.sleep(0.5)
    assert longest_double(lan) > INTERVAL_S
