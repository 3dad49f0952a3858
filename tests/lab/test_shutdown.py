# SPDX-License-Identifier: Apache-2.0
"""SIGTERM: exit 0 within two seconds, nothing of ours left on the interfaces; started again it serves within five."""
import signal
import time

from tandemlab import counters
from tandemlab.process import wait_until
from tandemlab.variants import DRIVER, FAMILY, FORWARDING

EXIT_WITHIN_S, SERVE_WITHIN_S = 2.0, 5.0


def left_on(node, device: str = "eth0") -> list[str]:
    found = ["an XDP program"] if counters.has_xdp(node, device) else []
    if "clsact" in node.run(["tc", "qdisc", "show", "dev", device]).stdout:
        found.append("a clsact qdisc")
    if node.run(["ss", "-H0"]).stdout.strip():
        found.append("a packet socket")
    return found


@FORWARDING
@DRIVER
@FAMILY
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
