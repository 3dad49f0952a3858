# SPDX-License-Identifier: Apache-2.0
"""Captures in pcapng (draft-ietf-opsawg-pcapng), read without a library."""
import struct
from dataclasses import dataclass
from pathlib import Path

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
COMMENT, INTERFACE_NAME, END = 1, 2, 0


@dataclass
class Packet:
    interface: str
    seconds: float
    comment: str
    length: int    # of the frame
    bytes: bytes   # what was kept of it


def blocks(data: bytes):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0 and struct.unpack_from("<I", data, at + length - 4)[0] == length, f"a block at {at} does not end as it began"
        yield kind, data[at + 8:at + length - 4]
        at += length


def options(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == END:
            break
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def read(path: Path) -> list[Packet]:
    packets, interfaces = [], []
    for kind, body in blocks(path.read_bytes()):
        if kind == INTERFACE:
            interfaces.append(options(body[8:])[INTERFACE_NAME].decode())
        if kind == PACKET:
            interface, high, low, kept, length = struct.unpack_from("<IIIII", body)
            told = options(body[20 + (kept + 3) // 4 * 4:])
            packets.append(Packet(interfaces[interface], (high << 32 | low) / 1e9, told[COMMENT].decode(), length, body[20:20 + kept]))
    return packets
