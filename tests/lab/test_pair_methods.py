# SPDX-License-Identifier: Apache-2.0
"""The pair with the other forwarding methods: a killed node takes none of their connections with it either. Planned failovers with them:
test_pair_switch.py; nodes that start empty: test_pair_restart.py; what nat and l2-dsr show with every scheduler: test_pair_kills.py."""
import pytest
from tandemlab.kills import STREAMS, kill_under_load, killed_by_turns
from tandemlab.pair import pair

KILLS = {"default": 1, "long": 4, "soak": 10}            # in each combination
FEW = [("full-nat", "af_packet", 4)]
MORE = [("full-nat+ipip", "af_xdp", 4), ("ipip", "af_packet", 6), ("full-nat", "af_xdp", 6), ("gue", "af_packet", 4)]


def case(one: tuple, *marks):
    return pytest.param(*one, id=f"{one[0]}-{one[1]}-IPv{one[2]}", marks=marks)


@pytest.mark.parametrize("forwarding,driver,family", [*map(case, FEW), *[case(one, pytest.mark.long) for one in MORE]])
def test_a_killed_node_takes_no_connection_with_it_whatever_the_method(binaries, capsys, tier, forwarding, driver, family):
    with pair(forwarding, driver, family, scheduler="round-robin") as duo:
        killed_by_turns(duo, KILLS[tier], capsys, derivable=False)


@pytest.mark.long
def test_without_sync_every_connection_of_full_nat_breaks(binaries):
    """The control: by which address and port a server sees a client is known to who was told, and to nobody else."""
    with pair("full-nat", options=("--no-state-sync",)) as duo:
        report = kill_under_load(duo, "lb-a")
        of_blue = STREAMS / 2
        assert report["kill"]["broken"] >= 0.9 * of_blue, f"expected nearly all of {of_blue} to break without sync, got {report}"
