# SPDX-License-Identifier: Apache-2.0
"""Twenty reloads that really change things, under datagrams and streams: nothing is lost, doubled or reset."""
import copy
import time

from tandemlab import configuration, evidence
from tandemlab.variants import one_variant

RELOADS = 20
SERVERS = 3
BAD_FILE = '[node]\nname = "lb-a"\n[[service]]\nname = "web"\nschedular = "round-robin"\n'


def remove(document: dict, name: str) -> dict:
    for service in document["service"]:
        service["backend"] = [one for one in service["backend"] if one["name"] != name]
    return document


def reweight(document: dict, name: str, weight: int) -> dict:
    for service in document["service"]:
        configuration.backend(document, service["name"], name)["weight"] = weight
    return document


def changes(first: dict, count: int):
    """Documents that each differ from the one before: remove, add again, weigh anew."""
    for number in range(count):
        document, victim = copy.deepcopy(first), f"web-{number // 4 % SERVERS + 1}"
        step = number % 4
        yield (remove(document, victim) if step == 0 else document if step == 1
               else reweight(document, victim, 3 + number) if step == 2 else reweight(document, victim, 1 + number))


def start_traffic(made):
    datagrams, streams = made.start_datagrams(), made.start_streams()
    time.sleep(1.5)
    return datagrams, streams


@one_variant
def test_reloads_lose_double_and_reset_nothing(scene, forwarding, driver, family):
    made = scene(forwarding, driver, family, servers=SERVERS, echo=True)
    datagrams, streams = start_traffic(made)
    generations = [made.node.ctl("status")["generation"]]
    for document in changes(made.node.document, RELOADS):
        made.node.apply(document)
        generations.append(made.node.ctl("status")["generation"])
        time.sleep(0.2)
    udp, tcp = datagrams.stop_and_report(), streams.stop_and_report()

    assert all(later > earlier for earlier, later in zip(generations, generations[1:])), f"expected each reload to publish: {generations}"
    assert udp["sent"] > 10_000 and not any(udp[word] for word in ("lost", "doubled", "damaged", "errors")), udp
    assert tcp["alive"] == 200 and not any(tcp[word] for word in ("lost", "doubled", "damaged", "reset", "missing")), tcp
    assert made.load("--requests", 100)["failed"] == 0


def test_without_grace_a_removed_backend_cuts_its_streams(scene):
    """The negative control: the same traffic sees the removal when removed backends do not keep their connections."""
    made = scene("nat", "af_packet", 4, servers=SERVERS, echo=True, grace="0s")
    streams = made.start_streams("--streams", 60)
    time.sleep(1.0)
    made.node.apply(remove(copy.deepcopy(made.node.document), "web-1"))
    time.sleep(1.5)
    result = streams.stop_and_report(20)
    assert result["alive"] < 60, f"expected streams of the removed backend to be cut, got {result}"


def test_a_bad_file_changes_nothing(scene):
    made = scene("nat", "af_packet", 4)
    before = made.node.ctl("status")
    bad = made.node.directory / "bad.toml"
    bad.write_text(BAD_FILE)
    refused = made.node.reply("--yes", "config", "apply", bad)
    assert refused.exit == 8, f"expected exit 8, got {refused}"
    assert "did you mean" in refused.error + refused.text, refused
    after = made.node.ctl("status")
    assert (after["config_hash"], after["generation"]) == (before["config_hash"], before["generation"])
    load = made.load("--requests", 100)
    assert load["failed"] == 0
    evidence.three_equal(load, made.web, made.node, "web")
