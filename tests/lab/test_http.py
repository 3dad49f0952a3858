# SPDX-License-Identifier: Apache-2.0
"""Real HTTP from a client through the VIP to real servers: nothing fails, and all witnesses count alike."""
import pytest

from tandemlab import counters, evidence, nginx
from tandemlab.site import CLIENT
from tandemlab.variants import DRIVER_AND_FAMILY, two_variants

REQUESTS, AT_ONCE = 10_000, 50
SPREAD_MOST = 12                # design.md: consistent-round-robin with up to ten backends
TROUBLE_MORE_POINTS = 0.1       # percentage points of retransmissions and resets above the straight run


@two_variants
def test_ten_thousand_requests_all_succeed_and_three_witnesses_agree(scene, forwarding, driver, family, capsys):
    made = scene(forwarding, driver, family, servers=3)
    ends = [made.client, *[server.host for server in made.site.servers]]

    since = counters.Since(*ends)
    straight = made.load("--requests", REQUESTS, "--at-once", AT_ONCE, to=made.site.servers[0].address(family))
    straight_trouble = since.tcp_trouble()
    assert straight["failed"] == 0, straight["reasons"]
    for server in made.web:
        server.forget()

    before, since = made.started("web"), counters.Since(*ends)
    with made.own_tcp_meanwhile():
        load = made.load("--requests", REQUESTS, "--at-once", AT_ONCE)
        if driver == "af_xdp":
            assert counters.has_xdp(made.site.node), "expected `ip -j link` to show our program on the node's device"
    trouble = since.tcp_trouble()

    assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]
    by_server = evidence.three_equal(load, made.web, made.node, "web", before)
    assert evidence.spread(by_server) <= SPREAD_MOST, f"expected a spread of at most {SPREAD_MOST}, got {by_server}"
    assert {line.client for server in made.web for line in server.log()} == {CLIENT[family]}
    assert trouble["wrong_checksums"] == 0, trouble
    with capsys.disabled():
        print(f"\n  {forwarding} {driver} IPv{family}: {by_server}, {load['seconds']} s; retransmitted and reset "
              f"{evidence.trouble_share(trouble):.3f} % (straight {evidence.trouble_share(straight_trouble):.3f} %)")
    assert evidence.trouble_share(trouble) <= evidence.trouble_share(straight_trouble) + TROUBLE_MORE_POINTS, (trouble, straight_trouble)


@two_variants
def test_a_stopped_node_stops_all_traffic_to_the_vip(scene, forwarding, driver, family):
    """The negative control of every request above: nothing but tandemd carries them."""
    made = scene(forwarding, driver, family)
    kernel = made.site.node.run(["sysctl", "-n", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"]).stdout.split()
    assert kernel == ["0", "0"] and made.site.node.run(["nft", "list", "tables"]).stdout == "", "expected a kernel that forwards nothing"
    assert made.load("--requests", 20)["ok"] == 20
    made.node.freeze()
    try:
        frozen = made.load("--requests", 20, "--at-once", 20, "--timeout", 2)
    finally:
        made.node.thaw()
    assert frozen["ok"] == 0, f"expected no request to pass a stopped node, got {frozen['ok']}"
    assert set(frozen["reasons"]) == {"timeout: connecting"}, frozen["reasons"]


@two_variants
def test_a_hundred_megabytes_arrive_whole(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family)
    _path, total, size = nginx.download_file(made.site.lab.directory)
    got = made.load("--path", "/download", "--download")
    assert (got["bytes"], got["sha256"]) == (size, total), got


@DRIVER_AND_FAMILY
def test_nat_between_two_lans(scene, driver, family):
    made = scene("nat", driver, family, lans=2)
    load = made.load("--requests", 1000)
    assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
    evidence.three_equal(load, made.web, made.node, "web")


def test_weights_share_the_requests(scene):
    def three_to_one(document):
        document["service"][0]["backend"][0]["weight"] = 3
    made = scene("nat", "af_packet", 4, change=three_to_one)
    load = made.load("--requests", 1000)
    assert load["failed"] == 0 and abs(load["servers"]["web-1"] - 750) <= SPREAD_MOST, load["servers"]
