# SPDX-License-Identifier: Apache-2.0
"""What a node tells the other by the sync link, seen at the switch: the sealed datagrams say in clear of which type they are."""
from pathlib import Path

from . import captures, counters

HEADER, UPDATE = 14 + 20 + 8, 2          # behind Ethernet, IPv4 and UDP: version, type, how many records
RECORDS_MOST, PACKET_MOST = 35, 1396     # as many in one datagram, or so long a one, and another may not fit: more may wait


def listen(duo, name: str, label: str) -> counters.Capture:
    return counters.capture(duo.lab.lans["sync"].switch, f"sync-{label}", f"eth2.{name}", "-Q", "in", "udp", snap=64)


def is_full(frame: bytes) -> bool:
    return frame[HEADER + 2] >= RECORDS_MOST or int.from_bytes(frame[16:18], "big") > PACKET_MOST


def told_until(capture: counters.Capture) -> float:
    """What the node knew by then it had told, in seconds since 1970; 0 when it told nothing. A datagram says what waited when it was
    begun, which was after the one before it had left; a full one perhaps not all of that."""
    frames = [one for one in captures.read_timed(Path(capture.stop().file)) if one[1][HEADER + 1] == UPDATE and one[1][HEADER + 2] > 0]
    told = [before for (before, _frame), (_at, frame) in zip(frames, frames[1:]) if not is_full(frame)]
    return told[-1] if told else 0.0
