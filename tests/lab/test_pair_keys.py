# SPDX-License-Identifier: Apache-2.0
"""The pair's secret: rotated while everything goes on, and what two nodes do that do not share one."""
import shutil
import signal

import pytest
from tandemlab.net import command
from tandemlab.pair import GROUPS, NAMES, pair
from tandemlab.process import wait_until
from tandemlab.tandem import programs


def key_file(duo, name: str):
    return duo.lab.directory / f"{name}.key"


def own_files(document: dict, name: str) -> None:
    """Each node reads a copy of its own, as two machines do."""
    shared = document["sync"]["key"]
    document["sync"]["key"] = shared.replace("pair.key", f"{name}.key")
    shutil.copy(shared, document["sync"]["key"])


def key_command(*words) -> str:
    return command([programs()["tandemctl"], "pair", "key", *map(str, words)]).stdout


def reload(duo, name: str) -> None:
    before = len(duo.history(name, "keys"))
    duo[name].daemon.send(signal.SIGHUP)
    wait_until(lambda: len(duo.history(name, "keys")) > before, f"{name} has read its key file again", 5)


def give_to_the_other(duo) -> None:
    shutil.copy(key_file(duo, "lb-a"), key_file(duo, "lb-b"))


def rotate(duo) -> None:
    key_command("add", key_file(duo, "lb-a"))
    give_to_the_other(duo)
    for name in NAMES:
        reload(duo, name)
    key_command("retire", key_file(duo, "lb-a"))
    reload(duo, "lb-a")
    give_to_the_other(duo)
    reload(duo, "lb-b")


def changes(duo) -> list:
    return [[group["transitions"] for group in duo.ha(name)["groups"]] for name in NAMES]


def test_keys_are_rotated_and_nothing_else_changes(binaries):
    with pair("nat", change=own_files) as duo:
        first, before = key_command("show", key_file(duo, "lb-a")), changes(duo)
        streams = {group: duo.streams(group, count=20) for group in GROUPS}
        probe = duo.probe()
        rotate(duo)
        for name in NAMES:
            wait_until(lambda: duo.ha(name)["keys"] == "agree" and duo.ha(name)["peer_up"], f"{name} believes its peer", 5)
        seen = probe.stop_and_report()
        for group, process in streams.items():
            result = process.stop_and_report(30)
            assert result["alive"] == 20, f"expected the streams of {group} to live through the rotation, got {result}"
        assert key_command("show", key_file(duo, "lb-a")) != first, "expected another key than before"
        assert changes(duo) == before, "expected no role to change"
        assert [way["lost"] for way in seen["ways"]] == [0, 0], f"expected no datagram to be lost, got {seen}"


@pytest.mark.parametrize("foreign", [True, False], ids=["another pair's key", "the same key"])
def test_nodes_that_share_no_key_say_so_and_elect_by_vrrp(binaries, foreign):
    def change(document: dict, name: str) -> None:
        own_files(document, name)
        if foreign and name == "lb-b":
            command(["rm", document["sync"]["key"]])
            command([programs()["tandemctl"], "pair", "init", document["sync"]["key"]])
    with pair("nat", change=change, start=False) as duo:
        for node in duo.nodes.values():
            node.start()
        duo.wait_serving(GROUPS, 20)
        told = {name: duo.history(name, "keys") for name in NAMES}
        elects = {duo.ha(name)["elects"] for name in NAMES}
        if not foreign:
            assert elects == {"hellos"} and not any(told.values()), f"expected nodes that share a key to be silent about it, got {elects} {told}"
            return
        assert elects == {"vrrp"}, f"expected VRRP alone to elect, got {elects}"
        for name, lines in told.items():
            assert any("uses" in line for line in lines), f"expected {name} to say which keys differ, got {lines}"
