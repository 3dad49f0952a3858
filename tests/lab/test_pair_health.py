# SPDX-License-Identifier: Apache-2.0
"""Two nodes check the same backends and do not always see the same: the one that serves a group decides, and both schedule alike.

Each group has one service of four backends; green's has no panic threshold, so it is the control of blue's.
"""
import copy
import time

import pytest
from tandemlab import evidence
from tandemlab.configuration import FAST_CHECK
from tandemlab.pair import GROUPS, NAMES, pair
from tandemlab.pair_site import INSIDE
from tandemlab.process import wait_until
from tandemlab.tandem import metric

CHECK = {**FAST_CHECK, "timeout": "200ms"}
ALL = [f"web-{number}" for number in (1, 2, 3, 4)]
SETTLED_S = 0.5  # several checks and words from node to node
OWN_VIP = "203.0.113.20"


def few_services(document: dict, _name: str) -> None:
    document["service"] = [service for service in document["service"] if service["name"].startswith("web-")]
    for service in document["service"]:
        if service["name"] == "web-green":
            service["panic_threshold"] = "0%"


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat", "af_packet", 4, servers=4, echo=False, check=CHECK, change=few_services) as made:
        yield made


@pytest.fixture(autouse=True)
def whole_around_each(duo):
    yield
    for server in duo.web:
        reach(duo, server)
        if not server.process.running():
            server.start()
    for name, node in duo.nodes.items():
        if not node.healthd.running():
            node.start_healthd()
        if node.daemon.running() and "alone" in str(node.document["service"]):
            node.apply(without_alone(node.document))
    if duo.serving() == {group: ["lb-b"] for group in GROUPS} and duo["lb-a"].daemon.running():
        for server in duo.web:
            wait_seen(duo, "lb-a", "web-blue", server.name, "up")
        duo["lb-b"].ctl("--yes", "ha", "failover", "blue")
    duo.mend()
    for name in NAMES:
        for service in ("web-blue", "web-green"):
            duo[name].wait_all_up(service)


def hide(duo, server, *names: str) -> None:
    """These nodes' checks do not reach the server any more; packets of clients, whose addresses nat keeps, still do."""
    drops = "".join(f"  ip saddr {INSIDE[name][4]} tcp dport 80 reject with tcp reset\n" for name in names)
    server.server.host.nft("table inet hidden {\n chain one {\n  type filter hook input priority 0;\n" + drops + " }\n}\n")


def reach(_duo, server) -> None:
    server.server.host.run(["nft", "delete", "table", "inet", "hidden"], check=False)


def in_service(duo, name: str, service: str) -> list[str]:
    return sorted(row for row, state in duo[name].backends(service).items() if state["eligible"])


def wait_in_service(duo, service: str, wanted: list[str], seconds: float = 5) -> None:
    """On both nodes, and they say that they would choose alike."""
    for name in NAMES:
        wait_until(lambda: in_service(duo, name, service) == wanted, f"{wanted} of {service} are in service on {name}", seconds, every_s=0.05)


def wait_seen(duo, name: str, service: str, backend: str, state: str) -> None:
    wait_until(lambda: duo[name].backends(service)[backend]["check_state"] == state, f"{name} sees {service}/{backend} {state}", 5, every_s=0.05)


def same_schedule(duo) -> list[bool]:
    return [duo.ha(name)["same_schedule"] for name in NAMES]


def events(duo, name: str, kind: str, about: str) -> list[dict]:
    return [event for event in duo[name].ctl("events", "--limit", "1000") if event["kind"] == kind and event["object"].endswith(about)]


def with_alone(document: dict) -> dict:
    """A service without a group: each node goes by its own checks."""
    made = copy.deepcopy(document)
    blue = next(service for service in made["service"] if service["name"] == "web-blue")
    alone = {**copy.deepcopy(blue), "name": "alone", "listen": f"{OWN_VIP}:80/tcp"}
    del alone["group"]
    made["service"].append(alone)
    return made


def without_alone(document: dict) -> dict:
    made = copy.deepcopy(document)
    made["service"] = [service for service in made["service"] if service["name"] != "alone"]
    return made


def test_a_backend_that_only_the_standby_cannot_reach_stays_in_service_on_both(duo):
    hide(duo, duo.web[0], "lb-b")
    wait_seen(duo, "lb-b", "web-blue", "web-1", "down")
    wait_in_service(duo, "web-green", ALL[1:])           # there it is lb-b that decides
    wait_until(lambda: same_schedule(duo) == [True, True], "both would choose alike", 5)
    for name in NAMES:
        assert in_service(duo, name, "web-blue") == ALL, f"expected {name} to go by lb-a's checks"
        row = duo[name].backends("web-blue")["web-1"]
        assert (row["verdict"], row["decided_by"]) == ("up", "lb-a"), row
    assert duo["lb-a"].backends("web-blue")["web-1"]["peer_check_state"] == "down", "expected lb-a to know what lb-b sees"
    samples = duo["lb-b"].scrape()
    about = {"service": "web-blue", "backend": "web-1"}
    assert (metric(samples, "tandem_backend_up", **about), metric(samples, "tandem_backend_check_up", **about)) == (1, 0)
    before = evidence.new_connections(duo["lb-a"], "web-blue")
    assert duo.load("blue", "--requests", 100)["failed"] == 0
    given = {one: count - before.get(one, 0) for one, count in evidence.new_connections(duo["lb-a"], "web-blue").items()}
    assert given["web-1"] > 10, f"expected web-1 to go on serving, got {given}"
    # The control: a service of no group, where each node is on its own.
    for name in NAMES:
        duo[name].apply(with_alone(duo[name].document))
    wait_until(lambda: in_service(duo, "lb-b", "alone") == ALL[1:] and in_service(duo, "lb-a", "alone") == ALL, "each goes by its own", 5)
    wait_until(lambda: same_schedule(duo) == [False, False], "the schedules differ", 5)


def test_a_backend_that_dies_is_out_on_both(duo):
    duo.web[1].kill()
    for service in ("web-blue", "web-green"):
        wait_in_service(duo, service, ["web-1", "web-3", "web-4"])
    assert events(duo, "lb-b", "backend_down", "web-blue/web-2")[0]["text"] == "decided by lb-a"
    for group in GROUPS:
        assert duo.load(group, "--requests", 100)["failed"] == 0
    assert duo.serving() == {group: [name] for group, name in GROUPS.items()}, "one backend of four is no reason to move a group"


def test_a_take_over_keeps_the_last_states_until_own_checks_confirm_theirs(duo):
    hide(duo, duo.web[0], "lb-b")
    wait_seen(duo, "lb-b", "web-blue", "web-1", "down")
    wait_in_service(duo, "web-green", ALL[1:])  # the control: what lb-b sees counts where lb-b decides
    duo["lb-b"].healthd.stop()                  # so that nothing is confirmed for now
    duo.kill("lb-a")
    duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
    time.sleep(SETTLED_S)
    assert in_service(duo, "lb-b", "web-blue") == ALL
    assert duo["lb-b"].backends("web-blue")["web-1"]["decided_by"] == "lb-b"
    duo["lb-b"].start_healthd()
    wait_until(lambda: in_service(duo, "lb-b", "web-blue") == ALL[1:], "lb-b's own checks hold", 5, every_s=0.05)


def test_below_the_panic_threshold_nobody_more_is_removed_on_either_node(duo):
    for server in duo.web[:3]:
        server.kill()
    wait_in_service(duo, "web-green", ["web-4"])  # the control: without a threshold all that are dead leave
    wait_until(lambda: [len(in_service(duo, name, "web-blue")) for name in NAMES] == [2, 2], "half of web-blue stays", 5)
    assert in_service(duo, "lb-a", "web-blue") == in_service(duo, "lb-b", "web-blue"), "expected the same ones to stay on both"
    wait_until(lambda: same_schedule(duo) == [True, True], "both would choose alike", 5)
    for name in NAMES:
        assert [event["severity"] for event in events(duo, name, "panic", "web-blue")] == ["critical"]
        assert any("panic_threshold 50%" in reason for reason in duo[name].ctl("status")["reasons"]), duo[name].ctl("status")["reasons"]
        samples = duo[name].scrape()
        assert [metric(samples, "tandem_service_panic", service=service) for service in ("web-blue", "web-green")] == [1, 0]
    assert duo.serving() == {group: [name] for group, name in GROUPS.items()}, "what fails for both is nobody's fault"
    for server in duo.web[:3]:
        server.start()
    for service in ("web-blue", "web-green"):
        wait_in_service(duo, service, ALL)
    assert [event["severity"] for event in events(duo, "lb-a", "panic", "web-blue")] == ["critical", "info"]


def test_most_backends_fail_for_one_node_alone_so_its_group_moves_and_they_stay(duo):
    load = duo.start_load("blue", "--rate", 100)
    down = len(events(duo, "lb-a", "backend_down", "")) + len(events(duo, "lb-b", "backend_down", ""))
    for server in duo.web[:3]:
        hide(duo, server, "lb-a")
    duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
    for server in duo.web[:3]:
        wait_seen(duo, "lb-a", "web-blue", server.name, "down")
    time.sleep(SETTLED_S)
    for name in NAMES:
        assert in_service(duo, name, "web-blue") == ALL
    assert len(events(duo, "lb-a", "backend_down", "")) + len(events(duo, "lb-b", "backend_down", "")) == down, "none left at any moment"
    assert events(duo, "lb-a", "cut_off", "web-blue")[-1]["severity"] == "critical"
    assert any("reaches few of the backends" in line for line in duo.history("lb-b")), duo.history("lb-b")
    result = load.stop_and_report()
    assert result["failed"] == 0, result["reasons"]
