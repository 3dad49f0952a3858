# SPDX-License-Identifier: Apache-2.0
"""A `vhost:` port: chains of buffers, two queues and a far end that chooses among them, as a card has them and a kernel's interface has not."""
import pytest
from tandemlab import configuration, evidence, memif_wire, nginx
from tandemlab.net import Lab
from tandemlab.scene import Scene, services
from tandemlab.site import build_site
from tandemlab.tandem import Node


def start(lab: Lab, family: int, workers: int, **port) -> Scene:
    site, socket = build_site(lab, "nat"), lab.directory / "v.sock"
    document = configuration.node(site, "vhost", services(site, family, check=None), workers=workers)
    document["port"] = [{**memif_wire.port_of(site, socket, "vhost"), **port}]
    made = Scene(site, Node(site, document), family, nginx.start_all(site))
    made.node.start(health=False)
    by = memif_wire.CAPTURE_SOCKET if port.get("queues") == 1 else memif_wire.PACKET_SOCKET
    memif_wire.connect(site, made.node, socket, by, "vhost")
    return made


@pytest.mark.parametrize("family", [4, pytest.param(6, marks=pytest.mark.long)], ids=["IPv4", "IPv6"])
def test_two_workers_over_virtio(binaries, family):
    with Lab() as lab:
        made = start(lab, family, workers=2)
        load = made.load("--requests", 1000)
        assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
        evidence.three_equal(load, made.web, made.node, "web")
        evidence.balance(made.node)
        traits = {row["what"]: row for row in made.node.ctl("port", "show", "lan")["traits"]}
        assert traits["chains on transmit"]["verdict"] == "ok", traits
        assert traits["RSS"]["verdict"] == "less", traits


def test_four_workers_on_one_queue(binaries):
    """The queue's owner receives and sends for the others."""
    with Lab() as lab:
        made = start(lab, 4, workers=4, queues=1)
        load = made.load("--requests", 1000)
        assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
        rows = made.node.ctl("worker", "list")
        out = [row["handover_out"] for row in rows]
        assert out[0] > 0 and out[1:] == [0, 0, 0], f"expected the queue's owner alone to hand over, got {out}"
        assert sum(row["handover_in"] for row in rows) == out[0], rows
        evidence.balance(made.node)
