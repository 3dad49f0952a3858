# SPDX-License-Identifier: Apache-2.0
"""State sync: a killed node takes no connection with it, and both nodes' tables are the same."""
import time

import pytest
from tandemlab.pair import GROUPS, NAMES, OTHER, Pair, pair
from tandemlab.process import wait_until
from tandemlab.tables import wait_equal

STREAMS = 60


def streams_through_a_death(duo: Pair, name: str) -> dict[str, dict]:
    flows = {group: duo.streams(group, "--streams", STREAMS, "--every", 0.05) for group in GROUPS}
    time.sleep(1.5)
    duo.kill(name)
    duo.wait_serving({group: OTHER[name] for group in GROUPS}, 5)
    time.sleep(1.5)
    return {group: process.stop_and_report(30) for group, process in flows.items()}


@pytest.mark.parametrize("forwarding,scheduler", [("nat", "consistent-round-robin"), ("l2-dsr", "round-robin")])
def test_a_killed_node_takes_no_connection_with_it(forwarding, scheduler):
    with pair(forwarding, scheduler=scheduler) as duo:
        for name in NAMES:
            before = wait_equal(duo)
            results = streams_through_a_death(duo, name)
            for group, result in results.items():
                assert result["alive"] == STREAMS and result["lost"] == result["doubled"] == 0, (
                    f"expected all {STREAMS} streams of {group} to live through the death of {name}, got {result}")
            duo[name].start_daemon()
            duo.wait_settled()
            assert len(wait_equal(duo)) >= len(before), "expected the streams in both tables"


def test_while_the_sync_link_is_down_the_lan_carries_the_connections():
    with pair("nat") as duo:
        duo.lab.lans["sync"].switch.ip("link set eth2.lb-a down")
        wait_until(lambda: not any(path["up"] for path in duo.ha("lb-a")["paths"] if path["name"] == "sync"), "the sync link is silent", 5)
        results = streams_through_a_death(duo, "lb-a")
        for group, result in results.items():
            assert result["alive"] == STREAMS, f"expected all {STREAMS} streams of {group} to live, got {result}"


def test_without_sync_the_connections_of_a_round_robin_break():
    """The control of the test above: the same death, and nobody told the other."""
    with pair("l2-dsr", scheduler="round-robin", options=("--no-state-sync",)) as duo:
        results = streams_through_a_death(duo, "lb-a")
        broken = STREAMS - results["blue"]["alive"]
        assert broken > 0.3 * STREAMS, f"expected more than 30 % of {STREAMS} to break without sync, got {broken}: {results}"
