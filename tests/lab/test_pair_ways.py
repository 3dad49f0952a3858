# SPDX-License-Identifier: Apache-2.0
"""Other ways for a pair to be set up: the ports' own MACs, VRRP to the peer alone."""
import time

from tandemlab import adverts
from tandemlab.pair import GROUPS, OTHER, pair
from tandemlab.pair_site import MACS, OUTSIDE, VRIDS


def with_ha(**keys):
    def change(document: dict, name: str) -> None:
        document["ha"].update(keys)
    return change


def covers(duo, name: str) -> None:
    """Kills one node: the other serves its group. Then it comes back."""
    duo.kill(name)
    duo.wait_serving({each: OTHER[name] for each in GROUPS}, 5)
    assert duo.load(next(group for group in GROUPS if GROUPS[group] == name), "--requests", 50)["failed"] == 0, f"expected the survivor of {name} to serve"
    duo[name].start_daemon()
    duo.wait_settled()


def test_groups_that_use_the_ports_macs_move_by_announcements(binaries):
    with pair("nat", change=with_ha(mac="node")) as duo:
        duo.load("blue", "--requests", 10)
        neighbours = duo.client.run(["ip", "neigh", "show", duo.vip("blue")]).stdout
        assert MACS["lb-a"][0] in neighbours, f"expected blue at lb-a's own MAC, got {neighbours}"
        covers(duo, "lb-a")


def test_vrrp_to_the_peer_alone_is_heard_by_nobody_else(binaries):
    with pair("nat", change=with_ha(vrrp="unicast")) as duo:
        listening = {host.name: adverts.listen(host, f"adverts-{host.name}") for host in (duo.client, duo["lb-b"].host)}
        time.sleep(1)
        found = {name: adverts.heard(capture) for name, capture in listening.items()}
        assert found["client"] == [], f"expected no advertisement at the client, got {found['client'][:3]}"
        told = {advert.vrid for advert in found["lb-b"] if advert.source == OUTSIDE["lb-a"][4]}
        assert told == {VRIDS["blue"]["outside"]}, f"expected lb-b to be told of blue by lb-a, got {told}"
