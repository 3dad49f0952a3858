# SPDX-License-Identifier: Apache-2.0
"""A way out for servers: what they send by their group's gateway to others than clients is the kernel's to route, or dropped by name."""
import time

import pytest
from tandemlab import counters
from tandemlab.pair import GROUPS, pair
from tandemlab.pair_site import CLIENTS, MACS, OUTSIDE
from tandemlab.process import tool, wait_until
from tandemlab.tandem import metric

ELSEWHERE_PORT = 9000
ELSEWHERE = CLIENTS["blue"]  # a host outside; to the servers it is no client, they speak first


def lets_out(document: dict, name: str) -> None:
    for group in document["group"]:
        group["transit"] = "route"


def masquerade(duo) -> None:
    """What the operator's nftables does on both nodes."""
    for node in duo.nodes.values():
        node.host.sysctl({"net.ipv4.ip_forward": 1})
        node.host.nft("table ip out {\n chain post {\n type nat hook postrouting priority srcnat;\n oifname \"eth0\" masquerade\n }\n}\n")


def believe_the_new_mac(duo) -> None:
    """A veth has judged whose a frame is before its XDP program rewrites it, and does not judge again. Cards judge after it."""
    for node in duo.nodes.values():
        node.host.nft("table netdev veth {\n chain one {\n type filter hook ingress device eth1 priority 0;\n"
                      f" ether daddr {MACS[node.name][1]} meta pkttype set host\n }}\n}}\n")


def exchange(duo) -> dict:
    """Datagrams from a server to the host outside, whose echo comes back to it."""
    at = f"{ELSEWHERE[4]}:{ELSEWHERE_PORT}"
    listening = tool(duo.client, "udp_echo", "server", "--name", "elsewhere", "--listen", at)
    wait_until(lambda: duo.client.run(["ss", "-Hlnu", f"sport = :{ELSEWHERE_PORT}"]).stdout.strip(), "somebody listens outside", 10, listening)
    report = tool(duo.site.servers[0].host, "udp_echo", "client", "--to", at, "--rate", 200, "--seconds", 0.5, "--flows", 5).report(20)
    listening.stop()
    assert report["sent"] > 50, report
    return report


def speaks_by_tcp(duo, as_whom: str) -> None:
    server, address = duo.site.servers[0].host, f"{ELSEWHERE[4]}:{ELSEWHERE_PORT}"
    listening = tool(duo.client, "tcp_streams", "server", "--name", "elsewhere", "--listen", address)
    wait_until(lambda: duo.client.run(["ss", "-Hlnt", f"sport = :{ELSEWHERE_PORT}"]).stdout.strip(), "somebody listens outside", 10, listening)
    seen = counters.capture(duo.client, "way-out", "eth0", "src", "host", as_whom, "and", "tcp", "dst", "port", str(ELSEWHERE_PORT))
    report = tool(server, "tcp_streams", "client", "--to", address, "--streams", 5, "--seconds", 1).report(20)
    listening.stop()
    assert seen.stop().count() > 0, f"expected the server to be seen outside as {as_whom}"
    assert report["states"] == {"finished": 5} and report["lost"] == report["damaged"] == 0, report


@pytest.mark.parametrize("driver", ["af_packet", pytest.param("af_xdp", marks=pytest.mark.long)])
def test_servers_reach_others_by_the_node_that_has_their_group(binaries, driver):
    with pair("nat", driver, change=lets_out, echo=False) as duo:
        masquerade(duo)
        if driver == "af_xdp":
            believe_the_new_mac(duo)
        assert exchange(duo)["lost"] == 0
        speaks_by_tcp(duo, OUTSIDE["lb-a"][4])
        assert duo.load("blue", "--requests", 100)["failed"] == 0, "expected clients to be served beside it"
        duo.kill("lb-a")
        duo.wait_serving({group: "lb-b" for group in GROUPS}, 5)
        time.sleep(0.2)
        assert exchange(duo)["lost"] == 0, "expected the survivor to let them out as well"
        speaks_by_tcp(duo, OUTSIDE["lb-b"][4])


def test_a_group_that_lets_nobody_out_says_so(binaries):
    with pair("nat", "af_packet", echo=False) as duo:
        masquerade(duo)
        before = metric(duo["lb-a"].scrape(), "tandem_packets_dropped_total", reason="transit")
        report = exchange(duo)
        assert report["received"] == 0, "expected no way out: else the test above shows nothing of Tandem"
        dropped = metric(duo["lb-a"].scrape(), "tandem_packets_dropped_total", reason="transit") - before
        assert dropped == report["sent"], f"expected {report['sent']} dropped as transit, got {dropped}"
        wait_until(lambda: any(event["kind"] == "transit" for event in duo["lb-a"].ctl("events")), "an event says where they went", 3)
