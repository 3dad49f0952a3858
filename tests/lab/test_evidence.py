# SPDX-License-Identifier: Apache-2.0
"""What lays counts beside each other, and what writes and reads text, without any traffic."""
import collections
import tomllib

import pytest

from tandemlab import configuration, evidence, toml
from tandemlab.tandem import metric, read_metrics
from tandemlab.tcp_streams import Verifier, block


def test_the_balance_counts_every_term():
    data = {"rx": 100, "injected": 5, "originated": 2, "tx": 80, "consumed": 4, "punted": {"control": 3, "known": 2, "rest": 1},
            "dropped": {"ttl_expired": 10, "rule_denied": 6}, "held": 1}
    assert evidence.imbalance(data) == 0
    data["dropped"]["ttl_expired"] -= 1
    assert evidence.imbalance(data) == 1


def test_a_written_configuration_reads_back(plain_site):
    services = [configuration.service(plain_site, "web", 4, check=configuration.FAST_CHECK), configuration.service(plain_site, "dns", 6, 53, "udp")]
    document = configuration.node(plain_site, "af_xdp", services, workers=2)
    assert tomllib.loads(toml.dumps(document)) == document
    configuration.backend(document, "web", "web-2")["weight"] = 7
    assert 'name = "web-2"\naddress = "10.20.0.12:80"\nweight = 7' in toml.dumps(document)


def test_labels_of_the_metrics_page_are_read():
    page = '# HELP a help\n# TYPE a counter\na{service="web",backend="web-1"} 3\na{service="web",backend="web-2"} 4e0\nb 1.5\n'
    samples = read_metrics(page)
    assert metric(samples, "a", service="web") == 7 and metric(samples, "a", backend="web-1") == 3 and metric(samples, "b") == 1.5
    with pytest.raises(AssertionError, match="expected a sample of c"):
        metric(samples, "c")
    assert collections.Counter(name for name, _labels in samples) == {"a": 2, "b": 1}


def test_tcp_streams_see_lost_and_doubled_blocks():
    verifier = Verifier(1000, 3)
    for number in (0, 1, 1, 4, 5):
        verifier.take(block(3, number, 1000))
    verifier.take(block(4, 6, 1000))
    assert (verifier.doubled, verifier.lost, verifier.damaged, verifier.next) == (1, 2, 1, 7)
