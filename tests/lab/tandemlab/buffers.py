# SPDX-License-Identifier: Apache-2.0
"""Packet buffers that a running node has in use, and that they come back to what they were when it had started."""
import json
import socket
from pathlib import Path

from .process import wait_until

# What a driver may keep of frames that have left until it has others to send, for each queue. Those that are not named copy what they send.
KEPT_SENT = {"af_xdp": 2048, "virtio_user": 1024, "bonding": 2048}
ANSWER_S = 10.0


def in_use(node) -> int:
    """As the API's snapshot tells, without the exporter, which not every node has."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(ANSWER_S)
        asked.connect(str(node.control))
        asked.sendall(b'{"id": 1, "method": "stats.snapshot", "params": {}}\n')
        with asked.makefile() as answer:
            pools = json.loads(answer.readline())["result"]["pools"]
    return sum(pool["capacity"] - pool["available"] for pool in pools)


def at_rest(node, looks: int = 5) -> int:
    """The fewest of a few looks: some are always under way."""
    return min(in_use(node) for _ in range(looks))


def kept_sent(document: dict) -> int:
    return sum(KEPT_SENT.get(port["device"].partition(":")[0], 0) * port.get("queues", document["dataplane"].get("workers", 1))
               for port in document["port"])


def is_answering(node) -> bool:
    """Not one that a test has killed, stopped or frozen."""
    if node.daemon is None or not node.daemon.running() or node.buffers_at_start is None:
        return False
    state = Path(f"/proc/{node.daemon.pid}/status").read_text().split("State:")[1].split()[0]
    return state not in ("T", "Z")


def expect_back(node, seconds: float = 5) -> None:
    """After a second nothing waits for a neighbour or a first fragment any more; traffic that still runs has few under way."""
    if not is_answering(node):
        return
    most, seen = node.buffers_at_start + kept_sent(node.document), []

    def back() -> bool:
        seen.append(in_use(node))
        return seen[-1] <= most
    try:
        wait_until(back, "the buffers are back", seconds, every_s=0.05)
    except AssertionError:
        raise AssertionError(f"expected {node.name}'s packet buffers in use to come back to {node.buffers_at_start} (and {most - node.buffers_at_start} "
                             f"that its drivers may keep); there are {seen[-1]}, and never were fewer than {min(seen)}") from None


def expect_all_given_back(node) -> None:
    """What the node says last of all, when neither ports nor workers have any."""
    events = [json.loads(line) for line in (node.state / "events.jsonl").read_text().splitlines()]
    last = [event["text"] for event in events if event["object"] == "packet buffers"]
    assert last and last[-1].endswith("came back") and "did not" not in last[-1], f"expected {node.name} to end with all its buffers, it says {last[-1:]}"
