# SPDX-License-Identifier: Apache-2.0
"""What a node tells the other by the sync link, seen at the switch: the sealed datagrams say in clear of which type they are."""
from pathlib import Path

from . import captures, counters

HEADER, UPDATE = 14 + 20 + 8, 2          # behind Ethernet, IPv4 and UDP: version, type, how many records


def listen(duo, name: str, label: str) -> counters.Capture:
    return counters.capture(duo.lab.lans["sync"].switch, f"sync-{label}", f"eth2.{name}", "-Q", "in", "udp", snap=64)


def last_told(capture: counters.Capture) -> float:
    """When the node told of connections for the last time, in seconds since 1970; 0 when it never did."""
    frames = captures.read_timed(Path(capture.stop().file))
    return max((at for at, frame in frames if frame[HEADER + 1] == UPDATE and frame[HEADER + 2] > 0), default=0.0)
