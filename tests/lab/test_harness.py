# SPDX-License-Identifier: Apache-2.0
"""The lab's tools measure plain kernel endpoints, and each of them once trouble that it must see."""
import shutil
import sys
import time

import pytest

from tandemlab import configuration, counters, evidence, nginx, packets
from tandemlab.net import Lab
from tandemlab.process import Process, tool, wait_until
from tandemlab.site import CLIENT_MAC, CLIENT_STRAIGHT, NODE_MAC, VIP, build_site, server_mac

FAMILIES = pytest.mark.parametrize("family", [4, pytest.param(6, marks=pytest.mark.long)], ids=["IPv4", "IPv6"])


@pytest.fixture
def web(plain_site):
    running = nginx.Nginx(plain_site.servers[0], list(plain_site.servers[0].address(family) for family in (4, 6)))
    yield running.start()
    running.stop()
    shutil.rmtree(running.directory)


@pytest.fixture
def block(plain_site):
    """Rules of nft in the first server's namespace, gone after the test."""
    host = plain_site.servers[0].host

    def load(*rules: str, hook: str = "input") -> None:
        host.nft("table inet trouble {\n chain one {\n type filter hook %s priority 0;\n %s\n }\n}\n" % (hook, "\n ".join(rules)))
    yield load
    host.run(["nft", "flush", "ruleset"])


def load(site, to: str, *more, seconds: float = 60) -> dict:
    return tool(site.client, "http_load", "--to", to, *more).report(seconds)


def listening(server, protocol: str, port: int) -> bool:
    return server.host.run(["ss", f"-Hln{protocol}", f"sport = :{port}"]).stdout.strip() != ""


def echo_server(site, module: str, port: int) -> Process:
    server = site.servers[0]
    at = [configuration.bracketed(server.address(family), port) for family in (4, 6)]
    running = tool(server.host, module, "server", "--name", server.name, "--listen", *at)
    wait_until(lambda: listening(server, "u" if module == "udp_echo" else "t", port), f"{module} listens", 10, running)
    return running


@FAMILIES
def test_a_thousand_straight_requests_are_all_answered_and_both_sides_count_alike(plain_site, web, family):
    since = counters.Since(plain_site.client, plain_site.servers[0].host)
    result = load(plain_site, web.server.address(family), "--requests", 1000)
    assert (result["ok"], result["failed"]) == (1000, 0), result["reasons"]
    assert evidence.client_equals_servers(result, [web], CLIENT_STRAIGHT[family]) == {"web-1": 1000}
    trouble = since.tcp_trouble()
    assert (trouble["retransmitted"], trouble["resets"], trouble["wrong_checksums"]) == (0, 0, 0), trouble


def test_unequal_counts_are_noticed(plain_site, web):
    result = load(plain_site, web.server.address(4), "--requests", 50)
    result["ports"]["web-1"].pop()
    with pytest.raises(AssertionError, match="has 1 others"):
        evidence.client_equals_servers(result, [web])


def test_health_checks_are_logged_apart_from_requests(plain_site, web):
    assert load(plain_site, web.server.address(4), "--requests", 3, "--path", "/healthz")["ok"] == 3
    assert (len(web.checks()), len(web.log())) == (3, 0)


def test_a_killed_server_is_seen_as_failures_and_a_restarted_one_serves_again(plain_site, web):
    web.kill()
    dead = load(plain_site, web.server.address(4), "--requests", 20)
    assert dead["failed"] == 20 and dead["reasons"] == {"connect: ECONNREFUSED": 20}, dead
    web.start()
    web.forget()
    assert load(plain_site, web.server.address(4), "--requests", 20)["ok"] == 20
    assert len(web.log()) == 20


def test_a_request_is_never_tried_again_and_a_cut_one_fails(plain_site, web):
    nginx.download_file(plain_site.lab.directory)
    running = tool(plain_site.client, "http_load", "--to", web.server.address(4), "--requests", 5, "--path", "/slow", "--at-once", 5)
    wait_until(lambda: connections_to(web) == 5, "five open downloads", 10, running)
    web.kill()
    result = running.report(20)
    assert (result["requests"], result["failed"]) == (5, 5), result


def connections_to(web) -> int:
    return len(web.server.host.run(["ss", "-Htn", "state", "established", f"sport = :{web.port}"]).stdout.splitlines())


def test_a_paced_load_says_when_each_request_was_made(plain_site, web, tmp_path):
    running = tool(plain_site.client, "http_load", "--to", web.server.address(4), "--rate", 200, "--trace", tmp_path / "trace")
    time.sleep(1.0)
    result = running.stop_and_report()
    lines = (tmp_path / "trace").read_text().splitlines()
    assert len(lines) == result["requests"] == result["ok"], result
    assert 100 <= result["requests"] <= 260, f"expected about 200 requests in a second, got {result['requests']}"


def test_a_download_arrives_whole_and_a_changed_byte_is_noticed(plain_site, web):
    path, total, size = nginx.download_file(plain_site.lab.directory)
    fetch = lambda: load(plain_site, web.server.address(6), "--path", "/download", "--download")
    whole = fetch()
    assert (whole["bytes"], whole["sha256"]) == (size, total), whole
    with path.open("r+b") as file:
        file.seek(55_555_555)
        byte = file.read(1)
        file.seek(55_555_555)
        file.write(bytes([byte[0] ^ 1]))
    changed = fetch()
    path.unlink()
    assert changed["bytes"] == size and changed["sha256"] != total


@FAMILIES
def test_udp_echo_loses_nothing_on_a_plain_wire(plain_site, family):
    server = echo_server(plain_site, "udp_echo", 7007)
    to = configuration.bracketed(plain_site.servers[0].address(family), 7007)
    result = tool(plain_site.client, "udp_echo", "client", "--to", to, "--seconds", 1).report(20)
    seen = server.stop_and_report()
    assert result["sent"] == result["received"] == seen["received"], (result, seen["received"])
    assert not any(result[word] for word in ("lost", "doubled", "reordered", "damaged", "moved")), result
    assert result["rate"] > 4000, f"expected about 5 000 datagrams a second, sent {result['rate']}"


def test_udp_echo_sees_loss(plain_site, block):
    block("udp dport 7008 numgen random mod 100 < 5 drop")
    server = echo_server(plain_site, "udp_echo", 7008)
    to = configuration.bracketed(plain_site.servers[0].address(4), 7008)
    result = tool(plain_site.client, "udp_echo", "client", "--to", to, "--seconds", 1, "--settle", 0.3).report(20)
    seen = server.stop_and_report()
    share = result["lost"] / result["sent"]
    assert 0.02 < share < 0.1, f"expected one in twenty lost, got {result}"
    assert result["received"] == seen["received"]


def test_udp_echo_sees_doubled_reordered_and_damaged(plain_site):
    """The echo server is replaced by one that answers each third datagram twice, each fourth late, each fifth wrongly."""
    crooked = ("import socket\n"
               "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('%s', 7009)); late = []\n"
               "for n in range(10**9):\n"
               "  d, a = s.recvfrom(2048); sends = [d]\n"
               "  if n %% 3 == 0: sends = [d, d]\n"
               "  if n %% 4 == 0: late.append(d); continue\n"
               "  if n %% 5 == 0: sends = [d[:50] + b'!' + d[51:]]\n"
               "  for d in sends + late: s.sendto(d, a)\n"
               "  late = []\n") % plain_site.servers[0].address(4)
    server = Process(plain_site.servers[0].host, [sys.executable, "-c", crooked], "crooked-echo")
    wait_until(lambda: listening(plain_site.servers[0], "u", 7009), "the crooked server listens", 10, server)
    to = configuration.bracketed(plain_site.servers[0].address(4), 7009)
    result = tool(plain_site.client, "udp_echo", "client", "--to", to, "--flows", 1, "--rate", 1000, "--seconds", 0.5,
                  "--settle", 0.2).report(20)
    server.stop()
    assert result["doubled"] > 0 and result["reordered"] > 0 and result["damaged"] > 0, result


@FAMILIES
def test_tcp_streams_arrive_in_order_and_all_live(plain_site, family):
    server = echo_server(plain_site, "tcp_streams", 7010)
    to = configuration.bracketed(plain_site.servers[0].address(family), 7010)
    result = tool(plain_site.client, "tcp_streams", "client", "--to", to, "--seconds", 1).report(30)
    seen = server.stop_and_report()
    assert result["alive"] == 200 and result["servers"] == {"web-1": 200}, result
    assert result["blocks_sent"] == result["blocks_echoed"] == seen["blocks"] > 2000, (result, seen)
    assert not any(result[word] + seen.get(word, 0) for word in ("lost", "doubled", "damaged", "reset", "missing")), result


def test_tcp_streams_see_resets(plain_site, block):
    server = echo_server(plain_site, "tcp_streams", 7011)
    to = configuration.bracketed(plain_site.servers[0].address(4), 7011)
    since = counters.Since(plain_site.servers[0].host)
    running = tool(plain_site.client, "tcp_streams", "client", "--to", to, "--streams", 40)
    wait_until(lambda: len(plain_site.client.run(["ss", "-Htn", "state", "established", "dport = :7011"]).stdout.splitlines()) == 40,
               "40 streams are open", 10, running)
    block("tcp dport 7011 numgen random mod 100 < 20 reject with tcp reset")
    time.sleep(0.5)
    result = running.stop_and_report()
    server.stop()
    assert result["reset"] > 0 and result["alive"] < 40, result
    assert since["Tcp.OutRsts"] > 0 or since["Tcp.EstabResets"] > 0, "expected the kernel to count resets too"


def test_retransmissions_are_seen(plain_site, web, block):
    since = counters.Since(plain_site.client, web.server.host)
    block("tcp dport 80 numgen random mod 100 < 5 drop")
    result = load(plain_site, web.server.address(4), "--requests", 100, "--at-once", 100, seconds=30)
    trouble = since.tcp_trouble()
    assert trouble["retransmitted"] > 0, (trouble, result)
    assert evidence.trouble_share(trouble) > 0.1


@FAMILIES
def test_a_wrong_checksum_is_seen_by_the_kernel_and_by_our_own_eye(plain_site, family):
    server = plain_site.servers[0]
    since = counters.Since(server.host)
    capture = counters.capture(server.host, f"checksum-{family}", "eth0", "udp", "port", "7013")
    with packets.PacketHost(plain_site.client) as wire:
        for wrong in (False, True, True):
            packet = packets.udp(CLIENT_STRAIGHT[family], 7012, server.address(family), 7013, b"sum", wrong)
            frame = packets.ethernet(server_mac(1), CLIENT_MAC, packet)
            assert packets.checksums_right(frame) is not wrong
            wire.send(frame)
    # Without a listener the kernel verifies before it would say "port unreachable".
    wait_until(lambda: since.tcp_trouble()["wrong_checksums"] == 2, "two wrong checksums counted", 3)
    wait_until(lambda: capture.count() == 3, "three packets captured", 3)
    assert len(capture.stop().wrong_checksums()) == 2, capture.lines()
    assert capture.dropped() == 0


def test_a_packet_host_asks_who_has_an_address(plain_site):
    with packets.PacketHost(plain_site.client) as wire:
        server = plain_site.servers[0]
        assert wire.ask_arp(CLIENT_MAC, CLIENT_STRAIGHT[4], server.address(4)) == server_mac(1)
        assert wire.ask_arp(CLIENT_MAC, CLIENT_STRAIGHT[4], VIP[4], 0.3) is None, "expected servers to keep silent about the VIP on their loopback"


def test_junk_arrives_at_its_rate(plain_site):
    before = counters.link(plain_site.node)["stats64"]["rx"]["packets"]
    result = tool(plain_site.client, "junk", "--to", "198.51.100.1", "--source-mac", CLIENT_MAC, "--target-mac", NODE_MAC,
                  "--rate", 20000, "--seconds", 1).report(20)
    assert 17000 < result["rate"] < 21000 and result["refused"] == 0, result
    arrived = counters.link(plain_site.node)["stats64"]["rx"]["packets"] - before
    assert result["sent"] <= arrived < result["sent"] + 500, (result, arrived)


def test_frames_cross_the_lab_as_a_wire_would_carry_them(plain_site, web):
    nginx.download_file(plain_site.lab.directory)
    capture = counters.capture(web.server.host, "wire", "eth0", "tcp", "and", "greater", "1515")
    load(plain_site, web.server.address(4), "--path", "/download", "--download")
    assert capture.stop().count() == 0, "expected no frame longer than the MTU"


@pytest.mark.parametrize("forwarding", ["nat", "l2-dsr"])
@pytest.mark.parametrize("lans", [1, 2])
def test_the_site_leads_replies_the_way_the_method_needs(forwarding, lans):
    with Lab() as lab:
        site = build_site(lab, forwarding, servers=1, lans=lans)
        for family, client in ((4, "198.51.100.7"), (6, "2001:db8:100::7")):
            route = site.servers[0].host.run(["ip", f"-{family}", "route", "get", client]).stdout
            assert (" via " in route) == (forwarding == "nat"), route
            straight = site.client.run(["ip", f"-{family}", "route", "get", site.servers[0].address(family)]).stdout
            assert CLIENT_STRAIGHT[family] in straight, straight
        assert site.node.run(["cat", "/proc/sys/net/ipv4/ip_forward"]).stdout.strip() == "0"
