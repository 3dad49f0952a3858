# SPDX-License-Identifier: Apache-2.0
"""What a switch does to a pair: frames flooded to both nodes are forwarded by one, and a planned failover loses and doubles none."""
import contextlib
import threading
import time

import pytest
from tandemlab import counters, load
from tandemlab.net import command
from tandemlab.pair import GROUPS, OTHER, pair, virtual_mac
from tandemlab.process import wait_until

RATE, STREAMS, FLUSH_EVERY_S = 5000, 200, 0.1          # datagrams a second and group; streams over both
STRAYS_S = 1.2                 # for a second after it gave a group up a node still forwards what comes to it, flooded or not


@pytest.fixture(scope="module", params=["nat-af_packet", *[pytest.param(one, marks=pytest.mark.long) for one in
                                                             ("nat-af_xdp", "full-nat-af_packet", "full-nat+ipip-af_xdp")]])
def duo(request, binaries):
    forwarding, _, driver = request.param.rpartition("-")
    with pair(forwarding, driver, 4) as made:
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


def where_it_may_be(duo) -> str:
    """What nodes and their devices dropped, for whoever reads of a loss."""
    reasons = {name: [row for row in node.ctl("drops")["reasons"] if row["packets"]] for name, node in duo.nodes.items()}
    devices = {name: [counters.link(node.host, device)["stats64"]["rx"]["dropped"] for device in ("eth0", "eth1")] for name, node in duo.nodes.items()}
    return f"drops {reasons}, of devices {devices}"


@contextlib.contextmanager
def nothing_lost_or_doubled_meanwhile(duo):
    """At both ends: what the client got back, and what the servers received. Yields what the kernels count of TCP."""
    hosts = [server.host for server in duo.site.servers]
    servers, everybody = counters.Since(*hosts), counters.Since(duo.client, *hosts)
    streams, flow = duo.streams(count=STREAMS), duo.datagrams(rate=RATE)
    load.wait_open(streams)
    yield everybody
    result = flow.stop_and_report()
    assert (result["lost"], result["doubled"], result["damaged"]) == (0, 0, 0), f"{result}\n{where_it_may_be(duo)}"
    assert servers["Udp.InDatagrams"] == result["sent"], f"expected {result['sent']} datagrams at the servers, got {servers['Udp.InDatagrams']}"
    result = streams.stop_and_report()
    assert result["alive"] == STREAMS and result["lost"] == result["doubled"] == 0, result


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


def fail_over(duo, turns: int) -> None:
    for _turn in range(turns):
        for group in GROUPS:
            at = duo.serving()[group][0]
            duo[at].ctl("--yes", "ha", "failover", group)
            wait_until(lambda: duo.serving()[group] == [OTHER[at]], f"{OTHER[at]} alone serves {group}", 1)
            time.sleep(0.2)


def test_a_planned_failover_loses_and_doubles_nothing_and_retransmits_nothing(duo, tier, capsys):
    turns, before = 5 if tier == "default" else 20, taken(duo)
    with nothing_lost_or_doubled_meanwhile(duo) as everybody:
        began, first = time.monotonic(), everybody["Tcp.RetransSegs"]
        fail_over(duo, turns)
        lasted, moved = time.monotonic() - began, everybody["Tcp.RetransSegs"]
        time.sleep(lasted)
        calm = everybody["Tcp.RetransSegs"]
    with capsys.disabled():
        print(f"\n  {turns * len(GROUPS)} planned failovers in {lasted:.1f} s: {moved - first} segments retransmitted, {calm - moved} in as long without one")
    assert moved - first <= calm - moved, f"expected no more retransmissions than without a failover, got {moved - first} and {calm - moved}"
    assert taken(duo) - before == turns * len(GROUPS), "expected every failover to move its group"
