# SPDX-License-Identifier: Apache-2.0
"""Checks by way of the VIP: what they find that a check of the server's own address does not."""
import itertools
import time

import pytest

from tandemlab.configuration import FAST_CHECK
from tandemlab.process import wait_until
from tandemlab.site import VIP

VIA_VIP = {**FAST_CHECK, "via": "vip"}


def states(made) -> dict:
    return {name: row["state"] for name, row in made.node.backends("web").items()}


def lose_vip(server, family: int) -> None:
    server.host.ip(f"address del {VIP[family]}/{32 if family == 4 else 128} dev lo")


WAYS = [("l2-dsr", "af_packet", 4), ("ipip", "af_xdp", 6)]
MORE = [pytest.param(*way, marks=pytest.mark.long) for way in itertools.product(("l2-dsr", "ipip", "gue"), ("af_packet", "af_xdp"), (4, 6))
        if way not in WAYS]


@pytest.mark.parametrize(("forwarding", "driver", "family"), WAYS + MORE)
def test_a_server_that_loses_the_vip_falls_and_rises_with_it(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family, check=VIA_VIP)
    wait_until(made.web[0].checks, "the first check is logged", 3)
    asked = {line.server for line in made.web[0].checks()}
    assert asked == {f"{VIP[family]}:80"}, f"expected the VIP alone to be asked for, got {asked}"
    lose_vip(made.web[0].server, family)
    made.node.wait_backend("web", "web-1", "down", 5)
    text = made.node.backends("web")["web-1"]["check_text"]
    assert VIP[family] in text, f"expected the VIP to be named, got {text!r}"
    assert states(made)["web-2"] == "up", "the other server has it still"
    made.web[0].server.host.take_vip_on_loopback(VIP[family])
    made.node.wait_backend("web", "web-1", "up", 5)


@pytest.mark.parametrize("forwarding", ["l2-dsr", pytest.param("ipip", marks=pytest.mark.long)])
def test_without_via_vip_the_same_server_passes_and_its_clients_fail(scene, forwarding):
    """The negative control: it is the VIP that is asked for, not the server."""
    made = scene(forwarding, "af_packet", 4)
    lose_vip(made.web[0].server, 4)
    time.sleep(1.0)
    assert states(made) == {"web-1": "up", "web-2": "up"}, "nobody asked for the VIP"
    assert {line.server for line in made.web[0].checks()} == {f"{made.web[0].server.address(4)}:80"}
    load = made.load("--requests", 50, "--timeout", 1)
    assert load["failed"] > 10, f"expected the server's share to fail, got {load['reasons']}"


@pytest.mark.parametrize("forwarding", ["ipip", pytest.param("gue", marks=pytest.mark.long)])
def test_a_server_without_a_decapsulator_falls(scene, forwarding):
    made = scene(forwarding, "af_packet", 4, check=VIA_VIP)
    made.ends[0].kill()
    made.node.wait_backend("web", "web-1", "down", 5)
    assert states(made)["web-2"] == "up"


def test_a_probe_that_no_filter_turns_round_fails(scene):
    """Without the filters probes go to TCP port 0 of the server itself, where nobody is: never a false pass."""
    made = scene("l2-dsr", "af_packet", 4, check=VIA_VIP)
    made.site.node.run(["tc", "filter", "del", "dev", made.site.node_devices[0], "egress"])
    made.node.wait_backend("web", "web-1", "down", 5)
    assert "refused" in made.node.backends("web")["web-1"]["check_text"]


def test_no_mark_and_no_port_0_reaches_the_wire(scene):
    made = scene("l2-dsr", "af_packet", 4, check=VIA_VIP)
    server = made.web[0].server.host
    server.nft("table inet seen {\n chain one {\n type filter hook input priority 0;\n"
               f"  ip daddr {VIP[4]} tcp dport 80 ip dscp 0 counter comment \"plain\"\n"
               f"  ip daddr {VIP[4]} ip dscp != 0 counter comment \"marked\"\n  tcp dport 0 counter comment \"port0\"\n }}\n}}\n")
    time.sleep(1.0)
    lines = server.run(["nft", "list", "ruleset"]).stdout.splitlines()
    counted = {name: int(line.split("packets ")[1].split()[0]) for line in lines for name in ("plain", "marked", "port0") if name in line}
    assert counted["plain"] > 10 and counted["marked"] == counted["port0"] == 0, counted


def test_filters_go_with_the_daemon_and_outlive_a_kill(scene):
    made = scene("l2-dsr", "af_packet", 4, check=VIA_VIP)

    def filters() -> str:
        show = ["tc", "filter", "show", "dev", made.site.node_devices[0]]
        return "".join(made.site.node.run([*show, side]).stdout for side in ("ingress", "egress"))

    assert "probe_out" in filters() and "probe_in" in filters()
    made.node.daemon.kill()
    assert "probe_out" in filters() and "probe_in" in filters(), "a kill leaves them"
    made.node.start_daemon()
    made.node.wait_backend("web", "web-1", "up", 5)
    assert filters().count("probe_out:[") == 1 and filters().count("probe_in:[") == 1, "the next start replaces them"
    made.node.stop()
    assert "probe_" not in filters()


def test_a_reload_begins_and_ends_it(scene):
    made = scene("l2-dsr", "af_packet", 4)
    lose_vip(made.web[0].server, 4)
    made.node.document["service"][0]["check"]["via"] = "vip"
    made.node.apply(made.node.document)
    made.node.wait_backend("web", "web-1", "down", 5)
    made.node.document["service"][0]["check"]["via"] = "backend"
    made.node.apply(made.node.document)
    made.node.wait_backend("web", "web-1", "up", 5)
