# SPDX-License-Identifier: Apache-2.0
"""A node is killed while a thousand connections speak through the pair and a hundred more are just being opened: none of them breaks."""
import itertools

import pytest
from tandemlab.kills import STREAMS, kill_under_load, killed_by_turns
from tandemlab.pair import Pair, pair

KILLS = {"default": 2, "long": 4, "soak": 10}            # in each combination
DERIVABLE = "consistent-round-robin"                     # the survivor can choose so again
ALL = list(itertools.product(("nat", "l2-dsr"), (DERIVABLE, "round-robin"), ("same", "different"), ("af_packet", "af_xdp"), (4, 6)))
FEW = [("nat", DERIVABLE, "same", "af_packet", 4), ("l2-dsr", "round-robin", "different", "af_xdp", 6)]
MORE = [("nat", "round-robin", "different", "af_xdp", 4), ("l2-dsr", DERIVABLE, "different", "af_packet", 4),
        ("nat", "round-robin", "same", "af_packet", 6)]
REST = [one for one in ALL if one not in FEW + MORE]


def case(one: tuple, *marks):
    return pytest.param(*one, id="-".join([*one[:4], f"IPv{one[4]}"]), marks=marks)


def see_health_differently(duo: Pair) -> None:
    """lb-b's checks of web-3 fail, and lb-a's do not."""
    server = duo.site.servers[2]
    duo["lb-b"].host.nft(f"table inet blind {{\n chain one {{\n type filter hook output priority 0;\n"
                         f" ip daddr {server.address(4)} tcp dport 80 drop\n ip6 daddr {server.address(6)} tcp dport 80 drop\n }}\n}}\n")
    duo["lb-b"].wait_backend("streams-green", server.name, "down")


@pytest.mark.parametrize("forwarding,scheduler,health,driver,family", [
    case(FEW[0]), *[case(one, pytest.mark.long) for one in FEW[1:] + MORE], *[case(one, pytest.mark.soak) for one in REST]])
def test_a_killed_node_takes_no_connection_with_it(binaries, capsys, tier, forwarding, scheduler, health, driver, family):
    with pair(forwarding, driver, family, scheduler=scheduler) as duo:
        if health == "different":
            see_health_differently(duo)
        killed_by_turns(duo, KILLS[tier], capsys, derivable=scheduler == DERIVABLE and health == "same")


def test_without_sync_the_connections_of_a_round_robin_break(binaries, capsys):
    """The control of the test above: the same death, and nobody told the other."""
    with pair("l2-dsr", scheduler="round-robin", options=("--no-state-sync",)) as duo:
        report = kill_under_load(duo, "lb-a")
        of_blue = STREAMS / 2 + report["kill"]["burst_established"]
        with capsys.disabled():
            print(f"\n  without sync: {report['kill']['broken']} of lb-a's {of_blue:.0f} broke")
        assert report["kill"]["broken"] > 0.3 * of_blue, f"expected more than 30 % of {of_blue} to break without sync, got {report}"
