# SPDX-License-Identifier: Apache-2.0
"""The variants that lab tests run in: forwarding method, driver of the node's ports, address family."""
import pytest

DRIVER = pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
FAMILY = pytest.mark.parametrize("family", [4, 6], ids=["IPv4", "IPv6"])
DRIVER_AND_FAMILY = pytest.mark.parametrize(("driver", "family"), [
    pytest.param("af_packet", 4, id="af_packet-IPv4"), pytest.param("af_xdp", 6, id="af_xdp-IPv6"),
    pytest.param("af_packet", 6, id="af_packet-IPv6", marks=pytest.mark.long),
    pytest.param("af_xdp", 4, id="af_xdp-IPv4", marks=pytest.mark.long)])

# Every driver meets both families and both methods; the long tier runs the rest.
FEW = [("nat", "af_packet", 4), ("nat", "af_xdp", 6), ("l2-dsr", "af_xdp", 4), ("l2-dsr", "af_packet", 6)]
REST = [(forwarding, driver, 10 - family) for forwarding, driver, family in FEW]


# For what takes long and hardly knows over which method it runs: each method, driver and family once.
TWO = [("nat", "af_packet", 4), ("l2-dsr", "af_xdp", 6)]


def name_of(variant: tuple) -> str:
    return "-".join([*variant[:2], f"IPv{variant[2]}"])


def variants(first: list):
    """The long tier adds the rest."""
    rest = [pytest.param(*one, id=name_of(one), marks=pytest.mark.long) for one in FEW + REST if one not in first]
    return pytest.mark.parametrize(("forwarding", "driver", "family"), [*[pytest.param(*one, id=name_of(one)) for one in first], *rest])


every_variant, two_variants = variants(FEW), variants(TWO)
