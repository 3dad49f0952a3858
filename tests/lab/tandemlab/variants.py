# SPDX-License-Identifier: Apache-2.0
"""The variants that lab tests run in: forwarding method, driver of the node's ports, address family."""
import pytest

FORWARDING = pytest.mark.parametrize("forwarding", ["nat", "l2-dsr"])
DRIVER = pytest.mark.parametrize("driver", ["af_packet", "af_xdp"])
FAMILY = pytest.mark.parametrize("family", [4, 6], ids=["IPv4", "IPv6"])


def every_variant(test):
    return FORWARDING(DRIVER(FAMILY(test)))
