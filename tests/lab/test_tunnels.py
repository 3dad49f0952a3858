# SPDX-License-Identifier: Apache-2.0
"""Servers behind tunnels: requests reach them inside other packets, and they answer the client themselves."""
import pytest

from tandemlab import counters, evidence
from tandemlab.site import CLIENT, TUNNEL_SOURCE

REQUESTS, AT_ONCE, SPREAD_MOST = 10_000, 50, 12
FORM = {("ipip", 4): "ip4", ("ipip", 6): "ip6", ("gue", 4): "gue", ("gue", 6): "gue"}
FEW = [("ipip", "af_packet", 4), ("gue", "af_xdp", 6)]
REST = [(method, driver, family) for method in ("ipip", "gue") for driver in ("af_packet", "af_xdp") for family in (4, 6) if (method, driver, family) not in FEW]


def case(one: tuple, *marks):
    return pytest.param(*one, id=f"{one[0]}-{one[1]}-IPv{one[2]}", marks=marks)


every_tunnel = pytest.mark.parametrize("method,driver,family", [*map(case, FEW), *[case(one, pytest.mark.long) for one in REST]])


@every_tunnel
def test_ten_thousand_requests_through_a_tunnel_all_succeed_and_three_witnesses_agree(scene, method, driver, family):
    made = scene(method, driver, family, servers=3)
    before = made.started("web")
    load = made.load("--requests", REQUESTS, "--at-once", AT_ONCE)
    assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]
    by_server = evidence.three_equal(load, made.web, made.node, "web", before)
    assert evidence.spread(by_server) <= SPREAD_MOST, f"expected a spread of at most {SPREAD_MOST}, got {by_server}"
    assert {line.client for server in made.web for line in server.log()} == {CLIENT[family]}, "expected servers to see the client itself"
    for end in made.ends:
        got = end.stop_and_report()
        assert set(got["forms"]) == {FORM[method, family]}, f"expected nothing but {FORM[method, family]}, got {got}"
        assert got["senders"] > 20, f"expected flows spread over addresses of {TUNNEL_SOURCE}, got {got}"


def test_without_their_ends_of_the_tunnels_no_server_is_reached(scene):
    """The control: what reaches the servers comes inside."""
    made = scene("ipip", "af_packet", 4)
    assert made.load("--requests", 20)["ok"] == 20
    since = counters.Since(made.client)
    for end in made.ends:
        end.stop()
    closed = made.load("--requests", 20, "--at-once", 20, "--timeout", 2)
    assert (closed["ok"], set(closed["reasons"])) == (0, {"timeout: connecting"}), (closed, since)


def test_gue_with_its_own_header_reaches_servers_too(scene):
    def with_header(document):
        document["service"][0]["gue_header"] = True
    made = scene("gue", "af_packet", 4, change=with_header)
    assert made.load("--requests", 100)["ok"] == 100
    assert all(set(end.stop_and_report()["forms"]) == {"gue header"} for end in made.ends)
