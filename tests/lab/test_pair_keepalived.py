# SPDX-License-Identifier: Apache-2.0
"""`[ha] mode = "vrrp"` beside keepalived: blue prefers us, green prefers it, and whatever happens to either, one of them serves."""
import signal
import time

import pytest
from tandemlab import adverts
from tandemlab.keepalived import NAME, Keepalived, link_local
from tandemlab.packets import PacketHost
from tandemlab.pair import GROUPS, pair
from tandemlab.pair_site import VRIDS
from tandemlab.process import wait_until

US, OF_KEEPALIVED = "tandem", ("198.51.100.2", "fe80::ff:fe00:b1")
SETTLED = {"blue": US, "green": NAME}
TAKEN_WITHIN_S, DOUBLE_MOST_S = 3.0, 0.5
FORGED_AWAY_MOST_S = 2.0       # 13 intervals of 50 ms, and a probe's and a loaded machine's slack; keepalived: 131.8 s


def by_vrrp(document: dict, _name: str) -> None:
    document["ha"]["mode"] = "vrrp"


@pytest.fixture(scope="module", params=[pytest.param(4, id="IPv4"), pytest.param(6, id="IPv6", marks=pytest.mark.long)])
def beside(request, binaries):
    with pair("nat", "af_packet", request.param, echo=False, key=False, start=False, change=by_vrrp) as made:
        made.keepalived = Keepalived(made.lab, made["lb-b"].host, request.param)
        made.keepalived.open_web()
        made.nodes = {"lb-a": made["lb-a"].start(exporter=False)}
        made.keepalived.start()
        made.listens = 0
        wait_who_serves(made, SETTLED)
        yield made


def who_answers(beside, group: str, requests: int = 1) -> str:
    load = beside.load(group, "--requests", requests, "--timeout", 0.4)
    names = {NAME if server == NAME else US for server in load["servers"]}
    return names.pop() if len(names) == 1 and load["failed"] == 0 else f"{load['servers']} {load['reasons']}"


def wait_who_serves(beside, wanted: dict[str, str], seconds: float = 10) -> None:
    seen = {}

    def reached() -> bool:
        seen.update({group: who_answers(beside, group) for group in GROUPS})
        return seen == wanted
    try:
        wait_until(reached, "", seconds)
    except AssertionError:
        raise AssertionError(f"expected {wanted} to serve within {seconds} s, got {seen}\n{beside.keepalived.process.describe()}") from None
    time.sleep(0.2)
    seen = {group: who_answers(beside, group, 50) for group in GROUPS}
    assert seen == wanted, f"expected {wanted} alone to serve, got {seen}"


@pytest.fixture
def one_claims_at_a_time(beside):
    beside.listens += 1
    lan = adverts.listen(beside.client, f"vrrp-{beside.listens}")
    yield
    spoken = adverts.heard(lan)
    for group in GROUPS:
        vrid = VRIDS[group]["outside"]
        assert adverts.claims(spoken, vrid), f"expected somebody to claim {group}: else this proves nothing"
        double = adverts.longest_double_s(spoken, vrid)
        assert double < DOUBLE_MOST_S, f"expected one to claim {group} at a time, two did for {double:.3f} s"


def both_by(name: str) -> dict[str, str]:
    return {group: name for group in GROUPS}


def test_a_killed_keepalived_is_covered_for_and_gets_its_group_back(beside, one_claims_at_a_time):
    beside.keepalived.power_off()
    wait_who_serves(beside, both_by(US), TAKEN_WITHIN_S)
    beside.keepalived.start()
    wait_who_serves(beside, SETTLED)


def test_keepalived_covers_for_a_killed_node_and_gives_the_group_back(beside, one_claims_at_a_time):
    beside.kill("lb-a")
    wait_who_serves(beside, both_by(NAME), TAKEN_WITHIN_S)
    beside["lb-a"].start_daemon()
    wait_who_serves(beside, SETTLED)


def test_who_is_stopped_says_so_and_the_other_serves(beside, one_claims_at_a_time):
    beside.keepalived.process.stop()
    wait_who_serves(beside, both_by(US), TAKEN_WITHIN_S)
    beside.keepalived.start()
    wait_who_serves(beside, SETTLED)
    lan = adverts.listen(beside.client, f"farewell-{beside.family}")
    assert beside["lb-a"].daemon.stop() == 0
    wait_who_serves(beside, both_by(NAME), TAKEN_WITHIN_S)
    assert VRIDS["blue"]["outside"] in {advert.vrid for advert in adverts.heard(lan) if advert.priority == 0}, "expected a farewell"
    beside["lb-a"].start_daemon()
    wait_who_serves(beside, SETTLED)


def test_who_stood_still_finds_the_other_serving_and_one_remains(beside, one_claims_at_a_time):
    for halt, go_on, other in ((beside["lb-a"].freeze, beside["lb-a"].thaw, NAME),
                               (lambda: beside.keepalived.process.send_group(signal.SIGSTOP),
                                lambda: beside.keepalived.process.send_group(signal.SIGCONT), US)):
        halt()
        own = next(group for group in GROUPS if SETTLED[group] != other)
        wait_until(lambda: who_answers(beside, own) == other, f"{other} serves {own}", TAKEN_WITHIN_S)
        go_on()
        wait_who_serves(beside, SETTLED)


def test_one_forged_advertisement_silences_us_for_a_moment_and_not_for_two_minutes(beside):
    """RFC 9568 alone cannot tell it from a router's: 131 s of Max Adver Int 4095. We count at most four intervals of our own."""
    source, addresses = (("198.51.100.66", []) if beside.family == 4 else ("fe80::66", [link_local(VRIDS["blue"]["outside"])]))
    vrid = VRIDS["blue"]["outside"]
    lan = adverts.listen(beside.client, "forged")
    with PacketHost(beside.client) as wire:
        time.sleep(0.5)
        wire.send(adverts.frame("02:00:00:00:00:66", source, vrid, 254, 4095, *addresses, beside.vip("blue")))
    time.sleep(1)
    wait_who_serves(beside, SETTLED)
    spoken = adverts.heard(lan)
    ours = next(runs for who, runs in adverts.claims(spoken, vrid).items() if who not in (source, *OF_KEEPALIVED))
    away = [later[0] - earlier[1] for earlier, later in zip(ours, ours[1:])]
    assert len(away) == 1, f"expected us to give way to it once: else nothing was tried; silences {away}"
    assert away[0] < FORGED_AWAY_MOST_S, f"expected to be silent for about 13 intervals, were for {away[0]:.2f} s"


def test_keepalived_has_nothing_to_complain_of(beside):
    assert beside.keepalived.complaints() == []
    assert any("Entering MASTER STATE" in line for line in beside.keepalived.log()), "expected a log that tells of its states: else its silence proves nothing"
