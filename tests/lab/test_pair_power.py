# SPDX-License-Identifier: Apache-2.0
"""Failure 6: a node without power. It stands still, its links go, and it is gone; nobody gets a last word."""
import signal
import time

from tandemlab import adverts
from tandemlab.pair import GROUPS, OTHER, Pair, pair
from tandemlab.pair_site import OUTSIDE, VRIDS
from tandemlab.tables import wait_equal
from tandemlab.toll import tell, toll

GAP_MOST_S = 0.3               # twice the dead time at 50 ms


def own_group(name: str) -> str:
    return next(group for group in GROUPS if GROUPS[group] == name)


def programs_of(duo: Pair, name: str) -> list:
    return [process for process in duo.lab.processes if process.host is duo[name].host and process.running()]


def cut_power(duo: Pair, name: str) -> None:
    dying = programs_of(duo, name)
    for process in dying:
        process.send(signal.SIGSTOP)
    duo.cables(name, "down")
    for process in dying:
        process.kill()


def farewells(spoken: list, name: str) -> list:
    return [advert for advert in spoken if advert.source == OUTSIDE[name][4] and advert.priority == 0]


def test_a_node_without_power_is_covered_for_without_a_last_word(binaries, capsys):
    with pair("nat") as duo:
        lan = adverts.listen(duo.client, "stopped")
        assert duo["lb-b"].daemon.stop() == 0
        duo["lb-b"].start_daemon()
        duo.wait_settled()
        assert farewells(adverts.heard(lan), "lb-b"), "expected a node that is stopped to say farewell: else the silence below proves nothing"
        wait_equal(duo)
        lan = adverts.listen(duo.client, "powerless")
        with toll(duo) as counted:
            cut_power(duo, "lb-a")
            duo.wait_serving({group: OTHER["lb-a"] for group in GROUPS}, 5)
            time.sleep(1)
        tell(capsys, "6, lb-a without power", counted)
        spoken = adverts.heard(lan)
        assert any(advert.vrid == VRIDS["blue"]["outside"] and advert.source == OUTSIDE["lb-b"][4] for advert in spoken), "expected lb-b to claim blue"
        assert farewells(spoken, "lb-a") == [], "expected no last word"
        assert (counted.broken, counted.misdelivered) == (0, 0), counted
        assert 0 < counted.longest_gap("blue") < GAP_MOST_S, counted
        duo.cables("lb-a", "up")
        duo["lb-a"].start()
        duo.wait_settled()
        for name in duo.nodes:
            assert duo.load(own_group(name), "--requests", 100)["failed"] == 0
        wait_equal(duo)
