# SPDX-License-Identifier: Apache-2.0
"""Paths between two nodes fail, a stranger lies: who serves stays clear. (Numbers: docs/design, failures.)"""
import contextlib
import time

import pytest
from tandemlab import adverts
from tandemlab.packets import PacketHost
from tandemlab.pair import GROUPS, NAMES, pair
from tandemlab.pair_site import VRIDS
from tandemlab.process import wait_until

STRANGER = "198.51.100.66"


@pytest.fixture(scope="module")
def duo(binaries):
    with pair("nat", "af_packet", 4) as made:
        yield made


@pytest.fixture(autouse=True)
def whole_before_each(duo):
    duo.mend()


def changes(duo) -> dict[str, int]:
    """Role changes so far, by node."""
    return {name: sum(sum(causes.values()) for group in duo.ha(name)["groups"] for causes in group["transitions"].values()) for name in NAMES}


@contextlib.contextmanager
def all_requests_meanwhile(duo):
    loads = {group: duo.start_load(group, "--rate", 100, "--timeout", 2) for group in GROUPS}
    yield
    for group, load in loads.items():
        result = load.stop_and_report()
        assert result["failed"] == 0 and result["ok"] > 50, f"expected no request to {group} to fail, got {result['reasons']}"


@contextlib.contextmanager
def deaf(duo, lans: tuple, speaker: str, listener: str):
    """Nothing that one node sends reaches the other through these LANs; all else does."""
    switches = [duo.lab.lans[lan].switch for lan in lans]
    plug = {lan: {"outside": "", "inside": "eth1.", "sync": "eth2."}[lan] for lan in lans}
    for lan, switch in zip(lans, switches):
        switch.nft("table bridge trouble {\n chain one {\n type filter hook forward priority 0;\n"
                   f" iifname \"{plug[lan]}{speaker}\" oifname \"{plug[lan]}{listener}\" drop\n }}\n}}\n")
    yield
    for switch in switches:
        switch.run(["nft", "delete", "table", "bridge", "trouble"])


def test_the_sync_link_alone_moves_nothing_and_raises_an_alarm(duo, tier):
    switch, before = duo.lab.lans["sync"].switch, changes(duo)
    with all_requests_meanwhile(duo):
        switch.ip("link set eth2.lb-a down")
        time.sleep(2 if tier == "default" else 5)
        refused = duo["lb-a"].reply("ha", "failover", "blue")
        alarms = {name: duo.history(name, "link") for name in NAMES}
        switch.ip("link set eth2.lb-a up")
    assert changes(duo) == before, "expected no role to change"
    assert refused.exit == 5, f"expected a planned failover to be refused meanwhile, got {refused}"
    for name in NAMES:
        assert any("sync" in line for line in alarms[name]), f"expected {name} to tell of it, got {alarms[name]}"
    duo.wait_settled()


def test_a_lan_that_is_silent_one_way_moves_nothing(duo):
    before = changes(duo)
    with all_requests_meanwhile(duo), deaf(duo, ("outside",), "lb-a", "lb-b"):
        time.sleep(2)
        path = next(path for path in duo.ha("lb-b")["paths"] if path["name"] == "outside")
    assert not path["up"], "expected lb-b to miss lb-a on the outside LAN: else nothing was cut"
    assert changes(duo) == before, "expected no role to change"


def test_who_is_heard_by_nobody_gives_way(duo):
    """lb-b hears lb-a on no path and takes its group; lb-a hears that, and that it is not heard."""
    lan = adverts.listen(duo.client, "one-way")
    with deaf(duo, ("outside", "inside", "sync"), "lb-a", "lb-b"):
        duo.wait_serving({group: "lb-b" for group in GROUPS}, 3)
        for group in GROUPS:
            assert duo.load(group, "--requests", 50)["failed"] == 0
    duo.wait_settled()
    double = adverts.longest_double_s(adverts.heard(lan), VRIDS["blue"]["outside"])
    assert double < 1, f"expected both to claim blue for less than a second, they did for {double:.3f} s"


def test_a_split_makes_both_active_and_healed_it_has_one_owner_within_a_second(duo):
    pairs = [(duo.lab.lans["outside"].switch, ""), (duo.lab.lans["inside"].switch, "eth1.")]

    def isolate(word: str) -> None:
        for switch, prefix in pairs:
            for name in NAMES:
                switch.run(["bridge", "link", "set", "dev", prefix + name, "isolated", word])
    duo.lab.lans["sync"].switch.ip("link set eth2.lb-a down")
    isolate("on")
    wait_until(lambda: duo.serving() == {group: list(NAMES) for group in GROUPS}, "both serve both groups", 3)
    time.sleep(1)
    isolate("off")
    healed = time.monotonic()
    wait_until(lambda: all(len(names) == 1 for names in duo.serving().values()), "one owner a group", 1, every_s=0.02)
    took = time.monotonic() - healed
    duo.lab.lans["sync"].switch.ip("link set eth2.lb-a up")
    conflicts = {name: [group["conflicts"] for group in duo.ha(name)["groups"]] for name in NAMES}
    assert any(sum(counts) for counts in conflicts.values()), f"expected the conflict to be counted, got {conflicts}"
    assert took < 1
    duo.wait_settled()


def test_a_forged_advertisement_silences_nobody(duo):
    """Priority 254 for 4095 hundredths of a second: keepalived obeys for 131 seconds. (What `mode = "vrrp"` makes of it:
    test_pair_keepalived.py.)"""
    before, strangers = changes(duo), duo.ha("lb-a")["groups"][0]["strangers"]
    forged = adverts.frame("02:00:00:00:00:66", STRANGER, VRIDS["blue"]["outside"], 254, 4095, duo.vip("blue"))
    with all_requests_meanwhile(duo), PacketHost(duo.client) as lan:
        for _ in range(50):
            lan.send(forged)
            time.sleep(0.02)
        time.sleep(0.5)
    assert changes(duo) == before, "expected no role to change"
    assert duo.ha("lb-a")["groups"][0]["strangers"] >= strangers + 50
    told = duo.history("lb-a", "stranger")
    assert any(STRANGER in line for line in told), f"expected the stranger to be named, got {told}"
