# SPDX-License-Identifier: Apache-2.0
"""The variants that lab tests run in: forwarding method, driver of the node's ports, address family."""
import itertools

import pytest

DRIVER = pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
FAMILY = pytest.mark.parametrize("family", [4, 6], ids=["IPv4", "IPv6"])
DRIVER_AND_FAMILY = pytest.mark.parametrize(("driver", "family"), [
    pytest.param("af_packet", 4, id="af_packet-IPv4"), pytest.param("af_xdp", 6, id="af_xdp-IPv6"),
    pytest.param("af_packet", 6, id="af_packet-IPv6", marks=pytest.mark.long),
    pytest.param("af_xdp", 4, id="af_xdp-IPv4", marks=pytest.mark.long)])

ALL = list(itertools.product(("nat", "l2-dsr"), ("af_packet", "af_xdp"), (4, 6)))
# What the first tier runs: each method, driver and family once. The long tier runs all.
TWO = [("nat", "af_packet", 4), ("l2-dsr", "af_xdp", 6)]


def name_of(variant: tuple) -> str:
    return "-".join([*variant[:2], f"IPv{variant[2]}"])


def variants(first: list):
    """The long tier adds the rest."""
    rest = [pytest.param(*one, id=name_of(one), marks=pytest.mark.long) for one in ALL if one not in first]
    return pytest.mark.parametrize(("forwarding", "driver", "family"), [*[pytest.param(*one, id=name_of(one)) for one in first], *rest])


two_variants, one_variant = variants(TWO), variants(TWO[:1])
