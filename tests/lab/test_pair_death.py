# SPDX-License-Identifier: Apache-2.0
"""A node dies or is stopped under load: the other covers for it, and gives back what it was lent without losing a packet."""
import json
import signal
import statistics
import time

import pytest
from tandemlab import adverts
from tandemlab.pair import GROUPS, NAMES, OTHER, gaps_after, pair
from tandemlab.pair_site import VRIDS

DEAD_TIME_S = 0.15         # three intervals of 50 ms
GAP_MOST_S = 2 * DEAD_TIME_S
WAY_HOME = GROUPS["blue"]   # the servers' default gateway is blue's, so every answer passes its node
NO_GAP_S = 0.1             # a planned failover may be slower than a packet, never as slow as a death


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat", "af_packet", 4) as made:
        yield made


@pytest.fixture(autouse=True)
def whole_before_each(duo):
    duo.mend()


def covered_by(name: str) -> dict[str, str]:
    return {group: name for group in GROUPS}


def failed_after(trace, moment: float) -> list:
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    return [[round(began - moment, 3), reason] for began, _ended, server, reason, _port in lines if began > moment and not server]


def die_and_return(duo, name: str, traces: dict, report: list) -> None:
    probe = duo.probe()
    loads = {group: duo.start_load(group, "--rate", 100, "--timeout", 2, "--trace", trace) for group, trace in traces.items()}
    time.sleep(0.7)
    moment = time.monotonic()
    duo.kill(name)
    duo.wait_serving(covered_by(OTHER[name]), 5)
    time.sleep(1)
    for load in loads.values():
        load.stop_and_report()
    seen = probe.stop_and_report()
    for way, group in enumerate(GROUPS):
        gaps = gaps_after(seen, way, moment)
        if name in (GROUPS[group], WAY_HOME):
            report += gaps
        else:
            assert gaps == [], f"expected {group}, which {name} did not carry, never to be away, got {gaps}"
        late = failed_after(traces[group], moment + GAP_MOST_S)
        assert late == [], f"expected no request of {group} begun later than {GAP_MOST_S} s after the death to fail, got {late[:5]}"


@pytest.mark.parametrize("name", [NAMES[0], pytest.param(NAMES[1], marks=pytest.mark.long)])
def test_a_killed_node_is_covered_for_and_gets_its_group_back_without_a_loss(duo, name, tmp_path):
    """Requests and datagrams; what becomes of open connections: test_pair_kills.py."""
    gaps = []
    die_and_return(duo, name, {group: tmp_path / group for group in GROUPS}, gaps)
    for group in GROUPS:
        load = duo.load(group, "--requests", 100)
        assert load["failed"] == 0, f"expected the survivor to serve {group}, got {load['reasons']}"
    returns_without_a_loss(duo, name)
    assert len(gaps) >= 1, "expected the probe to see the death: else it sees nothing"
    assert statistics.median(gaps) < GAP_MOST_S, f"expected the group back within {GAP_MOST_S} s, got {gaps}"


def returns_without_a_loss(duo, name: str) -> None:
    flows = {group: duo.datagrams(group, rate=1000) for group in GROUPS}
    duo[name].start_daemon()
    duo.wait_settled()
    time.sleep(0.3)
    for group, process in flows.items():
        result = process.stop_and_report()
        assert (result["lost"], result["doubled"]) == (0, 0), f"expected {group} to be handed back without a loss, got {result}"
    told = told_since_start(duo[name])
    heard, took = told.index("heard"), next(index for index, text in enumerate(told) if text.startswith("active"))
    assert heard < took and told[took] == "active, was standby: the peer asked for it", told
    assert sum(text.startswith("active") for text in told) == 1, f"expected it to take its own group and nothing else: {told}"


def told_since_start(node) -> list[str]:
    events = node.ctl("events", "--node", "local")
    start = max(index for index, event in enumerate(events) if event["kind"] == "start")
    return [event["text"] for event in events[start:] if event["kind"] in ("role", "peer")]


@pytest.mark.parametrize("name", [NAMES[1], pytest.param(NAMES[0], marks=pytest.mark.long)])
def test_a_stopped_node_hands_its_group_over_first(duo, name):
    own = next(group for group in GROUPS if GROUPS[group] == name)
    probe, flow = duo.probe(), duo.datagrams(own, rate=5000)
    time.sleep(0.5)
    moment = time.monotonic()
    assert duo[name].daemon.stop() == 0
    duo.wait_serving(covered_by(OTHER[name]), 5)
    time.sleep(0.5)
    result, seen = flow.stop_and_report(), probe.stop_and_report()
    duo[name].start_daemon()
    duo.wait_settled()
    assert (result["lost"], result["doubled"], result["damaged"]) == (0, 0, 0), f"expected no datagram to be lost, got {result}"
    assert all(gap < NO_GAP_S for way in range(2) for gap in gaps_after(seen, way, moment)), seen


def test_without_the_other_node_a_vip_stays_away(duo):
    """The negative control: nothing but the other node brings a dead node's VIP back."""
    duo.kill("lb-b")
    duo.wait_serving({group: "lb-a" for group in GROUPS}, 5)
    probe = duo.probe()
    time.sleep(0.5)
    moment = time.monotonic()
    duo.kill("lb-a")
    time.sleep(1.5)
    seen = probe.stop_and_report()
    for way in seen["ways"]:
        assert way["lost"] > 600, f"expected nobody to answer for more than a second, got {way}"
    assert [gaps_after(seen, way, moment) for way in range(2)] == [[], []], "expected no answer to end the gap"
    start_at_once(duo, "after-all-were-dead")


def start_at_once(duo, label: str) -> None:
    lan = adverts.listen(duo.client, f"start-{label}")
    for name in NAMES:
        duo[name].begin_daemon()
    duo.mend()
    spoken = adverts.heard(lan)
    for group in GROUPS:
        double = adverts.longest_double_s(spoken, VRIDS[group]["outside"])
        assert double < DEAD_TIME_S, f"expected the LAN to hear one owner of {group} at a time, heard two for {double:.3f} s"
    for name in NAMES:
        for group in duo.ha(name)["groups"]:
            assert group["conflicts"] == 0, f"expected one owner of {group['name']} at any time, {name} counts {group['conflicts']}"
