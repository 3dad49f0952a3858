# SPDX-License-Identifier: Apache-2.0
"""Two workers share the flows, whichever queue brings them."""
import pytest
from tandemlab import configuration, evidence, memif_wire, nginx
from tandemlab.net import Lab
from tandemlab.scene import Scene, services
from tandemlab.site import build_site
from tandemlab.tandem import Node, metric
from tandemlab.variants import two_variants

REQUESTS = 10_000


def inserted(made) -> dict[int, float]:
    samples = made.node.scrape()
    return {worker: metric(samples, "tandem_conntrack_inserts_total", worker=str(worker), origin="local") for worker in (0, 1)}


def handed_over(made) -> dict[str, int]:
    rows = made.node.ctl("worker", "list")
    return {word: sum(row[word] for row in rows) for word in ("handover_in", "handover_out")}


@two_variants
def test_each_of_two_workers_owns_its_share_of_ten_thousand_flows(scene, forwarding, driver, family):
    """af_packet has two queues here, af_xdp on veth has one: there the queue's owner hands the other its packets."""
    made = scene(forwarding, driver, family, workers=2)
    before, started = inserted(made), made.started("web")
    load = made.load("--requests", REQUESTS)
    assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]
    own = {worker: count - before[worker] for worker, count in inserted(made).items()}
    assert sum(own.values()) >= REQUESTS * 0.99, f"expected an insertion for each flow, got {own}"
    share = own[0] / sum(own.values())
    assert 0.3 <= share <= 0.7, f"expected each worker to own 30 to 70 % of the flows, got {own}"
    evidence.three_equal(load, made.web, made.node, "web", started)


@pytest.mark.parametrize("family", [4, pytest.param(6, marks=pytest.mark.long)], ids=["IPv4", "IPv6"])
def test_each_of_two_workers_owns_its_share_over_memif(binaries, family):
    with Lab() as lab:
        site, socket = build_site(lab, "nat"), lab.directory / "m.sock"
        document = configuration.node(site, "memif", services(site, family, check=None), workers=2)
        document["port"] = [memif_wire.port_of(site, socket)]
        made = Scene(site, Node(site, document), family, nginx.start_all(site))
        made.node.start(health=False)
        memif_wire.connect(site, made.node, socket)
        load = made.load("--requests", REQUESTS)
        assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]
        own = inserted(made)
        share = own[0] / sum(own.values())
        assert sum(own.values()) >= REQUESTS and 0.3 <= share <= 0.7, f"expected each worker to own 30 to 70 % of the flows, got {own}"
        evidence.three_equal(load, made.web, made.node, "web")
        evidence.balance(made.node)


@pytest.mark.parametrize("family", [4, pytest.param(6, marks=pytest.mark.long)], ids=["IPv4", "IPv6"])
def test_queues_that_disagree_with_owners_cost_a_handover_and_nothing_else(scene, family):
    """The kernel spreads frames over af_packet's queues by a hash of its own, so queue and owner disagree for half of them."""
    made = scene("nat", "af_packet", family, workers=2)
    load = made.load("--requests", 1000)
    assert load["failed"] == 0, load["reasons"]
    moved = handed_over(made)
    assert moved["handover_in"] > 500 and moved["handover_in"] == moved["handover_out"], moved
    evidence.three_equal(load, made.web, made.node, "web")
    _path, total, size = nginx.download_file(made.site.lab.directory)
    before = handed_over(made)["handover_in"]
    for _ in range(12):     # three of four downloads have a direction whose packets change workers
        got = made.load("--path", "/download", "--download")
        assert (got["sha256"], got["bytes"]) == (total, size), "expected the same bytes though packets change workers"
        if handed_over(made)["handover_in"] > before + 10_000:
            return
    raise AssertionError("expected one of twelve downloads to be handed over")


def test_one_worker_never_hands_over(scene):
    """The negative control of the counter."""
    made = scene("nat", "af_packet", 4, workers=1)
    assert made.load("--requests", 200)["failed"] == 0
    assert handed_over(made) == {"handover_in": 0, "handover_out": 0}
