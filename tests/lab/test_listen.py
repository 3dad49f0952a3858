# SPDX-License-Identifier: Apache-2.0
"""Services of prefixes and ranges, and full-nat servers that are told their client's address."""
import pytest

from tandemlab import configuration
from tandemlab.nginx import PROXY_PORT, download_file
from tandemlab.site import CLIENT

PREFIX = {4: "203.0.113.64/28", 6: "[2001:db8:f:0:1::/80]"}
WITHIN = {4: ["203.0.113.64", "203.0.113.70", "203.0.113.79"], 6: ["2001:db8:f:0:1::", "2001:db8:f:0:1:2:3:4"]}
BESIDE = {4: "203.0.113.80", 6: "2001:db8:f:0:2::1"}
REQUESTS = 30


def of_a_prefix(family: int):
    def change(document: dict) -> None:
        document["service"][0]["listen"] = [document["service"][0]["listen"], f"{PREFIX[family]}:8000-8099/tcp"]
    return change


@pytest.mark.parametrize("driver,family,method", [("af_packet", 4, "nat"), ("af_xdp", 6, "full-nat"), pytest.param("af_xdp", 4, "nat", marks=pytest.mark.long)])
def test_every_address_of_a_prefix_serves_every_port_of_a_range(scene, driver, family, method):
    made = scene(method, driver, family, change=of_a_prefix(family))
    for vip in WITHIN[family]:
        for port in (8000, 8042, 8099):
            load = made.load("--requests", REQUESTS, "--port", port, to=vip)
            assert (load["ok"], load["failed"]) == (REQUESTS, 0), (vip, port, load["reasons"])
    assert made.load("--requests", REQUESTS)["ok"] == REQUESTS, "expected the single VIP to serve as before"
    assert made.load("--requests", 3, "--at-once", 3, "--timeout", 1, "--port", 8100, to=WITHIN[family][1])["ok"] == 0
    assert made.load("--requests", 3, "--at-once", 3, "--timeout", 1, "--port", 8042, to=BESIDE[family])["ok"] == 0


def told_by_proxy(document: dict) -> None:
    service = document["service"][0]
    service["client_address"] = "proxy-v2"
    service["check"] = dict(configuration.FAST_CHECK)  # of the same port, with a header of its own
    for backend in service["backend"]:
        backend["address"] = backend["address"].rsplit(":", 1)[0] + f":{PROXY_PORT}"


@pytest.mark.parametrize("driver,family,servers_family", [("af_packet", 4, 4), ("af_xdp", 6, 4), pytest.param("af_xdp", 6, 6, marks=pytest.mark.long),
                                                          pytest.param("af_packet", 4, 6, marks=pytest.mark.long)])
def test_nginx_logs_the_client_that_the_header_names(scene, driver, family, servers_family):
    made = scene("full-nat", driver, family, servers_family=servers_family, change=told_by_proxy)
    load = made.load("--requests", 1000)
    assert (load["ok"], load["failed"]) == (1000, 0), load["reasons"]
    logged = {server.name: sorted(line.client_port for line in server.log()) for server in made.web}
    assert {line.client for server in made.web for line in server.log()} == {CLIENT[family]}
    assert logged == {name: sorted(ports) for name, ports in load["ports"].items()}, "expected each request from the port that the client had"


@pytest.mark.long
def test_a_download_behind_the_header_is_whole(scene):
    made = scene("full-nat", "af_packet", 4, change=told_by_proxy)
    _, digest, size = download_file(made.site.lab.directory)
    got = made.load("--path", "/download", "--download")
    assert (got["bytes"], got["sha256"]) == (size, digest), got


def test_without_the_header_nginx_refuses_what_it_gets(scene):
    """The control: the same port, and nobody told."""
    def untold(document: dict) -> None:
        told_by_proxy(document)
        document["service"][0].update(client_address="none", check={**configuration.FAST_CHECK, "port": 80})
    made = scene("full-nat", "af_packet", 4, change=untold)
    assert made.load("--requests", 10)["ok"] == 0
