# SPDX-License-Identifier: Apache-2.0
"""Two nodes: each serves the group it prefers, and takes the other's when that is gone."""
import time

import pytest
from tandemlab.pair import GROUPS, OTHER, gaps_after, pair
from tandemlab.process import tool, wait_until


def load(duo, group: str, requests: int = 300) -> dict:
    return tool(duo.client, "http_load", "--to", duo.vip(group), "--requests", requests, "--concurrency", 8).report(60)


@pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
def test_each_node_serves_the_group_it_prefers(driver):
    with pair("nat", driver) as duo:
        for group, name in GROUPS.items():
            before = duo[OTHER[name]].ctl("drops")["balance"]["tx"]
            result = load(duo, group)
            assert result["failed"] == 0, f"expected every request to {group} to be answered, got {result}"
            print(group, result, before)


def test_a_killed_node_is_covered_for():
    with pair("nat") as duo:
        probe = duo.probe()
        streams = {group: duo.streams(group, "--streams", 100, "--every", 0.05) for group in GROUPS}
        time.sleep(2)
        moment = time.monotonic()
        duo.kill("lb-a")
        wait_until(lambda: duo.serving() == {"blue": ["lb-b"], "green": ["lb-b"]}, "lb-b serves both groups", 5)
        time.sleep(2)
        results = {group: process.stop_and_report(30) for group, process in streams.items()}
        report = probe.stop_and_report(10)
        print("gaps", [gaps_after(report, way, moment) for way in (0, 1)], report["own_pause_s"])
        for group, result in results.items():
            assert result["alive"] == 100 and result["lost"] == result["doubled"] == 0, f"expected no stream of {group} to break: {result}"
