# SPDX-License-Identifier: Apache-2.0
"""Junk at the node's own address never starves a health check: the punt's classes have rates of their own."""
import contextlib
import time

import pytest

from tandemlab import configuration, evidence, nginx, wire
from tandemlab.configuration import FAST_CHECK
from tandemlab.net import Lab
from tandemlab.process import tool
from tandemlab.scene import services
from tandemlab.site import CLIENT_MAC, NODE_OUTSIDE, build_site
from tandemlab.tandem import Node, metric

JUNK_RATE_PPS, JUNK_SECONDS = 20_000, {"default": 5, "long": 20, "soak": 60}
CHECKS_A_SECOND = 10    # at the least; about twice as many are made
# Below the second after which TCP sends a lost SYN again: one packet lost is one check failed.
CHECK = {**FAST_CHECK, "timeout": "900ms", "fall": 3}


@pytest.fixture
def flooded(binaries, tier):
    """`flooded(*options of tandemd)`: a node on a tap port under junk; returns (failed checks, checks, punted by class)."""
    with contextlib.ExitStack() as stack:
        def run(*options, **dataplane):
            site = build_site(stack.enter_context(Lab()), "nat")
            for server in site.servers:
                nginx.Nginx(server, [server.address(4)]).start()
            document = configuration.node(site, "tap", services(site, 4, check=CHECK), **dataplane)
            document["port"][0]["device"] = f"tap:{wire.WIRE_END}"
            node = Node(site, document, options=options)
            node.start()
            port = wire.connect(site, node)
            node.wait_all_up("web", 20)
            before = node.scrape()
            junk = tool(site.client, "junk", "--to", NODE_OUTSIDE[4], "--source-mac", CLIENT_MAC, "--target-mac", port["mac"],
                        "--rate", JUNK_RATE_PPS, "--seconds", JUNK_SECONDS[tier]).report(JUNK_SECONDS[tier] + 20)
            assert junk["rate"] > 0.85 * JUNK_RATE_PPS, f"expected the junk to come at its rate, got {junk}"
            time.sleep(0.5)
            after = node.scrape()
            made = checks(after) - checks(before)
            good = checks(after, result="ok") - checks(before, result="ok")
            return made - good, made, evidence.balance(node)["punted"]
        yield run


def checks(samples: dict, **labels) -> float:
    return metric(samples, "tandem_check_results_total", service="web", **labels)


def test_junk_fails_no_check(flooded, tier):
    failed, made, punted = flooded()
    assert made > CHECKS_A_SECOND * JUNK_SECONDS[tier], f"expected about twice {CHECKS_A_SECOND} checks a second, got {made}"
    assert failed == 0, f"expected no failed check of {made}, got {failed}; punted {punted}"


def test_without_reserved_rates_junk_fails_checks(flooded):
    """The negative control: one common rate for all classes."""
    failed, made, punted = flooded("--no-punt-reserve")
    assert failed > 0, f"expected failed checks among {made} without the reserve; punted {punted}"
