# SPDX-License-Identifier: Apache-2.0
"""`port show` and `port verify`: two more ports of the node are the two ends of one virtio device, so what leaves by one comes in by the other."""
import pytest
from tandemlab import configuration, evidence, nginx
from tandemlab.net import Lab
from tandemlab.scene import Scene, services
from tandemlab.site import build_site
from tandemlab.tandem import Node

REFUSED, FAILED = 5, 1


@pytest.fixture
def made(binaries):
    with Lab() as lab:
        site, socket = build_site(lab, "nat"), lab.directory / "loop.sock"
        document = configuration.node(site, "af_xdp", services(site, 4, check=None), workers=2)
        document["port"] += [{"name": "loop0", "device": f"vhost:{socket}", "vlan": [10]}, {"name": "loop1", "device": f"virtio_user:{socket}"}]
        scene = Scene(site, Node(site, document), 4, nginx.start_all(site))
        scene.node.start(health=False)
        yield scene


def test_verify_is_refused_while_the_node_serves_and_can_be_forced(made):
    reply = made.node.reply("port", "verify", "loop0")
    assert reply.exit == REFUSED and "this node serves web" in reply.error, (reply.exit, reply.error)
    card = made.node.ctl("port", "verify", "loop0", "--force")
    assert card["by"] == "loop1" and card["right"], card
    verdicts = {row["what"]: row["verdict"] for row in card["traits"]}
    assert verdicts["VLAN 10"] == "ok" and verdicts["queues"] == "ok", verdicts
    evidence.balance(made.node)


def test_traffic_goes_on_beside_it(made):
    load = made.start_load("--requests", 500)
    for _ in range(3):
        made.node.ctl("port", "verify", "loop0", "--force")
    report = load.report(90)
    assert (report["ok"], report["failed"]) == (500, 0), report["reasons"]
    evidence.three_equal(report, made.web, made.node, "web")


def test_a_port_that_nothing_reaches_is_not_called_right(made):
    """The control: exit 0 means that packets were seen."""
    reply = made.node.reply("port", "verify", "loop0", "--by", "lan", "--force")
    assert reply.exit == FAILED, (reply.exit, reply.text)
    assert reply.data["by"] == "" and reply.data["traits"][-1]["verdict"] == "unseen", reply.data


def test_show_says_what_the_device_cannot(made):
    traits = {row["what"]: row for row in made.node.ctl("port", "show", "lan")["traits"]}
    assert traits["chains on transmit"]["verdict"] == "less" and traits["queues"]["verdict"] == "less", traits
