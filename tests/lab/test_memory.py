# SPDX-License-Identifier: Apache-2.0
"""A million live connections (the first tier: a fifth) on two workers, in 2 MiB pages and in 4 KiB pages."""
import contextlib
from pathlib import Path

import pytest

from tandemlab.process import tool
from tandemlab.site import CLIENT_MAC, NODE_MAC

RESERVED = Path("/proc/sys/vm/nr_hugepages")
FLOWS, PORT = {"default": 200_000, "long": 1_000_000, "soak": 1_000_000}, 7053
PAGES = 512      # 2 MiB each: what the node below takes, and room


@contextlib.contextmanager
def reserved_pages(wanted: int):
    """2 MiB pages for as long as the block runs."""
    before = int(RESERVED.read_text())
    RESERVED.write_text(str(before + wanted))
    try:
        got = int(RESERVED.read_text()) - before
        assert got == wanted, f"expected {wanted} pages of 2 MiB, the kernel found {got}"
        yield
    finally:
        RESERVED.write_text(str(before))


def with_room(hugepages: str):
    """A datagram service whose flows stay, and a table with a fifth more room than there are flows: workers' shares are not equal."""
    def change(document: dict) -> None:
        document["dataplane"].update({"connections": "1200k", "connections_ipv6": "10k", "hugepages": hugepages})
        flows = {"name": "flows", "listen": f"203.0.113.10:{PORT}/udp", "forwarding": "nat", "timeouts": {"udp_one_way": "1h"}}
        flows["backend"] = [dict(one, address=one["address"].rsplit(":", 1)[0] + f":{PORT}") for one in document["service"][0]["backend"]]
        document["service"].append(flows)
    return change


def fill(made, flows: int) -> int:
    """Sends every flow, again until each has its entry: a datagram may be lost on the way like any other."""
    for _ in range(4):
        tool(made.client, "flows", "--sources", flows // 50_000, "--source-mac", CLIENT_MAC, "--target-mac", NODE_MAC, "--to", made.vip,
             "--port", PORT).report(90)
        entries = made.node.ctl("status")["connections_entries"]
        if entries >= flows:
            break
    return entries


@pytest.mark.parametrize("hugepages", ["on", pytest.param("off", marks=pytest.mark.long)])
def test_a_million_connections_on_two_workers(scene, tier, hugepages):
    with reserved_pages(PAGES) if hugepages == "on" else contextlib.nullcontext():
        made = scene("nat", "af_packet", 4, workers=2, change=with_room(hugepages))
        status = made.node.ctl("status")
        assert status["hugepages"] is (hugepages == "on"), status
        entries = fill(made, FLOWS[tier])
        rows = made.node.ctl("worker", "list")
        owned = [row["entries"] for row in rows]
        assert entries >= FLOWS[tier] and sum(owned) >= FLOWS[tier], f"expected {FLOWS[tier]} entries, got {entries}; by worker {owned}"
        assert all(0.3 <= one / sum(owned) <= 0.7 for one in owned), f"expected each worker to hold its share, got {owned}"
        assert sum(sum(row["insert_failures"].values()) for row in rows) == 0, rows
        load = made.load("--requests", 1000)
        assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
        made.node.stop()


def test_without_pages_a_node_that_needs_them_says_what_to_do(scene):
    """The negative control: where no 2 MiB page is to be had, "on" refuses to start."""
    if int(RESERVED.read_text()) > 0:
        pytest.fail("expected a machine without reserved pages; give them back (vm.nr_hugepages = 0)")
    with pytest.raises(AssertionError, match="hugepages"):
        scene("nat", "af_packet", 4, workers=2, change=with_room("on"))
