# SPDX-License-Identifier: Apache-2.0
"""Seeing packets: what `explain` foretells a real client then gets, `capture` and `trace` show what the counters count.

The control of each claim is the same look at something else: a client that is not asked about, a filter that lets nothing through.
"""
import json
import time

import pytest

from tandemlab import pcapng
from tandemlab.net import command
from tandemlab.pair import pair
from tandemlab.process import Process, wait_until
from tandemlab.scene import scene
from tandemlab.site import CLIENT


@pytest.fixture(scope="module")
def served(binaries):
    with scene("nat", "af_packet", 4, servers=3) as made:
        assert made.load("--requests", 30)["failed"] == 0
        yield made


def argv(node, *words) -> list:
    return [node.programs["tandemctl"], "--socket", node.control, *[str(word) for word in words]]


def ask(node, *words):
    done = command(node.host.inside(argv(node, *words)), check=False)
    assert done.returncode == 0, f"expected `tandemctl {' '.join(map(str, words))}` to succeed, got {done}"
    return done.stdout


def explain(node, source: str, target: str, *words) -> dict:
    return node.ctl("explain", "tcp", source, target, *words)


def test_a_client_gets_the_backend_that_was_foretold(served):
    """Nothing happens in between, so the turns stand still: every one of twenty connections is foretold."""
    node = served.node
    for port in range(41000, 41020):
        told = explain(node, f"{CLIENT[4]}:{port}", f"{served.vip}:80")
        before = served.started("web")
        done = served.client.run(["curl", "-sS", "-o", "/dev/null", "--local-port", str(port), f"http://{served.vip}/"], check=False)
        assert done.returncode == 0, f"expected the request from port {port} to be answered, got {done}"
        wait_until(lambda: sum(served.started("web").values()) == sum(before.values()) + 1, "the connection is counted", 3)
        got = [name for name, count in served.started("web").items() if count != before[name]]
        assert [told["backend"].split("/")[1]] == got, f"expected what was foretold ({told}), got {got}"


def test_explaining_changes_nothing(served):
    before = served.started("web"), served.node.ctl("conn", "count")
    for port in range(42000, 42050):
        assert explain(served.node, f"198.51.100.7:{port}", f"{served.vip}:80")["decides"]
    assert (served.started("web"), served.node.ctl("conn", "count")) == before


def test_a_drained_backend_is_passed_over_and_named(served):
    ask(served.node, "backend", "drain", "web/web-1", "--reason", "a test")
    try:
        told = [explain(served.node, f"198.51.100.7:{port}", f"{served.vip}:80") for port in range(1000, 1060)]
        assert all(one["backend"] != "web/web-1" for one in told)
        passed = [one for one in told if one["first"]["backend"] == "web/web-1"]
        assert passed and all("draining" in one["rule"] for one in passed), f"expected the rule to say who is draining: {passed[:1]}"
    finally:
        ask(served.node, "backend", "enable", "web/web-1")


def test_a_capture_of_drops_has_as_many_as_are_counted_with_their_reason(served, tmp_path):
    node, file = served.node, tmp_path / "drops.pcapng"
    counted = lambda: node.ctl("drops")["balance"]["dropped"]["no_service"]   # noqa: E731
    running = Process(node.host, argv(node, "capture", "-w", file, "--at", "drop", "--duration", "2s", "tcp", "port", "81"), "capture")
    wait_until(lambda: file.exists() and file.stat().st_size > 0, "the capture has begun", 2, running)
    before = counted()
    served.client.run(["curl", "-sS", "--max-time", "1", f"http://{served.vip}:81/"], check=False)
    running.wait(10)
    seen = pcapng.read(file)
    assert len(seen) == counted() - before > 0, f"expected what is counted, got {seen}"
    assert all(packet.comment.startswith("drop: no_service") for packet in seen), f"expected the reason, got {seen}"
    assert all(abs(packet.seconds - time.time()) < 30 for packet in seen), "expected the wall clock's times"


def test_a_capture_ends_with_its_count_and_a_filter_that_lets_nothing_through_sees_nothing(served, tmp_path):
    node, file, none = served.node, tmp_path / "few.pcapng", tmp_path / "none.pcapng"
    load = served.start_load("--seconds", 4)
    ask(node, "capture", "-w", file, "--count", 20, "--at", "rx,tx", "tcp", "port", "80")
    assert len(pcapng.read(file)) == 20
    ask(node, "capture", "-w", none, "--duration", "1s", "udp", "port", "9")
    assert pcapng.read(none) == []
    load.report(30)


def test_a_trace_shows_a_connection_from_its_syn_on(served):
    load = served.start_load("--seconds", 4)
    lines = [json.loads(line) for line in ask(served.node, "-o", "jsonl", "trace", "--count", 40, "tcp", "port", "80").splitlines()]
    load.report(30)
    assert len(lines) == 40
    opened = [one for one in lines if one["flags"] == "S" and one["role"] == "client"]
    assert opened and all(one["stage"] == "choose" and one["becomes"] == "half-open" and one["fate"] == "sent" for one in opened), f"{opened[:2]}"


@pytest.mark.long
def test_a_watched_node_loses_no_request(served, tmp_path):
    """Everything is watched under load; the load must not fail, and what was lost of the capture is said."""
    load = served.start_load("--seconds", 5)
    done = command(served.node.host.inside(argv(served.node, "capture", "-w", tmp_path / "all.pcapng", "--duration", "3s")), check=False)
    assert done.returncode == 0 and "captured" in done.stderr
    assert load.report(60)["failed"] == 0


@pytest.mark.long
def test_both_nodes_of_a_pair_foretell_the_same(binaries):
    with pair("nat") as duo:
        duo.wait_settled()
        active = duo.serving()["blue"][0]
        text = ask(duo[active], "explain", "tcp", "198.51.100.7:5000", f"{duo.vip('blue')}:80")
        assert "peer" in text, f"expected the other node's answer besides, got {text}"
