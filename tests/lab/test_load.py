# SPDX-License-Identifier: Apache-2.0
"""The compiled load sees what it is there to see: before it is believed about the pair, it is lied to on a plain wire."""
import sys
import time

from tandemlab import load
from tandemlab.process import Process, wait_until

# Greets, then plays back the first block of 64 bytes it gets twice, and spoils the third.
CROOKED = """\
import socket
s = socket.create_server(('%s', 7013))
c = s.accept()[0]
c.sendall(b'crooked'.ljust(16, b'\\0'))
blocks = [c.recv(64, socket.MSG_WAITALL) for _ in range(3)]
c.sendall(blocks[0] + blocks[0] + blocks[1] + blocks[2][:40] + b'!' + blocks[2][41:])
c.recv(10 ** 6)
"""


def at(site, port: int, family: int = 4) -> str:
    address = site.servers[0].address(family)
    return f"[{address}]:{port}" if family == 6 else f"{address}:{port}"


def test_on_a_plain_wire_nothing_is_lost_and_both_ends_count_alike(plain_site):
    places = [at(plain_site, 7010, family) for family in (4, 6)]
    server = load.echo_server(plain_site.servers[0].host, "web-1", places, places)
    streams = load.start(plain_site.client, "streams", "--to", *places, "--count", 500, "--every", "50ms")
    flow = load.start(plain_site.client, "datagrams", "--to", *places, "--rate", 3000)
    load.wait_open(streams)
    streams.order("open 50")
    time.sleep(1)
    result, datagrams = streams.stop_and_report(), flow.stop_and_report()
    seen = server.stop_and_report()
    assert result["alive"] == result["streams"] == seen["streams"] == 550 and result["servers"] == {"web-1": 550}, (result, seen)
    assert result["blocks_sent"] == result["blocks_echoed"] == seen["blocks"] > 5000, (result, seen)
    assert datagrams["sent"] == datagrams["received"] == seen["datagrams"] > 3000, (datagrams, seen)
    assert not any(one[word] for one in (result, datagrams, seen) for word in ("lost", "doubled", "damaged")), (result, datagrams, seen)


def test_it_sees_resets_loss_and_silence(plain_site):
    host = plain_site.servers[0].host
    load.echo_server(host, "web-1", [at(plain_site, 7011)], [at(plain_site, 7011)])
    streams = load.start(plain_site.client, "streams", "--to", at(plain_site, 7011), "--count", 100)
    flow = load.start(plain_site.client, "datagrams", "--to", at(plain_site, 7011), "--rate", 500, "--flows", 1, "--settle", "0.2s")
    load.wait_open(streams)
    host.nft("table inet trouble {\n chain one {\n type filter hook input priority 0;\n udp dport 7011 drop\n"
             " tcp dport 7011 numgen random mod 100 < 5 reject with tcp reset\n }\n}\n")
    time.sleep(0.3)
    host.run(["nft", "flush", "ruleset"])
    time.sleep(0.2)
    result, datagrams = streams.stop_and_report(), flow.stop_and_report()
    assert result["reset"] > 0 and result["alive"] < 100, result
    gaps = [length for _began, length in datagrams["ways"][0]["gaps"]]
    assert datagrams["lost"] > 100 and max(gaps) >= 0.3, datagrams


def test_it_sees_doubled_and_damaged_bytes(plain_site):
    server = Process(plain_site.servers[0].host, [sys.executable, "-c", CROOKED % plain_site.servers[0].address(4)], "crooked-server")
    wait_until(lambda: plain_site.servers[0].host.run(["ss", "-Hltn", "sport = :7013"]).stdout.strip(), "the crooked server listens", 10, server)
    streams = load.start(plain_site.client, "streams", "--to", at(plain_site, 7013), "--count", 1, "--settle", "0.3s")
    time.sleep(0.5)
    result = streams.stop_and_report()
    assert (result["doubled"], result["damaged"]) == (1, 1) and result["alive"] == 0, result


def test_it_knows_who_was_established_when_it_killed(plain_site):
    victim = Process(plain_site.client, ["sleep", 60], "victim")
    load.echo_server(plain_site.servers[0].host, "web-1", [at(plain_site, 7012)])
    streams = load.start(plain_site.client, "streams", "--to", at(plain_site, 7012), "--count", 50)
    load.wait_open(streams)
    killed = load.kill_amid(streams, victim, burst=20, after_ms=4)
    kill = streams.stop_and_report()["kill"]
    assert victim.returncode() == -9 and killed["at"] - killed["began"] >= 0.004
    assert kill["established"] == 50 + kill["burst_established"] and kill["established"] + kill["in_handshake"] == 50 + kill["burst"], kill
    assert kill["broken"] == 0, kill
