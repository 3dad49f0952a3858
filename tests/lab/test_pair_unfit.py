# SPDX-License-Identifier: Apache-2.0
"""A node that runs and yet serves badly: a link gone, a cable that eats frames, a worker that stands still. Its groups move."""
import contextlib
import time
from pathlib import Path

import pytest
from tandemlab.freezer import frozen
from tandemlab.pair import GROUPS, gaps_after, pair
from tandemlab.process import wait_until

GAP_MOST_S = 0.3               # twice the dead time at 50 ms
ALL_B = {group: "lb-b" for group in GROUPS}


@pytest.fixture
def duo(request, binaries):
    """A pair of its own for each: who was unfit is held down for ten seconds."""
    with pair("nat", getattr(request, "param", "af_packet"), 4) as made:
        yield made


def role_changes(duo) -> dict[str, int]:
    """How often each group was taken by either node."""
    return {group: sum(sum(row["transitions"].get("active", {}).values()) for name in duo.nodes for row in duo.ha(name)["groups"]
                       if row["name"] == group) for group in GROUPS}


def moves_to_the_fitter(duo, break_it, capsys, what: str, at_most_s: float = GAP_MOST_S) -> None:
    """Both groups' traffic meanwhile: gaps, and nothing lost once lb-b serves."""
    before, probe = role_changes(duo), duo.probe()
    time.sleep(0.5)
    moment = time.monotonic()
    break_it()
    duo.wait_serving(ALL_B, 5)
    gaps = [gap for way in range(2) for gap in gaps_after(probe_after(probe, 1.0), way, moment)]
    with capsys.disabled():
        print(f"\n  {what}: gaps {[round(gap * 1000) for gap in gaps]} ms")
    assert all(gap < at_most_s for gap in gaps), f"expected no gap of {at_most_s} s or more, got {gaps}"
    for group in GROUPS:
        load = duo.load(group, "--requests", 200)
        assert load["failed"] == 0, f"expected lb-b to serve {group}, got {load['reasons']}"
    assert role_changes(duo) == {"blue": before["blue"] + 1, "green": before["green"]}


def probe_after(probe, seconds: float) -> dict:
    time.sleep(seconds)
    return probe.stop_and_report()


def test_a_link_that_goes_down_moves_the_group_at_once_and_back_only_after_a_while(duo, capsys):
    switch = duo.lab.lans["outside"].switch
    moves_to_the_fitter(duo, lambda: switch.ip("link set lb-a down"), capsys, "carrier lost")
    assert any("dead link" in line for line in duo.history("lb-b")), duo.history("lb-b")
    switch.ip("link set lb-a up")
    time.sleep(2.5)
    assert duo.roles("lb-a")["blue"] == "standby", "expected a node that was unfit to be believed again after ten seconds, not after two"


# Over AF_XDP the kernel has the answers to its own addresses: the workers ask without one.
@pytest.mark.parametrize("duo", ["af_xdp", pytest.param("af_packet", marks=pytest.mark.long)], indirect=True)
def test_a_cable_that_eats_frames_moves_the_group_though_the_carrier_stays(duo, capsys):
    """lb-a and the inside LAN do not reach each other any more; the servers still answer lb-b there."""
    switch = duo.lab.lans["inside"].switch

    def eat() -> None:
        switch.nft("table bridge trouble {\n chain one {\n type filter hook forward priority 0;\n"
                   " iifname \"eth1.lb-a\" drop\n oifname \"eth1.lb-a\" drop\n }\n}\n")
    moves_to_the_fitter(duo, eat, capsys, "silent loss", at_most_s=1.5)
    assert any("answer us better" in line for line in duo.history("lb-b")), duo.history("lb-b")
    assert all(port["up"] for port in duo["lb-a"].ctl("port", "list")), "expected lb-a's carriers to stay: else this is the test above"


def test_a_flapping_link_moves_a_group_at_most_twice(duo, tier):
    switch, before = duo.lab.lans["outside"].switch, role_changes(duo)
    end = time.monotonic() + (3 if tier == "default" else 10)
    while time.monotonic() < end:
        for word in ("down", "up"):
            switch.ip(f"link set lb-a {word}")
            time.sleep(0.1)
    moved = {group: count - before[group] for group, count in role_changes(duo).items()}
    assert 1 <= moved["blue"] <= 2 and moved["green"] == 0, f"expected at most two moves of blue and none of green, got {moved}"
    for group in GROUPS:
        assert duo.load(group, "--requests", 100)["failed"] == 0


def workers_of(process) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sorted(int(task.name) for task in tasks if (task / "comm").read_text().startswith(("worker", "rte-worker", "lcore-worker")))


def test_one_worker_that_stands_still_moves_the_group(binaries, capsys):
    """Only its share of the flows would hang, and for ever: nothing else of the node is wrong."""
    with pair("nat", "af_packet", 4, workers=2) as duo:
        threads = workers_of(duo["lb-a"].daemon)
        assert len(threads) == 2, f"expected two workers, found {threads}"
        with contextlib.ExitStack() as ice:
            moves_to_the_fitter(duo, lambda: ice.enter_context(frozen(f"tandem-{duo.lab.name}", threads[1])), capsys, "one worker of two frozen")
            rows = [row["role"] for row in duo.ha("lb-a")["groups"]]
            assert rows == ["standby", "standby"], f"expected lb-a to answer for itself meanwhile, got {rows}"
