# SPDX-License-Identifier: Apache-2.0
"""What an operator says on one node of a pair holds on both, and either node answers for both.

The control of each claim is the same act while the nodes cannot hear each other: then the other node does not have it, and the
command says so.
"""
import copy
import json
import signal
import time

import pytest
from tandemlab import toml
from tandemlab.pair import NAMES, Pair, pair
from tandemlab.partition import apart
from tandemlab.process import wait_until

SHARED = ("ha", "group", "service")  # the sections of pair.toml


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat", echo=False) as made:
        yield made


def states(duo: Pair, service: str = "web-blue") -> dict[str, dict[str, str]]:
    """{node: {backend: state}}, of the nodes that run."""
    return {name: {backend: row["state"] for backend, row in duo[name].backends(service).items()} for name in NAMES if duo[name].daemon.running()}


def on_both(duo: Pair, backend: str, state: str) -> bool:
    return all(rows[backend] == state for rows in states(duo).values())


def overlay(duo: Pair, name: str) -> list[tuple]:
    return [(row["id"], row["backend"], row["field"], row["value"], row["reason"], row["node"]) for row in duo[name].ctl("overlay", "list")]


def events(duo: Pair, name: str, *words) -> list[dict]:
    return duo[name].ctl("events", "--limit", 1000, *words)


def pair_toml(duo: Pair, name: str, change) -> str:
    document = copy.deepcopy({key: duo[name].document[key] for key in SHARED})
    change(document)
    path = duo[name].directory / "pair.toml"
    path.write_text(toml.dumps(document))
    return str(path)


def weigh(weight: int):
    def change(document: dict) -> None:
        document["service"][0]["backend"][0]["weight"] = weight
    return change


def weights(duo: Pair) -> list[float]:
    return [duo[name].backends("web-blue")["web-1"]["configured_weight"] for name in NAMES]


def hashes(duo: Pair) -> list[str]:
    return [duo[name].ctl("status")["config_hash"] for name in NAMES]


def test_a_drain_on_one_node_is_a_drain_on_both(duo):
    """Said on the node that does not serve the group; when the command is back, the one that serves it sends nothing new there."""
    for server in duo.web:
        server.forget()
    duo["lb-b"].ctl("--reason", "kernel update", "backend", "drain", "*/web-1")
    load = duo.load("blue", "--requests", 60)
    assert (load["ok"], set(load["servers"])) == (60, {"web-2", "web-3"}), load
    assert on_both(duo, "web-1", "draining"), states(duo)
    assert overlay(duo, "lb-a") == overlay(duo, "lb-b")
    assert {row[-2:] for row in overlay(duo, "lb-a")} == {("kernel update", "lb-b")}
    wait_until(lambda: duo.ha("lb-a")["same_schedule"], "both would choose alike", 1)   # hellos tell it, not the words
    duo["lb-a"].ctl("backend", "enable", "*/web-1")
    assert on_both(duo, "web-1", "up") and overlay(duo, "lb-a") == overlay(duo, "lb-b") == []


def test_said_apart_it_is_said_here_alone_and_the_later_word_holds_once_they_meet(duo):
    with apart(duo):
        drained = duo["lb-a"].reply("backend", "drain", "web-blue/web-2")
        once = duo["lb-b"].reply("backend", "weight", "web-green/web-3", 7)
        disabled = duo["lb-b"].reply("backend", "disable", "web-blue/web-2")
        assert [reply.exit for reply in (drained, once, disabled)] == [7, 7, 7], (drained, once, disabled)
        assert "done on lb-a, not on lb-b" in drained.error, drained
        assert {name: rows["web-2"] for name, rows in states(duo).items()} == {"lb-a": "draining", "lb-b": "disabled"}
    wait_until(lambda: on_both(duo, "web-2", "disabled"), "both hold the later word", 5)
    wait_until(lambda: duo["lb-a"].backends("web-green")["web-3"]["weight"] == 7, "lb-a hears the weight", 5)
    assert overlay(duo, "lb-a") == overlay(duo, "lb-b")
    for name in NAMES:
        told = [event for event in events(duo, name, "--node", "local") if event["text"].startswith("conflict")]
        assert [event["object"] for event in told] == ["web-blue/web-2"], f"expected {name} to tell of one conflict, got {told}"
    duo["lb-a"].ctl("backend", "reset", "*/*")
    assert overlay(duo, "lb-a") == overlay(duo, "lb-b") == []
    duo.wait_settled()


def test_a_configuration_comes_into_force_on_both(duo):
    before = hashes(duo)
    applied = duo["lb-b"].ctl("config", "apply", pair_toml(duo, "lb-b", weigh(5)))
    assert applied["peer"] == "lb-a" and weights(duo) == [5, 5]
    assert duo["lb-a"].ctl("config", "diff", "--peer")["changes"] == []
    wait_until(lambda: duo.ha("lb-a")["same_config"], "lb-a hears that both have the same", 1)   # by hellos, as above
    duo["lb-a"].ctl("--yes", "config", "rollback")
    assert weights(duo) == [1, 1] and hashes(duo) == before


def test_a_configuration_that_one_node_refuses_comes_into_force_on_neither(duo):
    """The gateway would be lb-a's own address, which lb-b's node.toml names and lb-a's does not."""
    def move_gateway(document: dict) -> None:
        document["group"][0]["gateway"] = ["10.20.0.1/24"]
        weigh(5)(document)
    before = hashes(duo)
    refused = duo["lb-a"].reply("config", "apply", pair_toml(duo, "lb-a", move_gateway))
    assert refused.exit == 8 and "lb-b refuses it" in refused.error, refused
    assert hashes(duo) == before and weights(duo) == [1, 1]
    alone = duo["lb-a"].reply("--node", "local", "config", "apply", pair_toml(duo, "lb-a", weigh(6)))
    assert alone.exit == 0 and weights(duo) == [6, 1], f"the control: applied to one node, one node has it: {alone}"
    difference = duo["lb-b"].ctl("config", "diff", "--peer")["changes"]
    assert [(change["before"], change["after"]) for change in difference] == [("1", "6")], difference
    duo["lb-a"].ctl("--yes", "--node", "local", "config", "rollback")
    assert hashes(duo) == before


def test_a_trial_that_is_not_confirmed_ends_on_both(duo):
    before = hashes(duo)
    duo["lb-a"].ctl("config", "apply", pair_toml(duo, "lb-a", weigh(3)), "--confirm", "1s")
    assert weights(duo) == [3, 3]
    wait_until(lambda: hashes(duo) == before, "the configuration before is back on both", 5)
    duo["lb-a"].ctl("config", "apply", pair_toml(duo, "lb-a", weigh(3)), "--confirm", "2s")
    assert duo["lb-a"].ctl("config", "confirm")["peer"] == "lb-b"
    time.sleep(2.5)
    assert weights(duo) == [3, 3], "expected a confirmed configuration to stay on both"
    duo["lb-b"].ctl("--yes", "config", "rollback")
    assert hashes(duo) == before


def test_events_are_of_both_nodes_by_time(duo):
    own = {name: events(duo, "lb-a", "--node", which) for name, which in (("lb-a", "local"), ("lb-b", "peer"))}
    merged = events(duo, "lb-a")
    assert merged == sorted(merged, key=lambda event: event["time"])
    for name in NAMES:
        assert {event["node"] for event in own[name]} == {name} and all(event in merged for event in own[name][-20:])
    status = duo["lb-a"].reply("--node", "peer", "status")
    assert (status.exit, status.data["node"], json.loads(status.text)["node"]) == (0, "lb-b", "lb-b")
    both = duo["lb-a"].host.run([duo["lb-a"].programs["tandemctl"], "-s", duo["lb-a"].control, "--node", "both", "-o", "plain", "worker", "list"])
    assert [line for line in both.stdout.splitlines() if line.startswith("#")] == ["# lb-a", "# lb-b"], both.stdout
    assert duo["lb-a"].reply("--node", "peer", "backend", "drain", "web-blue/web-1").exit == 2


def test_a_drain_survives_reload_death_and_restart(duo):
    """web-3 is drained, the node dies, web-3 is enabled and web-1 drained meanwhile: back again, it says what the other says."""
    name, other = NAMES
    duo[name].ctl("backend", "drain", "*/web-3")
    duo[name].daemon.send(signal.SIGHUP)
    wait_until(lambda: any("SIGHUP" == event["user"] for event in events(duo, name, "--node", "local")), "the file is read again", 5)
    assert on_both(duo, "web-3", "draining"), states(duo)
    duo.kill(name)
    duo.wait_serving({group: other for group in ("blue", "green")}, 5)
    assert duo.load("blue", "--requests", 40)["servers"].keys() == {"web-1", "web-2"}
    enabled = duo[other].reply("backend", "enable", "*/web-3")
    drained = duo[other].reply("backend", "drain", "*/web-1")
    assert (enabled.exit, drained.exit) == (7, 7) and f"{name} is not heard" in drained.error, (enabled, drained)
    assert drained.data and all(row["state"] == "draining" for row in drained.data), "expected the new state to be shown all the same"
    relayed, listed = duo[other].reply("--node", "peer", "status"), duo[other].reply("events")
    assert relayed.exit == 7 and listed.exit == 0 and f"of {other} alone" in listed.error, (relayed, listed)
    duo[name].start_daemon()
    wait_until(lambda: states(duo)[name] == states(duo)[other], "both say the same", 10)
    assert {backend: row for backend, row in states(duo)[name].items() if row == "draining"} == {"web-1": "draining"}
    duo.wait_settled()
    duo[name].ctl("backend", "enable", "*/web-1")
    assert on_both(duo, "web-1", "up"), states(duo)
