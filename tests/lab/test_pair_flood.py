# SPDX-License-Identifier: Apache-2.0
"""Failure 16: SYNs from everywhere, as many as the machine can make, while connections are synced, and while the node that has them dies."""
import time

import pytest
from tandemlab import load
from tandemlab.pair import GROUPS, Pair, pair, virtual_mac
from tandemlab.pair_site import STREAM_PORT
from tandemlab.process import Process, wait_until
from tandemlab.syns import send_syns
from tandemlab.tandem import metric
from tandemlab.toll import sync_link_bytes, tell, toll

STREAMS, NEW, ROOM, OPENED = 1000, 100, "64k", 500
WINDOW_S, HALF_OPEN_S = 2.0, 6.0
GENTLE = 5_000                                 # SYN/s that the worker's ring does not overflow by: who is new is judged by what is decided
RECORD_BYTES = 43                              # of one connection on the wire (ha.md)
FINISH_S = 60                                  # who lost one packet after the other in the flood asks again after 13 s, and 26
LAG_MOST_S = 0.1                               # with both cores taken by the flood; 5 ms is asked of a node with cores of its own


def small(document: dict, _name: str) -> None:
    """So that half-open connections fill their share of the table soon."""
    document["dataplane"]["connections"] = ROOM


def start_flood(duo: Pair, group: str, rate: int = 0) -> Process:
    return send_syns(duo.client, duo.vip(group), STREAM_PORT, virtual_mac(group, "outside", 4), "--rate", rate)


def wait_flooded(duo: Pair, name: str, flooding: Process) -> None:
    wait_until(lambda: any(reason.startswith("flood:") for reason in duo[name].ctl("status")["reasons"]), f"{name} is in flood mode", 20, flooding,
               every_s=0.2)


def wait_replaced(duo: Pair, name: str, flooding: Process, more: int = 1000) -> None:
    """Its SYNs come. The services share their servers, so each is remembered, in the place of another."""
    def replaced() -> float:
        return metric(duo[name].scrape(), "tandem_conntrack_removed_total", reason="evicted")
    before = replaced()
    wait_until(lambda: replaced() > before + more, f"SYNs take each other's place at {name}", 20, flooding, every_s=0.2)


def bytes_per_second(duo: Pair, seconds: float = WINDOW_S) -> float:
    before, began = sync_link_bytes(duo), time.monotonic()
    time.sleep(seconds)
    return (sync_link_bytes(duo) - before) / (time.monotonic() - began)


def lag_s(duo: Pair, name: str, looks: int = 10) -> float:
    return max(metric(duo[name].scrape(), "tandem_sync_lag_seconds") for _ in range(looks))


def new_ones_live(duo: Pair, group: str) -> dict:
    fresh = duo.streams(group, count=NEW)
    load.wait_open(fresh, 30)
    return fresh.stop_and_report(30)


def bytes_of_one_connection(duo: Pair) -> float:
    """What the link carries for each connection that is opened for real: the control of what the flood is measured by."""
    quiet, before, began = bytes_per_second(duo, 1), sync_link_bytes(duo), time.monotonic()
    opened = duo.streams("blue", count=OPENED, every="3600s")
    load.wait_open(opened, 30)
    time.sleep(0.5)
    carried = sync_link_bytes(duo) - before - quiet * (time.monotonic() - began)
    opened.stop_and_report(30)
    return carried / OPENED


@pytest.mark.long
def test_a_flood_of_syns_is_not_told_to_the_peer_and_a_death_in_it_breaks_nothing(binaries, capsys):
    with pair("nat", change=small) as duo:
        of_a_real_one = bytes_of_one_connection(duo)
        assert of_a_real_one > RECORD_BYTES / 2, f"expected records on the sync link to be seen, got {of_a_real_one:.0f} bytes a connection"
        with toll(duo, streams=STREAMS, finish_s=FINISH_S) as counted:
            quiet = bytes_per_second(duo)
            flooding = start_flood(duo, "blue")
            wait_flooded(duo, "lb-a", flooding)
            time.sleep(HALF_OPEN_S)   # what was told before the flood was one has ended
            flooded, lag = bytes_per_second(duo), lag_s(duo, "lb-a")
            counted.begin()
            duo.kill("lb-a")
            duo.wait_serving({group: "lb-b" for group in GROUPS}, 10)
            wait_flooded(duo, "lb-b", flooding)
            sent = flooding.stop_and_report()
            flooding = start_flood(duo, "blue", GENTLE)
            wait_replaced(duo, "lb-b", flooding)
            fresh = new_ones_live(duo, "blue")
            flooding.stop_and_report()
        tell(capsys, f"16, {sent['rate']} SYN/s, {sent['sent']} in all; sync {quiet:.0f} B/s without, {flooded:.0f} B/s with the flood, "
                     f"{of_a_real_one:.0f} bytes for a real connection, lag {1000 * lag:.1f} ms", counted)
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
        assert fresh["alive"] == NEW, f"expected whoever comes in the flood to be served, got {fresh}"
        per_syn = (flooded - quiet) / sent["rate"]
        assert per_syn < RECORD_BYTES / 10, f"expected SYNs of the flood not to be told, the link carries {per_syn:.1f} bytes for each"
        assert lag < LAG_MOST_S, f"expected what is told to be told at once, got a lag of {lag} s"


@pytest.mark.long
def test_a_node_that_takes_over_in_a_flood_and_gives_back_after_it_breaks_nothing(binaries, capsys):
    """The other way round: the flood begins with the take-over, and the group goes home when it is over."""
    with pair("nat", change=small) as duo:
        with toll(duo, streams=STREAMS, finish_s=FINISH_S) as counted:
            duo.kill("lb-a")
            flooding = start_flood(duo, "blue")
            duo.wait_serving({group: "lb-b" for group in GROUPS}, 10)
            wait_flooded(duo, "lb-b", flooding)
            duo["lb-a"].start_daemon()
            wait_until(lambda: duo.ha("lb-b")["peer_in_step"], "lb-a was told all, in the flood", 60)
            sent = flooding.stop_and_report()
            duo.wait_settled(40)
        tell(capsys, f"16, take-over and return, {sent['rate']} SYN/s", counted)
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
