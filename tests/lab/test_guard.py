# SPDX-License-Identifier: Apache-2.0
"""Deny lists and limits against real clients: the first packet is dropped by name, what stands is cut off, and what was said stays.

The control of each claim is the same client before or after, when nothing stands against it.
"""
import copy
import signal
import time

import pytest

from tandemlab.process import wait_until
from tandemlab.scene import scene
from tandemlab.site import CLIENT
from tandemlab.tandem import metric

AWAY = ("--requests", 5, "--at-once", 5, "--timeout", 1)


@pytest.fixture(scope="module")
def served(binaries):
    with scene("nat", "af_packet", 4) as made:
        assert made.load("--requests", 20)["failed"] == 0
        yield made


def drops(made, reason: str) -> int:
    return next(row["packets"] for row in made.node.ctl("drops")["reasons"] if row["reason"] == reason)


def test_a_denied_client_gets_nowhere_and_is_counted_by_name(served):
    before = drops(served, "denied")
    added = served.node.ctl("--reason", "a test", "deny", "add", CLIENT[4], "--ttl", "1h")
    assert added["entries"][0]["prefix"] == CLIENT[4] + "/32" and added["entries"][0]["user"] == "root", added
    assert served.load(*AWAY)["ok"] == 0
    assert drops(served, "denied") >= before + 5
    assert metric(served.node.scrape(), "tandem_denied_packets_total", list="everywhere") >= 5
    served.node.ctl("allow", "add", CLIENT[4])
    assert served.load("--requests", 10)["failed"] == 0, "expected an allow at the same prefix to win"
    served.node.ctl("allow", "del", CLIENT[4]), served.node.ctl("deny", "del", CLIENT[4])
    assert served.load("--requests", 10)["failed"] == 0


def test_what_stands_is_cut_off(served):
    """A download that would last for minutes ends; `conn list` has nothing left of the client."""
    running = served.start_load("--requests", 1, "--path", "/slow", "--timeout", 20)
    wait_until(lambda: served.node.ctl("conn", "count")["total"] > 0, "a connection stands", 5)
    served.node.ctl("deny", "add", CLIENT[4])
    wait_until(lambda: served.node.ctl("conn", "count", f"src={CLIENT[4]}")["total"] == 0, "it is ended", 3)
    assert metric(served.node.scrape(), "tandem_conntrack_removed_total", reason="denied") >= 1
    served.node.ctl("deny", "del", CLIENT[4])
    running.stop()


def test_a_denial_ends_by_itself_and_survives_reload_and_restart(served):
    served.node.ctl("deny", "add", CLIENT[4], "--ttl", "4s")
    served.node.daemon.send(signal.SIGHUP)
    served.node.stop()
    served.node.start()
    served.node.wait_all_up("web")
    assert len(served.node.ctl("deny", "list")) == 1 and served.load(*AWAY)["ok"] == 0
    wait_until(lambda: served.node.ctl("deny", "list") == [], "its time is over", 6)
    assert served.load("--requests", 10)["failed"] == 0


def test_what_is_protected_is_refused(served):
    document = copy.deepcopy(served.node.document)
    document["protect"] = {"prefixes": [f"{CLIENT[4]}/32"]}
    served.node.apply(document)
    refused = served.node.reply("deny", "add", CLIENT[4])
    assert refused.exit == 5 and "[protect]" in refused.error, refused
    served.node.ctl("deny", "add", "198.51.100.0/24")
    assert served.load("--requests", 10)["failed"] == 0, "denied around it, not within"
    served.node.ctl("deny", "del", "198.51.100.0/24")
    del document["protect"]
    served.node.apply(document)


def test_many_are_added_at_once_while_traffic_goes_on(served, tmp_path):
    """A hundred thousand: no request is lost meanwhile, and one more among them holds within a second."""
    many = tmp_path / "list.txt"
    many.write_text("".join(f"100.{64 + i // 65536}.{i // 256 % 256}.{i % 256}\n" for i in range(100_000)))
    running = served.start_load("--rate", 100)
    done = served.node.ctl("deny", "add", "--file", many, timeout_s=60)
    assert done["changed"] == 100_000 and running.stop_and_report()["failed"] == 0
    began = time.monotonic()
    served.node.ctl("deny", "add", CLIENT[4])
    assert time.monotonic() - began < 1 and served.load(*AWAY)["ok"] == 0
    served.node.ctl("deny", "del", CLIENT[4])
    served.node.ctl("deny", "del", "--file", many, timeout_s=60)


def test_a_limit_of_new_connections_drops_what_is_over_it(served):
    document = copy.deepcopy(served.node.document)
    document["service"][0]["limit"] = {"source_connections_cps": 20}
    served.node.apply(document)
    report = served.load("--rate", 200, "--seconds", 2, "--timeout", 1)
    assert 20 <= report["ok"] <= 200 and drops(served, "source_connections_limited") > 0, report
    limited = metric(served.node.scrape(), "tandem_rate_limited_packets_total", kind="source_connections")
    assert limited == drops(served, "source_connections_limited")
    del document["service"][0]["limit"]
    served.node.apply(document)
    assert served.load("--rate", 200, "--seconds", 1)["failed"] == 0
