# SPDX-License-Identifier: Apache-2.0
"""Captures as files (the classic pcap format, nanoseconds, Ethernet), written and read without a library."""
import struct
from pathlib import Path

MAGIC_NANOSECONDS, MAGIC_MICROSECONDS = 0xA1B23C4D, 0xA1B2C3D4
ETHERNET = 1
START_S = 1_767_225_660


def write(path: Path, frames: list[tuple[float, bytes]]) -> None:
    """`frames`: (seconds since the capture's start, bytes)."""
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", MAGIC_NANOSECONDS, 2, 4, 0, 0, 65535, ETHERNET))
        for seconds, frame in frames:
            whole = int(seconds)
            out.write(struct.pack("<IIII", START_S + whole, round((seconds - whole) * 1e9), len(frame), len(frame)) + frame)


def read(path: Path) -> list[bytes]:
    return [frame for _seconds, frame in read_timed(path)]


def read_timed(path: Path) -> list[tuple[float, bytes]]:
    """(seconds since 1970, bytes) of each frame."""
    data = path.read_bytes()
    magic, link_type = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, 20)[0]
    assert magic in (MAGIC_NANOSECONDS, MAGIC_MICROSECONDS) and link_type == ETHERNET, f"{path}: magic {magic:x}, link type {link_type}"
    unit = 1e9 if magic == MAGIC_NANOSECONDS else 1e6
    frames, at = [], 24
    while at < len(data):
        seconds, fraction, length = struct.unpack_from("<III", data, at)
        frames.append((seconds + fraction / unit, data[at + 16:at + 16 + length]))
        at += 16 + length
    return frames
