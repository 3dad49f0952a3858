# SPDX-License-Identifier: Apache-2.0
"""A node is killed while a thousand streams speak through the pair and a hundred more are just being opened; what became of them."""
import itertools
import time

from . import load
from .pair import GROUPS, OTHER, Pair, gaps_after
from .tables import rows, wait_equal

STREAMS, BURST = 1000, 100
LAG_MOST_MS = 20                                         # what may be excused by sync at all
GAP_MOST_S = 0.4                                         # of one kill on a busy machine; how they lie: test_pair_gap.py
YOUNG_LEAST = 0.05                                       # of each burst, over many kills: each waits until a tenth is open, 50 ms at most
DERIVED_LEAST, CHANCE = 0.5, 3                           # 29 in 100 do not get their first candidate (docs/design/schedulers.md)


def told_to(duo: Pair, name: str, since: float) -> set[int]:
    """Whose connections a node has from the other, of those that it heard of since: the clients' ports. An older one may have had the same."""
    youngest = time.monotonic() - since + 2   # tables tell time in seconds
    return {int(row["client"].rpartition(":")[2]) for row in rows(duo, name) if row["origin"] == "synced" and row["age_seconds"] <= youngest}


def kill_under_load(duo: Pair, name: str, just_before=lambda: None, **load_words) -> dict:
    """What became of the streams; beside it the gap of the group that the node served, and those of the burst that the survivor had
    not been told of: the age of the oldest is the sync lag at that moment. `just_before`: what happens to the pair besides."""
    own = next(group for group in GROUPS if GROUPS[group] == name)
    streams, probe = duo.streams(own, *[group for group in GROUPS if group != own], count=STREAMS, **load_words), duo.probe(own)
    load.wait_open(streams)
    time.sleep(0.5)
    began = time.monotonic()
    just_before()
    killed = load.kill_amid(streams, duo[name].daemon, BURST)
    duo.wait_serving({group: OTHER[name] for group in GROUPS}, 5)
    time.sleep(1)
    known = told_to(duo, OTHER[name], since=began)
    report = streams.stop_and_report(30)
    untold = {one["port"]: one["age_ms"] for one in report["kill"]["burst_streams"] if one["port"] not in known}
    return {**report, "untold": untold, "lag_ms": max(untold.values(), default=0.0),
            "gaps_ms": [round(1000 * gap) for gap in gaps_after(probe.stop_and_report(), 0, killed["at"])]}


def told(name: str, report: dict) -> str:
    kill, untold = report["kill"], report["untold"]
    broke = sum(one["port"] in untold for one in kill["broke"])
    return (f"{name} killed: {kill['established']} streams established, {kill['burst_established']} of them just before; {kill['broken']} broke, "
            f"{broke} of these among the {len(untold)} that {OTHER[name]} was not told of (sync lag {report['lag_ms']:.1f} ms); "
            f"{kill['in_handshake_lived']} of {kill['in_handshake']} in handshake live; gap {report['gaps_ms']} ms, "
            f"longest silence of a stream {1000 * report['longest_silence_s']:.0f} ms")


def nothing_was_lost(name: str, report: dict, derivable: bool) -> None:
    kill, gaps_ms, untold = report["kill"], report["gaps_ms"], report["untold"]
    broke_though_told = [one for one in kill["broke"] if one["port"] not in untold]
    assert report["lag_ms"] < LAG_MOST_MS, f"expected {name} to tell of what is opened, it had not for {report['lag_ms']} ms"
    assert not broke_though_told, f"expected every stream that {OTHER[name]} was told of to live through the death of {name}, got {broke_though_told}"
    assert not derivable or kill["broken"] <= DERIVED_LEAST * len(untold) + CHANCE, f"expected most of {len(untold)} untold ones to be derived, got {report}"
    assert report["lost"] == report["doubled"] == report["damaged"] == 0, report
    assert kill["established"] >= STREAMS, f"expected streams to be open until the end, got {kill}"
    assert gaps_ms and max(gaps_ms) < 1000 * GAP_MOST_S, f"expected a gap, and a short one, got {gaps_ms} ms"


def killed_by_turns(duo: Pair, times: int, capsys, derivable: bool) -> None:
    """Each node in its turn; after each death the killed one comes back and both tables are equal."""
    young = 0
    for name in itertools.islice(itertools.cycle(GROUPS.values()), times):
        report = kill_under_load(duo, name)
        with capsys.disabled():
            print(f"\n  {told(name, report)}")
        nothing_was_lost(name, report, derivable)
        young += report["kill"]["burst_established"]
        duo[name].start_daemon()
        duo.wait_settled()
        wait_equal(duo)
    least = YOUNG_LEAST * BURST * times if times > 2 else 1
    assert young >= least, f"expected streams that were just opened at {times} deaths, got {young}"
