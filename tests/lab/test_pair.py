# SPDX-License-Identifier: Apache-2.0
"""Two nodes, both active: each serves the group it prefers, and nothing of the other's."""
import collections
import time

import pytest
from tandemlab import counters, evidence
from tandemlab.packets import PacketHost
from tandemlab.pair import GROUPS, OTHER, pair, virtual_mac
from tandemlab.site import CLIENT, CLIENT_MAC
from tandemlab.tandem import metric
from tandemlab.variants import ALL, TWO, name_of

REQUESTS = 500


@pytest.fixture(scope="module", params=[*[pytest.param(one, id=name_of(one)) for one in TWO],
                                        *[pytest.param(one, id=name_of(one), marks=pytest.mark.long) for one in ALL if one not in TWO]])
def duo(request, binaries):
    forwarding, driver, family = request.param
    with pair(forwarding, driver, family, echo=False) as made:
        yield made
        for node in made.nodes.values():
            evidence.balance(node)


def sent_by(duo, name: str, *filter_words: str) -> counters.Capture:
    """What a node sends to the outside LAN, taken at the switch."""
    return counters.capture(duo.lab.lans["outside"].switch, f"from-{name}", name, "-Q", "in", *filter_words)


def given(node, group: str) -> collections.Counter:
    return collections.Counter(evidence.new_connections(node, f"web-{group}"))


@pytest.mark.parametrize("group", GROUPS)
def test_every_request_succeeds_and_the_preferred_node_alone_carried_it(duo, group):
    serving, other = duo[GROUPS[group]], duo[OTHER[GROUPS[group]]]
    for server in duo.web:
        server.forget()
    before = {node.name: given(node, group) for node in (serving, other)}
    load = duo.load(group, "--requests", REQUESTS)
    assert (load["ok"], load["failed"]) == (REQUESTS, 0), load["reasons"]
    logged = evidence.client_equals_servers(load, duo.web)
    carried = {node.name: given(node, group) - before[node.name] for node in (serving, other)}
    assert carried[serving.name] == logged, f"expected {serving.name} to count what the servers logged: {carried}, logged {logged}"
    assert carried[other.name].total() == 0, f"expected {other.name} to carry nothing of {group}, it counts {carried[other.name]}"


@pytest.mark.parametrize("group", GROUPS)
def test_one_node_says_where_the_vip_is_with_its_virtual_mac(duo, group):
    mac = virtual_mac(group, "outside", duo.family)
    with PacketHost(duo.client) as lan:
        answers = lan.who_has(CLIENT_MAC, CLIENT[duo.family], duo.vip(group))
        nobody = lan.who_has(CLIENT_MAC, CLIENT[duo.family], duo.vip(group)[:-1] + "9")
    assert answers == [(mac, mac)], f"expected one answer, from {mac} and naming it, got {answers}"
    assert nobody == [], f"expected silence about an address that is no VIP, got {nobody}"


def test_a_virtual_mac_is_a_sender_on_one_side_only(duo):
    captures = {name: sent_by(duo, name) for name in duo.nodes}
    time.sleep(0.3)
    for group in GROUPS:
        duo.load(group, "--requests", 50)
    for capture in captures.values():
        assert capture.stop().dropped() == 0, "expected a capture without holes"
    for group, serving in GROUPS.items():
        mac = virtual_mac(group, "outside", duo.family)
        count = {name: captures[name].count("ether", "src", mac) for name in duo.nodes}
        assert count[serving] > 0, f"expected {serving} to advertise {group} from {mac}: else the next line proves nothing"
        assert count[OTHER[serving]] == 0, f"expected no frame of {OTHER[serving]} from {mac}, got {count}"


def test_all_that_can_be_asked_agrees_on_who_serves(duo):
    for name, node in duo.nodes.items():
        samples = node.scrape()
        for group, preferred in GROUPS.items():
            serves = name == preferred
            row = next(each for each in duo.ha(name)["groups"] if each["name"] == group)
            assert (row["active"], row["role"], row["peer_role"]) == (serves, *(("active", "standby") if serves else ("standby", "active"))), row
            assert metric(samples, "tandem_ha_group_active", group=group) == serves
            last = [line for line in duo.history(name) if line.startswith(f"group {group}: ")][-1]
            assert last.startswith(f"group {group}: {'active' if serves else 'standby'}"), duo.history(name)
        told = [f"{event['object']}: {event['text']}" for event in node.ctl("events", "--node", "local") if event["kind"] == "role"]
        assert told == duo.history(name)
