# SPDX-License-Identifier: Apache-2.0
"""Passive health: clients' connections that fail have a backend's check asked, and the check decides."""
import time

import pytest

from tandemlab.configuration import FAST_CHECK
from tandemlab.process import wait_until
from tandemlab.tandem import metric

SLOW_CHECK = {**FAST_CHECK, "interval": "8s", "timeout": "500ms", "fall": 3}
PASSIVE = {"failed": 3, "of": 10}


def events(made, kind: str | None) -> list[dict]:
    every = made.node.ctl("events", "--node", "local", "--limit", "1000")
    return [event for event in every if kind in (None, event["kind"])]


def time_to_fall(made, seconds: float) -> float:
    first_seen = lambda: made.node.backends("web")["web-1"]["check_state"] == "up"   # noqa: E731  (before that, one failure is enough)
    wait_until(first_seen, "web-1 has passed a check", 9)
    load = made.start_load("--rate", 50)
    time.sleep(0.5)
    made.web[0].kill()
    died = time.monotonic()
    made.node.wait_backend("web", "web-1", "down", seconds)
    fallen = time.monotonic() - died
    load.stop_and_report()
    return fallen


@pytest.mark.parametrize("forwarding", ["nat", pytest.param("full-nat", marks=pytest.mark.long)])
def test_refused_clients_have_a_dead_server_found_long_before_its_turn(scene, forwarding):
    made = scene(forwarding, "af_packet", 4, check=SLOW_CHECK, passive=PASSIVE)
    took = time_to_fall(made, 9)
    assert took < 7, f"three checks at a quarter of 8 s, one of which may be its turn, got {took:.1f} s"
    told = events(made, "passive")
    assert told and told[0]["object"] == "web/web-1" and "refused" in told[0]["text"], f"after {took:.1f} s {told} of {events(made, None)}"
    samples = made.node.scrape()
    assert metric(samples, "tandem_backend_refused_connections_total", service="web", backend="web-1") >= 3
    assert metric(samples, "tandem_backend_advised_checks_total", service="web", backend="web-1") >= 2
    assert metric(samples, "tandem_backend_refused_connections_total", service="web", backend="web-2") == 0


@pytest.mark.long
def test_without_passive_it_takes_as_long_as_its_turns_do(scene):
    """The negative control: it is the advice that hastens it."""
    made = scene("nat", "af_packet", 4, check=SLOW_CHECK)
    assert time_to_fall(made, 35) > 10


def test_a_suspect_that_passes_its_check_stays(scene):
    """Advice: the check decides, and it is good."""
    made = scene("nat", "af_packet", 4, check={**FAST_CHECK, "interval": "1s"}, passive=PASSIVE)
    server = made.web[0].server.host
    # Clients alone are refused; the check comes from the node's own address.
    server.nft("table inet trouble {\n chain one {\n type filter hook input priority 0;\n"
               "  ip saddr 198.51.100.7 tcp dport 80 reject with tcp reset\n }\n}\n")
    made.load("--requests", 40)
    wait_until(lambda: made.node.backends("web")["web-1"]["suspect"], "web-1 is suspect", 3)
    time.sleep(1.0)
    assert made.node.backends("web")["web-1"]["state"] == "up", "its check is good"
    server.run(["nft", "flush", "ruleset"])
    made.load("--requests", 60)
    wait_until(lambda: not made.node.backends("web")["web-1"]["suspect"], "it is none any more", 3)
    assert [event["severity"] for event in events(made, "passive")] == ["warning", "info"]
    assert made.node.ctl("service", "show", "web")["passive_of"] == 10
