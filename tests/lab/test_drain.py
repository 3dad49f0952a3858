# SPDX-License-Identifier: Apache-2.0
"""A drained backend gets no new connection, and those it has finish."""
import json
import time

from tandemlab import evidence
from tandemlab.process import wait_until
from tandemlab.variants import two_variants

GRACE_S = 0.1                 # new connections are 0 within 100 ms


def requests(trace) -> list[tuple[float, str]]:
    """(when it began, server) of each answered request of a paced load."""
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    return [(began, server) for began, _ended, server, _reason, _port in lines if server]


def paced(made, trace):
    return made.start_load("--rate", 300, "--trace", trace)


def begun_after(trace, moment: float, server: str) -> int:
    return sum(began > moment and name == server for began, name in requests(trace))


@two_variants
def test_a_drain_stops_new_connections_at_once_and_open_ones_finish(scene, forwarding, driver, family, tmp_path):
    made = scene(forwarding, driver, family, echo=True)
    streams = made.start_streams("--streams", 40)
    wait_until(lambda: sum(made.started("streams").values()) == 40, "40 streams counted", 10, streams, every_s=0.2)
    load = paced(made, tmp_path / "trace")
    time.sleep(1.0)
    for service in ("web", "streams"):
        made.node.ctl("--yes", "--reason", "kernel update", "backend", "drain", f"{service}/web-1")
    drained_at = time.monotonic()
    time.sleep(1.5)
    result, held = load.stop_and_report(), streams.stop_and_report()

    late = begun_after(tmp_path / "trace", drained_at + GRACE_S, "web-1")
    assert late == 0, f"expected no new connection to web-1 later than 100 ms after its drain, got {late}"
    assert begun_after(tmp_path / "trace", drained_at + GRACE_S, "web-2") > 200
    assert result["failed"] == 0, result["reasons"]
    assert held["alive"] == 40 and held["servers"].get("web-1", 0) > 0, f"expected web-1's open streams to finish, got {held}"

    made.node.ctl("--yes", "backend", "enable", "web/web-1")
    assert made.load("--requests", 100)["servers"].get("web-1", 0) > 0, "expected an enabled backend to be chosen again"


def test_without_a_drain_the_backend_goes_on_getting_connections(scene, tmp_path):
    """The negative control of the count above."""
    made = scene("nat", "af_packet", 4)
    load = paced(made, tmp_path / "trace")
    time.sleep(1.5)
    load.stop_and_report()
    first = requests(tmp_path / "trace")[0][0]
    assert begun_after(tmp_path / "trace", first + 0.5, "web-1") > 50


def test_drain_wait_returns_when_the_last_connection_has_finished(scene):
    made = scene("nat", "af_packet", 4, echo=True)
    streams = made.start_streams("--streams", 10, "--seconds", 2)
    wait_until(lambda: sum(made.started("streams").values()) == 10, "10 streams counted", 10, streams, every_s=0.2)
    waited = made.node.reply("--yes", "backend", "drain", "streams/web-1", "--wait", "300ms")
    assert waited.exit == 6, f"expected exit 6 while connections are open, got {waited}"
    assert streams.report(20)["alive"] == 10


def test_the_last_backend_is_not_drained_without_force(scene):
    made = scene("nat", "af_packet", 4)
    made.node.ctl("--yes", "backend", "drain", "web/web-1")
    assert made.node.reply("--yes", "backend", "drain", "web/web-2").exit == 5
    assert made.node.reply("--yes", "backend", "drain", "web/nobody").exit == 4
    load = made.load("--requests", 50)
    assert load["servers"] == {"web-2": 50}, load
    evidence.client_equals_servers(load, made.web)
