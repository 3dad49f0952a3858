# SPDX-License-Identifier: Apache-2.0
"""Both nodes' tables of connections, whole, to be held against each other."""
import json

from .pair import NAMES, Pair
from .process import wait_until

SAME = ("proto", "client", "vip", "service", "backend", "state")


def table(duo: Pair, name: str) -> list[str]:
    """The node's table as `conn list` tells it, sorted, without what is each node's own."""
    reply = duo[name].reply("conn", "list", "--limit", 100000)
    rows = [json.loads(line) for line in reply.text.splitlines()] if isinstance(reply.data, type(None)) else reply.data
    return sorted(json.dumps({key: row[key] for key in SAME}, sort_keys=True) for row in rows if row["proto"] == "tcp")


def wait_equal(duo: Pair, seconds: float = 5) -> list[str]:
    def equal():
        first, second = (table(duo, name) for name in NAMES)
        return [first] if first == second else None
    try:
        return wait_until(equal, "equal tables", seconds, every_s=0.2)[0]
    except AssertionError:
        first, second = (set(table(duo, name)) for name in NAMES)
        raise AssertionError(f"expected the same table on both nodes; only on {NAMES[0]}: {sorted(first - second)[:5]} ({len(first - second)}), "
                             f"only on {NAMES[1]}: {sorted(second - first)[:5]} ({len(second - first)})") from None
