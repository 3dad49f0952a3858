# SPDX-License-Identifier: Apache-2.0
"""The schedulers, slow start and a fallback with real servers: who was asked is what the servers' logs say."""
import json
import time

import pytest

from tandemlab import evidence
from tandemlab.configuration import bracketed
from tandemlab.process import wait_until
from tandemlab.site import VIP

SORRY_PORT = 8081


@pytest.mark.parametrize("forwarding", ["nat", pytest.param("l2-dsr", marks=pytest.mark.long)])
def test_source_hash_keeps_a_client_at_one_server(scene, forwarding):
    made = scene(forwarding, "af_packet", 4, servers=3, scheduler="source-hash")
    load = made.load("--requests", 500)
    assert load["failed"] == 0, load["reasons"]
    by_server = evidence.three_equal(load, made.web, made.node, "web")
    assert sorted(by_server.values()) == [0, 0, 500], f"expected one client's requests at one server, got {by_server}"


def test_maglev_shares_one_clients_connections(scene):
    """The negative control of the count above, and no more than a hash: the spread of turns is far below."""
    made = scene("nat", "af_packet", 4, servers=3, scheduler="maglev")
    load = made.load("--requests", 3000)
    assert load["failed"] == 0, load["reasons"]
    by_server = evidence.three_equal(load, made.web, made.node, "web")
    assert all(abs(count - 1000) < 150 for count in by_server.values()), f"expected a third each, but for chance, got {by_server}"


def filled_then(made) -> int:
    """30 streams that web-2 alone may take stay open; then both servers may, and 20 more come. How many of these web-1 got."""
    made.node.ctl("--yes", "backend", "disable", "streams/web-1")
    first = made.start_streams("--streams", 30)
    wait_until(lambda: made.started("streams")["web-2"] == 30, "30 streams at web-2", 10, first, every_s=0.2)
    made.node.ctl("--yes", "backend", "enable", "streams/web-1")
    second = made.start_streams("--streams", 20)
    wait_until(lambda: sum(made.started("streams").values()) == 50, "20 streams more", 10, second, every_s=0.2)
    got = made.started("streams")["web-1"]
    assert first.stop_and_report()["alive"] == 30 and second.stop_and_report()["alive"] == 20
    return got


@pytest.mark.parametrize("workers", [2, pytest.param(1, marks=pytest.mark.long)])
def test_least_connections_fills_the_emptier_server(scene, workers):
    made = scene("nat", "af_packet", 4, echo=True, workers=workers, scheduler="least-connections")
    assert filled_then(made) == 20, "expected all new streams at the server that had none"


def test_turns_do_not_look_at_what_is_open(scene):
    """The negative control of the count above."""
    made = scene("nat", "af_packet", 4, echo=True)
    assert 5 <= filled_then(made) <= 15


def share_of_web_1(trace, since: float, until: float) -> float:
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    servers = [server for began, _ended, server, _reason, _port in lines if server and since < began < until]
    assert len(servers) > 100, f"expected some hundred requests, got {len(servers)}"
    return servers.count("web-1") / len(servers)


def share_at_once_and_later(made, trace, later: bool = True) -> tuple[float, float | None]:
    """web-1's share of the requests in the first half second after it was enabled, and four seconds later."""
    load = made.start_load("--rate", 300, "--trace", trace)
    time.sleep(0.5)
    made.node.ctl("--yes", "backend", "disable", "web/web-1")
    time.sleep(0.5)
    made.node.ctl("--yes", "backend", "enable", "web/web-1")
    enabled = time.monotonic()
    time.sleep(5.5 if later else 0.6)
    result = load.stop_and_report()
    assert result["failed"] == 0, result["reasons"]
    return share_of_web_1(trace, enabled + 0.1, enabled + 0.6), share_of_web_1(trace, enabled + 4, enabled + 5.5) if later else None


@pytest.mark.parametrize("scheduler", ["consistent-round-robin", pytest.param("round-robin", marks=pytest.mark.long)])
def test_a_slow_start_grows_to_the_full_share(scene, scheduler, tmp_path):
    made = scene("nat", "af_packet", 4, scheduler=scheduler, slow_start="3s")
    first, last = share_at_once_and_later(made, tmp_path / "trace")
    assert first < 0.25, f"expected a small share at first, got {first:.2f}"
    assert abs(last - 0.5) < 0.05, f"expected half when the slow start was over, got {last:.2f}"


def test_without_a_slow_start_the_share_is_full_at_once(scene, tmp_path):
    """The negative control of the share above."""
    made = scene("nat", "af_packet", 4)
    first, _ = share_at_once_and_later(made, tmp_path / "trace", later=False)
    assert abs(first - 0.5) < 0.05, f"expected half at once, got {first:.2f}"


def sorry_site(fallback: bool):
    """web has web-1 and web-2; sorry, at another port of the VIP, has web-3."""
    def change(document):
        web = document["service"][0]
        third = web["backend"].pop()
        document["service"].append({**web, "name": "sorry", "listen": f"{bracketed(VIP[4], SORRY_PORT)}/tcp", "backend": [third]})
        if fallback:
            web["fallback"] = "sorry"
    return change


def disable_both(made) -> None:
    for backend in ("web-1", "web-2"):
        made.node.ctl("--yes", "backend", "disable", f"web/{backend}", "--force")


def test_a_fallback_answers_while_no_server_of_its_own_may(scene):
    made = scene("nat", "af_packet", 4, servers=3, change=sorry_site(fallback=True))
    own = made.load("--requests", 200)
    assert (own["failed"], own["servers"].get("web-3", 0)) == (0, 0), own
    disable_both(made)
    lent = made.load("--requests", 200)
    assert (lent["failed"], lent["servers"]) == (0, {"web-3": 200}), lent
    assert len(made.web[2].log()) == 200, "expected the third server's log to hold them"
    shown = made.node.ctl("service", "show", "web")
    assert (shown["on_fallback"], shown["state"]) == (True, "degraded"), shown
    assert int(made.node.backends("sorry")["web-3"]["lent_connections_total"]) == 200
    made.node.ctl("--yes", "backend", "enable", "web/web-1")
    back = made.load("--requests", 100)
    assert (back["failed"], back["servers"]) == (0, {"web-1": 100}), back


def test_without_a_fallback_nobody_answers(scene):
    """The negative control of the requests above."""
    made = scene("nat", "af_packet", 4, servers=3, change=sorry_site(fallback=False))
    disable_both(made)
    assert made.load("--requests", 20, "--at-once", 20, "--timeout", 2)["ok"] == 0
