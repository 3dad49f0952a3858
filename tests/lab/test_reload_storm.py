# SPDX-License-Identifier: Apache-2.0
"""A hundred reloads in a minute, each of which adds a backend, removes one and weighs one anew: connections of those that stay go on."""
import copy
import itertools
import time

import pytest
from tandemlab import configuration, evidence
from tandemlab.process import wait_until

RELOADS, WITHIN_S, SERVERS, STREAMS = 100, 60.0, 4, 100
KEPT = ("web-1", "web-2")          # the others come and go by turns
COMING, GOING = "web-3", "web-4"


def next_document(first: dict, number: int) -> dict:
    """Every second one lacks web-4 and has web-3, every other one the other way round; web-1's weight is another each time."""
    document = copy.deepcopy(first)
    absent = COMING if number % 2 == 0 else GOING
    for service in document["service"]:
        configuration.backend(document, service["name"], KEPT[0])["weight"] = 1 + number % 7
        service["backend"] = [one for one in service["backend"] if one["name"] != absent]
    return document


def only_kept(first: dict) -> dict:
    document = copy.deepcopy(first)
    for service in document["service"]:
        service["backend"] = [one for one in service["backend"] if one["name"] in KEPT]
    return document


def streams_open(made, words: tuple):
    streams = made.start_streams(*words)
    wait_until(lambda: sum(evidence.cli_connections(made.node, "streams").values()) >= STREAMS, f"{STREAMS} streams counted", 10, streams, every_s=0.2)
    return streams


def reload_by_turns(made, first: dict) -> float:
    began = time.monotonic()
    for number in range(RELOADS):
        made.node.apply(next_document(first, number))
        time.sleep(max(0.0, began + (number + 1) * WITHIN_S / RELOADS - time.monotonic()))
    return time.monotonic() - began


@pytest.mark.long
@pytest.mark.parametrize("forwarding,driver", [("nat", "af_packet"), ("full-nat", "af_xdp"), ("l2-dsr", "af_xdp")])
def test_a_hundred_reloads_in_a_minute_cut_no_connection_of_a_backend_that_stays(scene, forwarding, driver):
    made = scene(forwarding, driver, 4, servers=SERVERS, echo=True, grace="0s")
    first = copy.deepcopy(made.node.document)
    made.node.apply(only_kept(first))
    streams, load = streams_open(made, ("--streams", STREAMS)), made.start_load("--rate", 50)
    took = reload_by_turns(made, first)
    result, asked = streams.stop_and_report(20), load.stop_and_report(20)

    assert took < WITHIN_S * 1.1, f"expected {RELOADS} reloads in {WITHIN_S} s, took {took:.1f}"
    assert result["alive"] == STREAMS, f"expected every stream of {KEPT} to live, got {result}"
    assert not any(result[word] for word in ("lost", "doubled", "damaged", "reset", "missing")), result
    assert asked["ok"] > 1000, asked
    assert {COMING, GOING} <= set(asked["servers"]), f"expected those that come and go to be used as well, got {asked['servers']}"


@pytest.mark.long
def test_where_no_backend_stays_the_streams_are_cut(scene):
    """The control: the same reloads, and the streams belong to those that come and go."""
    made = scene("nat", "af_packet", 4, servers=SERVERS, echo=True, grace="0s")
    first = copy.deepcopy(made.node.document)
    streams = streams_open(made, ("--streams", STREAMS))
    for number in range(2):
        made.node.apply(next_document(first, number))
        time.sleep(1.0)
    result = streams.stop_and_report(20)
    assert result["alive"] < STREAMS, f"expected streams of removed backends to be cut, got {result}"
