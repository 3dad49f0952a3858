# SPDX-License-Identifier: Apache-2.0
"""Damage from outside: writes into the memory of a running tandemd what no code of it wrote."""
import ipaddress
import re
import struct
from pathlib import Path

from .tandem import Node

ESTABLISHED, TCP = 2, 6  # as dataplane/conn/entry.h has them
CHUNK = 1 << 20
ENTRY_BYTES = 32


def _writable(pid: int):
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        place, rights, *_ = line.split()
        if rights.startswith("rw") and "[stack" not in line:
            first, end = (int(part, 16) for part in place.split("-"))
            yield first, end


def connections(node: Node, client: str, vip: str, port: int) -> list[int]:
    """Where the entries of a client's established IPv4 connections to a VIP stand in the node's memory."""
    sought = re.compile(re.escape(ipaddress.ip_address(client).packed) + b".." + bytes([TCP]) + b"."
                        + re.escape(ipaddress.ip_address(vip).packed + struct.pack("!H", port)), re.DOTALL)
    found = []
    with open(f"/proc/{node.daemon.pid}/mem", "rb", buffering=0) as memory:
        for first, end in _writable(node.daemon.pid):
            for at in range(first, end, CHUNK):
                try:
                    memory.seek(at)
                    held = memory.read(min(CHUNK, end - at))
                except (OSError, ValueError, OverflowError):
                    continue
                found += [at + match.start() for match in sought.finditer(held)
                          if (at + match.start()) % ENTRY_BYTES == 0 and held[match.start() + 7] & 15 == ESTABLISHED]
    return found


def damage_clients(node: Node, places: list[int]) -> None:
    """Flips a bit of the client's address in each: the connection is gone, and there is one that nobody has."""
    with open(f"/proc/{node.daemon.pid}/mem", "r+b", buffering=0) as memory:
        for place in places:
            memory.seek(place + 1)
            byte = memory.read(1)[0]
            memory.seek(place + 1)
            memory.write(bytes([byte ^ 0x40]))
