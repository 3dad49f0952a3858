# SPDX-License-Identifier: Apache-2.0
"""What Prometheus scrapes: lint-free, whole before the first packet, and the same numbers as the command line's."""
import tomllib

from tandemlab import evidence
from tandemlab.process import wait_until
from tandemlab.site import VIP
from tandemlab.tandem import REPOSITORY, metric

SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}


def catalogue() -> list[dict]:
    families = tomllib.loads((REPOSITORY / "configs" / "metrics.toml").read_text())["metric"]
    assert len(families) > 50, f"expected the catalogue of all families, read {len(families)}"
    return families


def lends_limits_and_looks(document: dict) -> None:
    """A second service, whose servers the first one may borrow; limits that nobody reaches; an eye on how connections begin."""
    first = document["service"][0]
    first["limit"], first["passive"] = {"connections_cps": 1_000_000}, {}
    document["service"].append({**first, "name": "sorry", "listen": f"{VIP[4]}:8081/tcp"})
    first["fallback"] = "sorry"


def test_every_family_is_there_before_the_first_packet(scene):
    made = scene("full-nat", "af_packet", 4, change=lends_limits_and_looks)   # none of these is everybody's
    samples = made.node.scrape()
    names = {name for name, _ in samples}
    missing = [family["name"] for family in catalogue() if family["group"] != "The pair"  # a node alone has none of these
               if not any(family["name"] + suffix in names for suffix in SUFFIXES.get(family["type"], ("",)))]
    assert not missing, f"expected every family of the catalogue on the page, these are not: {missing}"
    for name in ("tandem_backend_new_connections_total", "tandem_backend_received_bytes_total"):
        assert metric(samples, name) == 0, f"expected {name} to be there at 0"


def test_promtool_has_nothing_to_say(scene, tmp_path):
    made = scene("nat", "af_packet", 4)
    assert made.load("--requests", 50)["failed"] == 0
    said = made.site.node.run(["promtool", "check", "metrics"], text_in=made.node.page(), check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, ""), said
    control = made.site.node.run(["promtool", "check", "metrics"], text_in="# TYPE tandem_bad counter\ntandem_bad 1\n", check=False)
    assert control.returncode != 0, "expected promtool to see a counter without _total"


def differences(node) -> dict:
    """Where metrics and CLI differ at this moment: {what: (metrics, CLI)}."""
    samples, balance = node.scrape(), node.ctl("drops")["balance"]
    pairs = {f"drops {reason}": (metric(samples, "tandem_packets_dropped_total", reason=reason), count) for reason, count in balance["dropped"].items()}
    for name, row in node.backends("web").items():
        for family, field in (("received_packets", "received_packets"), ("received_bytes", "received_bytes"),
                              ("transmitted_packets", "transmitted_packets"), ("new_connections", "new_connections_total")):
            pairs[f"{name} {family}"] = metric(samples, f"tandem_backend_{family}_total", service="web", backend=name), row[field]
    for port in node.ctl("port", "list"):
        pairs[f"port {port['name']} rx"] = metric(samples, "tandem_port_received_packets_total", port=port["name"]), port["rx_packets"]
    return {what: pair for what, pair in pairs.items() if pair[0] != pair[1]}


def test_metrics_and_command_line_say_the_same(scene):
    made = scene("nat", "af_packet", 4)
    load = made.load("--requests", 500)
    assert load["failed"] == 0
    evidence.three_equal(load, made.web, made.node, "web")
    made.node.healthd.stop()    # quiet: nothing more comes from the servers
    wait_until(lambda: not differences(made.node), f"equal numbers on both; they differ in {differences(made.node)}", 5, every_s=0.3)
