# SPDX-License-Identifier: Apache-2.0
"""Packet buffers come back. That they do after every test is looked at by each lab (tandemlab/buffers.py); here, that the look sees them."""
import pytest
from tandemlab import buffers
from tandemlab.process import wait_until
from tandemlab.site import NODE_MAC
from tandemlab.syns import send_syns

PORT, PER_SECOND, SECONDS = 81, 150, 2      # far below what may wait for one neighbour


def with_a_server_that_nobody_has(document: dict) -> None:
    document["service"].append({"name": "nobody", "listen": f"203.0.113.10:{PORT}/tcp", "forwarding": "nat",
                                "backend": [{"name": "gone", "address": f"10.20.0.99:{PORT}"}]})


@pytest.mark.parametrize("driver", ["af_packet", pytest.param("af_xdp", marks=pytest.mark.long)])
def test_buffers_that_wait_for_a_neighbour_are_seen_in_use_and_come_back(scene, driver):
    """The control of the look at every test's end: buffers in use show."""
    made = scene("nat", driver, 4, change=with_a_server_that_nobody_has)
    before = buffers.at_rest(made.node)
    knocking = send_syns(made.client, made.vip, PORT, NODE_MAC, "--rate", PER_SECOND, "--seconds", SECONDS)
    wait_until(lambda: buffers.in_use(made.node) >= before + PER_SECOND / 3, "packets that wait are seen by their buffers", 5, knocking)
    knocking.report(10)
    buffers.expect_back(made.node)
    assert made.node.ctl("drops")["balance"]["dropped"]["unresolved_neighbour"] >= PER_SECOND


def test_a_node_that_ends_has_all_its_buffers_back_and_says_so(scene):
    made = scene("nat", "af_packet", 4, change=with_a_server_that_nobody_has)
    knocking = send_syns(made.client, made.vip, PORT, NODE_MAC, "--rate", PER_SECOND, "--seconds", 1)
    knocking.report(10)
    assert made.node.stop() == 0     # while some wait
    buffers.expect_all_given_back(made.node)
