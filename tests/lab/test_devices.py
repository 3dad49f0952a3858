# SPDX-License-Identifier: Apache-2.0
"""Other ways to run the same node: a worker that never sleeps, on a core of its own, and a port given as DPDK's own words."""
from tandemlab import configuration, evidence, memif_wire, nginx
from tandemlab.net import Lab
from tandemlab.scene import Scene, services
from tandemlab.site import build_site
from tandemlab.tandem import Node
from tandemlab.variants import DRIVER


@DRIVER
def test_a_spinning_worker_on_a_core_of_its_own_serves(scene, driver):
    def change(document):
        document["dataplane"].update({"idle": "spin", "cores": [1]})
    made = scene("nat", driver, 4, change=change)
    row = made.node.ctl("worker", "list")[0]
    assert row["core"] == 1, f"expected the worker on core 1, got {row}"
    load = made.load("--requests", 1000)
    assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
    evidence.three_equal(load, made.web, made.node, "web")
    empty = [made.node.ctl("worker", "list")[0]["polls_empty"] for _ in range(2)]
    assert empty[1] > empty[0] + 1000, f"expected a spinning worker to poll all the time, got {empty}"


def test_a_raw_vdev_string_is_a_port(binaries):
    """Nothing is known of it, so the configuration says who its neighbours are; the kernel must not answer beside us."""
    with Lab() as lab:
        site = build_site(lab, "nat")
        document = configuration.node(site, "raw", services(site, 4, check=None), workers=1)
        document["port"] = [{**memif_wire.port_of(site, "unused"), "device": "net_af_packet0,iface=eth0", "queues": 1}]
        made = Scene(site, Node(site, document), 4, nginx.start_all(site))
        site.node.ip("addr flush dev eth0")
        made.node.start(health=False)
        port = made.node.ctl("port", "list")[0]
        assert port["twin"] == "none" and port["up"], port
        load = made.load("--requests", 500)
        assert (load["ok"], load["failed"]) == (500, 0), load["reasons"]
        evidence.three_equal(load, made.web, made.node, "web")
        evidence.balance(made.node)


def test_a_bad_file_starts_nothing_and_says_where(binaries):
    with Lab() as lab:
        site = build_site(lab, "nat")
        node = Node(site, configuration.node(site, "af_packet", services(site, 4)))
        node.configuration.write_text(node.configuration.read_text().replace("scheduler", "schedular", 1))
        done = site.node.run([node.programs["tandemd"], "--config", node.configuration, "--run-dir", node.run, "--state-dir", node.state], check=False)
        line = next(number for number, text in enumerate(node.configuration.read_text().splitlines(), 1) if "schedular" in text)
        assert done.returncode == 8, f"expected exit 8, got {done}"
        assert f"tandem.toml:{line}:" in done.stderr and "did you mean 'scheduler'" in done.stderr.replace('"', "'"), done.stderr
