# SPDX-License-Identifier: Apache-2.0
"""One client port used for two things: to two VIPs at once, and again a moment after it was closed."""
import copy

import pytest

from tandemlab.configuration import bracketed
from tandemlab.process import tool
from tandemlab.scene import STREAM_PORT
from tandemlab.tandem import metric

SECOND_VIP = {4: "203.0.113.20", 6: "2001:db8:f::20"}
PORTS = 40
AT_ONCE_S = 0.5        # a SYN that was dropped would come again after a second


def with_second_vip(family: int, backends: int | None = None):
    """The service `streams` a second time, by another address and before the same servers; `backends`: so many of them alone."""
    def change(document: dict) -> None:
        streams = next(one for one in document["service"] if one["name"] == "streams")
        streams["backend"] = streams["backend"][:backends]
        document["service"].append(copy.deepcopy(streams) | {"name": "second", "listen": f"{bracketed(SECOND_VIP[family], STREAM_PORT)}/tcp"})
    return change


def both_at_once(made, family: int) -> list[list[dict]]:
    return tool(made.client, "same_port", "both", "--to", bracketed(made.vip, STREAM_PORT), bracketed(SECOND_VIP[family], STREAM_PORT),
                "--ports", PORTS, "--seconds", 1.5).report(60)["pairs"]


def refused_choices(made) -> float:
    """Backends that could not be taken because the client's port was another connection's there."""
    return metric(made.node.scrape(), "tandem_conntrack_insert_failures_total", reason="reply_key_taken")


@pytest.mark.parametrize(("forwarding", "family"), [("nat", 4), pytest.param("full-nat", 4, marks=pytest.mark.long), pytest.param("nat", 6, marks=pytest.mark.long),
                                                    pytest.param("full-nat", 6, marks=pytest.mark.long)])
def test_a_port_open_to_two_vips_that_share_their_backends_keeps_both_connections(scene, forwarding, family):
    made = scene(forwarding, "af_packet", family, echo=True, change=with_second_vip(family))
    pairs = both_at_once(made, family)
    wrong = [pair for pair in pairs if any(talk["why"] or talk["blocks"] < 2 for talk in pair)]
    assert not wrong, f"expected both connections of each port to speak on, got {wrong[:3]} ({len(wrong)} of {PORTS})"
    at_one_server = sum(first["server"] == second["server"] for first, second in pairs)
    if forwarding == "nat":     # its server would see one client port twice
        assert at_one_server == 0, f"expected each pair at two servers, {at_one_server} are at one"
        assert refused_choices(made) > 0, "expected some pairs to want the same server: else nothing was shown"
    else:
        assert at_one_server > 0, "expected some pairs at one server, which knows them by other ports: else nothing was shown"


def test_where_both_have_one_server_alone_the_second_is_refused_by_name_and_the_first_goes_on(scene):
    """The control of nat's above: what keeps them apart is the choice of another server."""
    made = scene("nat", "af_packet", 4, echo=True, change=with_second_vip(4, backends=1))
    before = made.node.ctl("drops")["balance"]["dropped"]["no_backend"]
    pairs = tool(made.client, "same_port", "both", "--to", bracketed(made.vip, STREAM_PORT), bracketed(SECOND_VIP[4], STREAM_PORT),
                 "--ports", 1, "--seconds", 1.5).report(60)["pairs"]
    first, second = pairs[0]
    assert not first["why"] and first["blocks"] >= 2, first
    assert second["why"] and second["server"] is None, f"expected the second connection to fail, got {second}"
    assert made.node.ctl("drops")["balance"]["dropped"]["no_backend"] > before


def asked_again(made, between=lambda: None) -> list[dict]:
    """The web servers' answers to each port before and after `between`."""
    asking = tool(made.client, "same_port", "again", "--to", bracketed(made.vip, 80), "--ports", PORTS, orders=True)
    asking.wait_out("asked")
    between()
    asking.order("again")
    rows = asking.report(60)["rows"]
    assert all(not row["wrong"] for row in rows), rows
    return rows


def test_a_port_used_again_within_a_second_leaves_a_drained_backend_without_delay(scene):
    made = scene("nat", "af_packet", 4, scheduler="maglev")
    rows = asked_again(made, lambda: made.node.ctl("--yes", "backend", "drain", "web/web-1"))
    moved = [row for row in rows if row["first"] == "web-1"]
    assert moved and all(row["second"] == "web-2" for row in rows), rows
    assert min(row["apart_s"] for row in moved) < 1, f"expected a port to be used again within a second, got {moved}"
    assert max(row["connect_s"] for row in moved) < AT_ONCE_S, f"expected no SYN to be sent twice, got {moved}"


def test_a_port_used_again_stays_with_a_backend_that_is_not_drained(scene):
    """The control: what moved them was the drain."""
    made = scene("nat", "af_packet", 4, scheduler="maglev")
    rows = asked_again(made)
    assert all(row["second"] == row["first"] for row in rows), rows
    assert {row["first"] for row in rows} == {"web-1", "web-2"}, rows
