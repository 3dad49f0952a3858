# SPDX-License-Identifier: Apache-2.0
"""Connections of a backend that is disabled or dead are ended, with resets that real TCP believes."""
import time

import pytest

from tandemlab.process import wait_until
from tandemlab.tandem import metric

STREAMS = 40


def idle_streams(made):
    """Established, and silent from then on."""
    streams = made.start_streams("--streams", STREAMS, "--every", 3600, "--settle", 1)
    wait_until(lambda: sum(made.started("streams").values()) == STREAMS, f"{STREAMS} streams counted", 10, streams, every_s=0.2)
    return streams


def cut(made) -> float:
    return metric(made.node.scrape(), "tandem_backend_closed_connections_total", service="streams", backend="web-1", how="cut")


@pytest.mark.parametrize(("forwarding", "family"), [("nat", 4), pytest.param("full-nat", 4, marks=pytest.mark.long), pytest.param("nat", 6, marks=pytest.mark.long),
                                                    pytest.param("l2-dsr", 4, marks=pytest.mark.long)])
def test_a_disable_with_kill_ends_silent_connections_at_once(scene, forwarding, family):
    made = scene(forwarding, "af_packet", family, echo=True)
    streams = idle_streams(made)
    at_web_1 = made.started("streams")["web-1"]
    made.node.ctl("--yes", "--reason", "compromised", "backend", "disable", "streams/web-1", "--kill")
    time.sleep(1.0)
    result = streams.stop_and_report()
    assert result["reset"] == at_web_1, f"expected web-1's {at_web_1} streams reset within a second, got {result}"
    assert result["alive"] == STREAMS - at_web_1, f"expected web-2's streams to finish, got {result}"
    assert cut(made) == at_web_1


def test_a_disable_alone_ends_none(scene):
    """The negative control."""
    made = scene("nat", "af_packet", 4, echo=True)
    streams = idle_streams(made)
    made.node.ctl("--yes", "backend", "disable", "streams/web-1")
    time.sleep(1.0)
    assert streams.stop_and_report()["alive"] == STREAMS
    assert cut(made) == 0


def test_conn_kill_ends_what_matches_and_nothing_else(scene):
    made = scene("nat", "af_packet", 4, echo=True)
    streams = idle_streams(made)
    at_web_2 = made.started("streams")["web-2"]
    assert made.node.reply("--yes", "conn", "kill").exit == 2, "expected a word to be asked for"
    killed = made.node.ctl("--yes", "conn", "kill", "backend=streams/web-2")
    assert killed["here"] == at_web_2, killed
    time.sleep(1.0)
    result = streams.stop_and_report()
    assert result["reset"] == at_web_2 and result["alive"] == STREAMS - at_web_2, result


@pytest.mark.long
def test_where_it_is_wished_streams_of_a_dead_server_learn_of_it_at_their_next_block(scene):
    made = scene("nat", "af_packet", 4, echo=True, on_dead="reset")
    streams = made.start_streams("--streams", STREAMS, "--every", 0.5)
    wait_until(lambda: sum(made.started("streams").values()) == STREAMS, f"{STREAMS} streams counted", 10, streams, every_s=0.2)
    at_web_1 = made.started("streams")["web-1"]
    made.web[0].kill()                       # its check falls; the echo server behind `streams` lives on
    made.node.wait_backend("streams", "web-1", "down", 5)
    time.sleep(1.5)
    result = streams.stop_and_report()
    assert result["reset"] == at_web_1 and result["alive"] == STREAMS - at_web_1, result


def test_datagrams_leave_a_dead_server_with_its_check(scene):
    made = scene("nat", "af_packet", 4, echo=True)
    datagrams = made.start_datagrams("--flows", 20, "--rate", 200)
    time.sleep(1.0)
    made.web[0].kill()
    made.node.wait_backend("datagrams", "web-1", "down", 5)
    time.sleep(0.5)
    moved = sum(value for (family, own), value in made.node.scrape().items()
                if family == "tandem_conntrack_removed_total" and ("reason", "moved") in own)
    datagrams.stop_and_report()
    assert moved >= 5, f"expected web-1's flows to move, got {moved}"
