# SPDX-License-Identifier: Apache-2.0
"""Both nodes' tables of connections: dumped whole, sorted, compared."""
import json

from .pair_site import NAMES
from .process import wait_until

SAME = ("proto", "client", "vip", "service", "backend", "state")   # what both nodes must tell alike


def rows(duo, name: str, protocol: str = "tcp") -> list[dict]:
    """The node's table as `conn list` tells it."""
    reply = duo[name].reply("conn", "list", "--limit", 2_000_000, timeout_s=60)
    every = [json.loads(line) for line in reply.text.splitlines()] if reply.data is None else reply.data
    return [row for row in every if row["proto"] == protocol]


def dump(duo, name: str, protocol: str = "tcp") -> list[str]:
    """The same, without what is each node's own: also what ended at a server that has left, since a node that starts is not told of it.
    Where replies do not pass the nodes, the client's end is all that they see."""
    return sorted(json.dumps({key: row[key] for key in SAME}, sort_keys=True) for row in rows(duo, name, protocol)
                  if not (row["backend"] == "(removed)" and row["state"] in ("fin-wait", "time-wait", "reset")))


def wait_equal(duo, seconds: float = 5, protocol: str = "tcp") -> list[str]:
    def equal():
        first, second = (dump(duo, name, protocol) for name in NAMES)
        return [first] if first == second else None
    try:
        return wait_until(equal, "equal tables", seconds, every_s=0.2)[0]
    except AssertionError:
        first, second = (set(dump(duo, name, protocol)) for name in NAMES)
        raise AssertionError(f"expected the same table on both nodes; only on {NAMES[0]}: {sorted(first - second)[:5]} ({len(first - second)}), "
                             f"only on {NAMES[1]}: {sorted(second - first)[:5]} ({len(second - first)})") from None
