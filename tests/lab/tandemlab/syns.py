# SPDX-License-Identifier: Apache-2.0
"""SYNs from everywhere, whose senders do not exist: a flood, or a few knocks."""
from .process import Process, tool
from .site import CLIENT_MAC


def send_syns(client, to: str, port: int, target_mac: str, *words) -> Process:
    """From the client's interface; `words` of `junk`: --rate, --seconds, --different."""
    return tool(client, "junk", "--kind", "syn", "--port", port, "--to", to, "--source-mac", CLIENT_MAC, "--target-mac", target_mac, *words)
