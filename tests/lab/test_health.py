# SPDX-License-Identifier: Apache-2.0
"""Backends fall and rise by their checks; the programs beside tandemd may die without anybody noticing in traffic."""
import json
import time

import pytest

from tandemlab.configuration import FAST_CHECK
from tandemlab.process import wait_until
from tandemlab.tandem import metric


def failures_after(trace, moment: float) -> list:
    return [line for line in map(json.loads, trace.read_text().splitlines()) if line[0] > moment and not line[2]]


@pytest.mark.parametrize(("forwarding", "family"), [("nat", 4), pytest.param("l2-dsr", 6, marks=pytest.mark.long), pytest.param("nat", 6, marks=pytest.mark.long),
                                                    pytest.param("l2-dsr", 4, marks=pytest.mark.long)])
def test_a_dead_server_costs_no_request_once_its_check_has_fallen(scene, forwarding, family, tmp_path):
    made = scene(forwarding, "af_packet", family)
    load = made.start_load("--rate", 200, "--trace", tmp_path / "trace")
    time.sleep(0.5)
    made.web[0].kill()
    made.node.wait_backend("web", "web-1", "down", 5)
    fallen = time.monotonic()
    time.sleep(1.0)
    made.web[0].start()
    made.node.wait_backend("web", "web-1", "up", 5)
    risen = time.monotonic()
    time.sleep(1.0)
    result = load.stop_and_report()
    late = failures_after(tmp_path / "trace", fallen + 0.1)
    assert not late, f"expected no failed request once the check had fallen, got {late[:5]}"
    again = [line for line in map(json.loads, (tmp_path / "trace").read_text().splitlines()) if line[0] > risen and line[2] == "web-1"]
    assert len(again) > 20, f"expected web-1 to serve again, got {len(again)} of {result['servers']}"


def test_without_a_check_a_dead_server_goes_on_failing_requests(scene):
    """The negative control: it is the check that saves them."""
    made = scene("nat", "af_packet", 4, check=None)
    made.web[0].kill()
    time.sleep(1.0)
    load = made.load("--requests", 100)
    assert 30 <= load["failed"] <= 70, f"expected about half to fail, got {load['reasons']}"


def test_killed_healthd_and_exporter_change_nothing_for_traffic(scene):
    made = scene("nat", "af_packet", 4)
    load = made.start_load("--rate", 300)
    time.sleep(0.5)
    made.node.healthd.kill()
    made.node.exporter.kill()
    time.sleep(1.5)
    states = {name: row["state"] for name, row in made.node.backends("web").items()}
    result = load.stop_and_report()
    assert result["failed"] == 0 and result["requests"] > 400, result
    assert states == {"web-1": "up", "web-2": "up"}, f"expected the last states to be kept, got {states}"
    made.node.start_exporter()
    assert metric(made.node.scrape(), "tandem_healthd_up") == 0
    made.node.start_healthd()
    wait_until(lambda: metric(made.node.scrape(), "tandem_healthd_up") == 1, "tandem_healthd_up is 1 again", 5, every_s=0.2)


def test_checks_are_counted_alike_by_server_and_metrics(scene):
    made = scene("nat", "af_packet", 4, check={**FAST_CHECK, "interval": "50ms"})
    made.node.healthd.stop()
    time.sleep(0.3)
    samples = made.node.scrape()
    for server in made.web:
        counted = metric(samples, "tandem_check_results_total", service="web", backend=server.name, result="ok")
        assert abs(counted - len(server.checks())) <= 1, f"expected {len(server.checks())} checks of {server.name}, metrics say {counted}"
