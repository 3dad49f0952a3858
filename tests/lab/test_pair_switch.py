# SPDX-License-Identifier: Apache-2.0
"""What a switch does to a pair: frames flooded to both nodes are forwarded by one, and a planned failover loses and doubles none."""
import contextlib
import threading
import time

import pytest
from tandemlab import counters
from tandemlab.net import command
from tandemlab.pair import GROUPS, OTHER, pair, virtual_mac
from tandemlab.process import wait_until

RATE, FLUSH_EVERY_S = 2000, 0.1
STRAYS_S = 1.2                 # for a second after it gave a group up a node still forwards what comes to it, flooded or not


@pytest.fixture(scope="module", params=["af_packet", pytest.param("af_xdp", marks=pytest.mark.long)])
def duo(request, binaries):
    with pair("nat", request.param, 4) as made:
        time.sleep(STRAYS_S)
        yield made


@contextlib.contextmanager
def forgetful_switches(duo):
    """Their tables empty ten times a second: until a station speaks again, all hear what is sent to it."""
    over = threading.Event()

    def flush() -> None:
        while not over.wait(FLUSH_EVERY_S):
            for lan in ("outside", "inside"):
                command(["ip", "-n", duo.lab.lans[lan].switch.namespace, "link", "set", "bridge", "type", "bridge", "fdb_flush"])
    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def nothing_lost_or_doubled_meanwhile(duo):
    """At both ends: what the client got back, and what the servers' kernels received."""
    servers = counters.Since(*[server.host for server in duo.site.servers])
    flows = {group: duo.datagrams(group, "--rate", RATE) for group in GROUPS}
    yield
    results = {group: process.stop_and_report() for group, process in flows.items()}
    for group, result in results.items():
        assert (result["lost"], result["doubled"], result["damaged"]) == (0, 0, 0), f"{group}: {result}"
    sent = sum(result["sent"] for result in results.values())
    assert servers["Udp.InDatagrams"] == sent, f"expected {sent} datagrams at the servers, got {servers['Udp.InDatagrams']}"


def frames_to(duo, group: str, name: str):
    """Those to a group's virtual MAC that the switch gives to this node."""
    return counters.capture(duo.lab.lans["outside"].switch, f"{group}-to-{name}", name, "-Q", "out", "udp", "and", "ether", "dst",
                            virtual_mac(group, "outside", 4), snap=64)


def test_a_switch_that_forgets_doubles_nothing(duo):
    astray = {group: frames_to(duo, group, OTHER[name]) for group, name in GROUPS.items()}
    with nothing_lost_or_doubled_meanwhile(duo), forgetful_switches(duo):
        time.sleep(2.5)
    for group, capture in astray.items():
        assert capture.stop().count() > 0, f"expected frames of {group} at the node that does not serve it: else nothing was flooded"


def taken(duo) -> int:
    return sum(row["transitions"].get("active", {}).get("peer_yields", 0) for name in duo.nodes for row in duo.ha(name)["groups"])


def test_a_planned_failover_loses_and_doubles_nothing(duo, tier):
    turns, before = 5 if tier == "default" else 20, taken(duo)
    with nothing_lost_or_doubled_meanwhile(duo):
        for _turn in range(turns):
            for group in GROUPS:
                at = duo.serving()[group][0]
                duo[at].ctl("--yes", "ha", "failover", group)
                wait_until(lambda: duo.serving()[group] == [OTHER[at]], f"{OTHER[at]} alone serves {group}", 1)
                time.sleep(0.2)
    assert taken(duo) - before == turns * len(GROUPS), "expected every failover to move its group"
