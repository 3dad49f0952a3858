# SPDX-License-Identifier: Apache-2.0
"""Failure 11: what somebody on the sync link repeats, delays, turns round and bends. (What each test shows: docs/design/failures.md.)"""
import collections
import contextlib
import signal
import time

from tandemlab.pair import GROUPS, NAMES, Pair, pair
from tandemlab.pair_site import PLUGS
from tandemlab.process import tool
from tandemlab.tables import wait_equal
from tandemlab.toll import tell, toll

SHARES = {"double": 0.15, "reverse": 0.15, "late": 0.1, "bend": 0.2}
MANY = 10
LATE_S, FORGOTTEN_S = 1.0, 1.2      # a session that was replaced is read for another second
DEVICES = {name: PLUGS["sync"] + name for name in NAMES}


@contextlib.contextmanager
def relayed(duo: Pair, **shares):
    """The sync link's bridge is replaced by somebody who carries its frames himself."""
    switch = duo.lab.lans["sync"].switch
    switch.ip(*[f"link set {device} nomaster" for device in DEVICES.values()])
    yield tool(switch, "sync_relay", "--devices", *DEVICES.values(), *[word for name, share in shares.items() for word in (f"--{name}", share)])
    switch.ip(*[f"link set {device} master bridge" for device in DEVICES.values()])


def refused(duo: Pair) -> dict[str, collections.Counter]:
    """What each node refused on the sync link so far, by reason."""
    return {name: collections.Counter(duo.refused(name)["sync"]) for name in NAMES}


def a_session_ago(duo: Pair) -> None:
    """What was recorded up to now is of a session that is over."""
    for group in GROUPS:
        assert duo.load(group, "--requests", 100)["failed"] == 0
    duo.kill("lb-b")
    duo.wait_serving({group: "lb-a" for group in GROUPS}, 5)
    duo["lb-b"].start_daemon()
    duo.wait_settled()
    time.sleep(FORGOTTEN_S)


def test_whatever_is_done_to_the_sync_link_each_thing_is_refused_by_name_and_the_tables_are_equal(binaries, capsys):
    with pair("nat") as duo, relayed(duo, **SHARES) as relay:
        duo.wait_settled()
        a_session_ago(duo)
        before, roles = refused(duo), duo.role_changes()
        time.sleep(0.5)
        assert refused(duo) == before, "expected nothing to be refused of what nobody spoilt: the control of what follows"
        with toll(duo, settle_s=0.2) as counted:
            relay.send(signal.SIGUSR1)
            for group in GROUPS:
                assert duo.load(group, "--requests", 1000)["failed"] == 0
            time.sleep(1)
            relay.send(signal.SIGUSR1)
            time.sleep(LATE_S + 0.3)
        equal, seen, done = wait_equal(duo), refused(duo), relay.stop_and_report()
        tell(capsys, f"a relay that spoils: {done}", counted)
        for name in NAMES:
            wrong, spoilt = seen[name] - before[name], done[DEVICES[name]]
            assert wrong == collections.Counter(authentication=spoilt["bend"], replay=spoilt["double"] + spoilt["repeat"],
                                                unknown_epoch=spoilt["repeat of an earlier session"]), f"{name} refused {wrong}; done to it: {spoilt}"
            assert all(spoilt[word] >= MANY for word in (*SHARES, "repeat", "repeat of an earlier session")), f"expected enough of each: {spoilt}"
            assert spoilt.get("handshake while at work", 0) == spoilt.get("not sent", 0) == 0, spoilt
        assert equal, "expected connections in the tables that are compared"
        assert duo.role_changes() == roles, "expected no role to change"
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
        assert counted.longest_gap("blue") == counted.longest_gap("green") == 0, counted
