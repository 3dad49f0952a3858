# SPDX-License-Identifier: Apache-2.0
"""full-nat: servers without any route to the client, of either family, see addresses of ours."""
import collections

import pytest

from tandemlab import counters, evidence
from tandemlab.site import CLIENT, POOL

REQUESTS, AT_ONCE, SPREAD_MOST = 10_000, 50, 12
FEW = [("af_packet", 4, 4), ("af_xdp", 6, 4)]
REST = [(driver, family, servers) for driver in ("af_packet", "af_xdp") for family in (4, 6) for servers in (4, 6)
        if (driver, family, servers) not in FEW]


def case(one: tuple, *marks):
    return pytest.param(*one, id=f"{one[0]}-IPv{one[1]}-to-IPv{one[2]}", marks=marks)


@pytest.mark.parametrize("driver,family,servers_family", [*map(case, FEW), *[case(one, pytest.mark.long) for one in REST]])
def test_ten_thousand_requests_to_servers_that_have_no_route_to_the_client(scene, driver, family, servers_family):
    made = scene("full-nat", driver, family, servers=3, servers_family=servers_family)
    assert made.site.servers[0].host.run(["ip", "route", "get", CLIENT[servers_family]], check=False).returncode != 0, "expected servers to have no route to the client"
    before = made.started("web")
    load = made.load("--requests", REQUESTS, "--at-once", AT_ONCE)
    assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]

    asked = {name: len(ports) for name, ports in load["ports"].items()}
    logged = {server.name: len(server.log()) for server in made.web}
    assert asked == logged, f"expected the servers' logs to hold what the client asked them: {asked}, {logged}"
    new = {name: count - before[name] for name, count in made.started("web").items()}
    assert new == logged == {name: count - before[name] for name, count in evidence.cli_connections(made.node, "web").items()}
    assert evidence.spread(logged) <= SPREAD_MOST, f"expected a spread of at most {SPREAD_MOST}, got {logged}"

    seen = collections.Counter(line.client for server in made.web for line in server.log())
    assert set(seen) == set(POOL[servers_family]), f"expected servers to see the pool's addresses and nobody else, got {seen}"


def test_without_a_pool_address_that_answers_no_server_is_reached(scene):
    """The control: what the servers answer goes to the pool's address, and to nothing else of ours."""
    made = scene("full-nat", "af_packet", 4)
    assert made.load("--requests", 20)["ok"] == 20
    since = counters.Since(made.client)
    for server in made.site.servers:
        server.host.ip(*[f"neigh replace {address} lladdr 02:00:00:00:00:fe dev eth0" for address in POOL[4]])
    closed = made.load("--requests", 20, "--at-once", 20, "--timeout", 2)
    assert (closed["ok"], set(closed["reasons"])) == (0, {"timeout: connecting"}), (closed, since)
