# SPDX-License-Identifier: Apache-2.0
"""Deny lists of a pair: said on one node they hold on both, survive failover, and reach a node that was away."""
import pytest

from tandemlab.pair import NAMES, Pair, pair
from tandemlab.partition import apart
from tandemlab.process import wait_until

BLUE_CLIENT = "198.51.100.7"
AWAY = ("--requests", 5, "--at-once", 5, "--timeout", 1)


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat", echo=False) as made:
        yield made


def lists(duo: Pair) -> list:
    return [sorted((row["prefix"], row["id"], row["node"]) for row in duo[name].ctl("deny", "list")) for name in NAMES]


def both_have(duo: Pair, count: int) -> bool:
    one, other = lists(duo)
    return one == other and len(one) == count


def test_what_one_node_denies_both_deny_also_after_a_failover(duo):
    """Said on the node that does not serve the group."""
    assert duo.load("blue", "--requests", 10)["failed"] == 0
    duo["lb-b"].ctl("deny", "add", BLUE_CLIENT)
    wait_until(lambda: both_have(duo, 1), "both have it", 2)
    assert duo.load("blue", *AWAY)["ok"] == 0
    duo["lb-a"].ctl("ha", "failover", "blue")
    assert duo.load("blue", *AWAY)["ok"] == 0
    duo["lb-a"].ctl("deny", "del", BLUE_CLIENT)
    wait_until(lambda: both_have(duo, 0), "neither has it", 2)
    assert duo.load("blue", "--requests", 10)["failed"] == 0
    duo["lb-b"].ctl("ha", "failover", "blue")
    duo.wait_settled()


def test_a_node_that_was_away_hears_what_it_missed(duo):
    with apart(duo):
        said = duo["lb-a"].reply("deny", "add", "203.0.113.1")
        assert said.exit == 0 and "it will have this when it is back" in said.error, said
        duo["lb-b"].ctl("deny", "add", "203.0.113.2")
        assert not both_have(duo, 2)
    wait_until(lambda: both_have(duo, 2), "both have both", 5)
    for name in NAMES:
        duo[name].ctl("deny", "del", "203.0.113.1" if name == "lb-a" else "203.0.113.2")
    wait_until(lambda: both_have(duo, 0), "what was taken back stays so", 2)
    duo.wait_settled()


@pytest.mark.long
def test_many_reach_a_node_that_starts_anew(duo, tmp_path):
    many = tmp_path / "list.txt"
    many.write_text("".join(f"100.64.{i // 256}.{i % 256}\n" for i in range(20_000)))
    duo.kill("lb-b")
    duo["lb-a"].ctl("deny", "add", "--file", many, timeout_s=60)
    duo["lb-b"].start_daemon()
    wait_until(lambda: len(duo["lb-b"].ctl("deny", "list", "--limit", 100_000)) == 20_000, "lb-b has them all", 20)
    duo["lb-b"].ctl("deny", "del", "--file", many, timeout_s=60)
    wait_until(lambda: duo["lb-a"].ctl("deny", "list") == [], "both are rid of them", 20)
    duo.mend()
