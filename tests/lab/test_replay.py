# SPDX-License-Identifier: Apache-2.0
"""A field problem at the desk: captures through the production pipeline, without root, and the same result every time."""
import os
import subprocess

from tandemlab import packets
from tandemlab.desk import CONNECTIONS, SERVERS, replay, sent
from tandemlab.packets import SYN


def test_captures_counters_and_balance_agree(desk):
    counters, forwarded = replay(desk), sent(desk)
    balance = counters["balance"]
    assert balance["originated"] == 1, f"who sent what expired was not told: {balance}"
    assert len(forwarded) == balance["tx"] - 1 == 3 * CONNECTIONS, f"{len(forwarded)} frames in the capture, balance {balance}"
    assert balance["rx"] == 3 * CONNECTIONS + 1 and balance["dropped"]["ttl_expired"] == 1, balance
    assert balance["rx"] + balance["originated"] == balance["tx"] + sum(balance["dropped"].values()), balance
    opened = {one["name"]: one["new_connections_total"] for one in counters["backends"]}
    by_capture = {f"web-{number}": sum(frame[30:34] == bytes(map(int, server.split("."))) and frame[47] == SYN for frame in forwarded)
                  for number, server in enumerate(SERVERS, 1)}
    assert opened == by_capture and max(opened.values()) - min(opened.values()) <= 12, f"counters {opened}, captures {by_capture}"
    assert all(packets.checksums_right(frame) for frame in forwarded)


def test_the_same_captures_give_the_same_bytes(desk):
    first = replay(desk), (desk / "inside.out.pcap").read_bytes()
    assert (replay(desk), (desk / "inside.out.pcap").read_bytes()) == first


def test_another_seed_sends_flows_elsewhere(desk):
    """The control of the one above: what makes it the same is the seed."""
    replay(desk)
    first = sent(desk)
    seed = desk / "seed"
    seed.write_bytes(bytes(range(32)))
    seed.chmod(0o600)
    os.chown(seed, 65534, 65534)
    replay(desk, "--seed", seed)
    assert sorted(sent(desk)) != sorted(first)


def test_a_missing_capture_is_named(desk):
    (desk / "outside.in.pcap").unlink()
    done = subprocess.run([desk / "tandemd", "--replay", desk / "desk.toml"], capture_output=True, text=True, timeout=60, cwd=desk)
    assert done.returncode != 0 and "outside.in.pcap" in done.stderr, f"expected the missing file to be named: {done}"
