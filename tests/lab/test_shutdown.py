# SPDX-License-Identifier: Apache-2.0
"""SIGTERM: exit 0 within two seconds, nothing of ours left on the interfaces; started again it serves within five."""
import signal
import time

from tandemlab import configuration, counters, nginx, wire
from tandemlab.net import Lab
from tandemlab.process import wait_until
from tandemlab.scene import Scene, services
from tandemlab.site import NODE_OUTSIDE, build_site
from tandemlab.tandem import Node
from tandemlab.variants import one_variant

EXIT_WITHIN_S, SERVE_WITHIN_S = 2.0, 5.0


def left_on(node, device: str = "eth0") -> list[str]:
    found = ["an XDP program"] if counters.has_xdp(node, device) else []
    if "clsact" in node.run(["tc", "qdisc", "show", "dev", device]).stdout:
        found.append("a clsact qdisc")
    if node.run(["ss", "-H0"]).stdout.strip():
        found.append("a packet socket")
    return found


@one_variant
def test_sigterm_leaves_nothing_and_a_new_start_serves_soon(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family)
    assert left_on(made.site.node), "expected something of ours on the interface while it runs: else the check below proves nothing"
    load = made.start_load("--rate", 100)
    time.sleep(0.3)
    began = time.monotonic()
    made.node.daemon.send(signal.SIGTERM)
    code = made.node.daemon.wait(10)
    took = time.monotonic() - began
    assert code == 0, f"expected exit 0\n{made.node.daemon.describe()}"
    assert took < EXIT_WITHIN_S, f"expected the end within {EXIT_WITHIN_S} s, took {took:.2f}"
    assert left_on(made.site.node) == []
    sockets = [path.name for path in made.node.run.glob("*.sock")]
    assert not sockets, f"expected no socket left in the run directory, found {sockets}"
    load.stop()

    began = time.monotonic()
    made.node.start_daemon()
    wait_until(lambda: made.load("--requests", 1, "--timeout", 0.5)["ok"] == 1, "a new connection is served", SERVE_WITHIN_S)
    took = time.monotonic() - began
    assert took < SERVE_WITHIN_S, f"expected service within {SERVE_WITHIN_S} s of the start, took {took:.2f}"


def test_a_tap_twin_stays_with_its_addresses_and_is_taken_over(binaries):
    with Lab() as lab:
        site = build_site(lab, "nat")
        document = configuration.node(site, "tap", services(site, 4))
        document["port"][0]["device"] = f"tap:{wire.WIRE_END}"
        made = Scene(site, Node(site, document), 4, nginx.start_all(site))
        made.node.start(exporter=False)
        twin = wire.connect(site, made.node)["interface"]
        made.node.wait_all_up("web")
        assert made.load("--requests", 50)["failed"] == 0

        assert made.node.stop() == 0
        addresses = site.node.run(["ip", "-o", "addr", "show", twin]).stdout
        assert NODE_OUTSIDE[4] in addresses, f"expected the twin to keep the node's addresses, it has\n{addresses}"

        made.node.start(exporter=False)
        assert made.node.ctl("port", "list")[0]["interface"] == twin
        wire.plug_in(site)
        made.node.wait_all_up("web")
        assert made.load("--requests", 50)["failed"] == 0
