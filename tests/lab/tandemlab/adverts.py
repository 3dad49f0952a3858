# SPDX-License-Identifier: Apache-2.0
"""VRRP as third parties on the LAN hear it (RFC 9568 5.1): who claims which router id, from when to when."""
import collections
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from . import captures, counters, packets

VRRP = 112
APART_S = 0.25        # whoever is silent for longer has stopped claiming


@dataclass(frozen=True)
class Advert:
    at: float
    source: str
    vrid: int
    priority: int
    interval_s: float


def decode(at: float, frame: bytes) -> Advert | None:
    if frame[12:14] == b"\x08\x00" and frame[23] == VRRP:
        source, body = frame[26:30], frame[14 + (frame[14] & 15) * 4:]
    elif frame[12:14] == b"\x86\xdd" and frame[20] == VRRP:
        source, body = frame[22:38], frame[54:]
    else:
        return None
    return Advert(at, str(ipaddress.ip_address(source)), body[1], body[2], (int.from_bytes(body[4:6], "big") & 0xFFF) / 100)


def frame(source_mac: str, source: str, vrid: int, priority: int, interval_centiseconds: int, *addresses: str) -> bytes:
    """An advertisement of either family, its checksum with the pseudo header as keepalived makes it."""
    target, target_mac = ("ff02::12", "33:33:00:00:00:12") if ":" in source else ("224.0.0.18", "01:00:5e:00:00:12")
    message = (bytes([0x31, vrid, priority, len(addresses)]) + interval_centiseconds.to_bytes(2, "big") + b"\0\0"
               + b"".join(ipaddress.ip_address(address).packed for address in addresses))
    message = packets.with_checksum(source, target, VRRP, message, 6)
    return packets.ethernet(target_mac, source_mac, packets.ip_packet(source, target, VRRP, message, ttl=255))


def read(path: Path) -> list[Advert]:
    return [advert for at, frame in captures.read_timed(path) if (advert := decode(at, frame))]


def listen(host, name: str, device: str = "eth0") -> counters.Capture:
    """To a LAN's advertisements of both families, until `heard` ends it."""
    return counters.capture(host, name, device, "proto 112 or ip6 proto 112")


def heard(capture: counters.Capture) -> list[Advert]:
    assert capture.stop().dropped() == 0, "expected a capture without holes"
    return read(Path(capture.file))


def claims(adverts: list[Advert], vrid: int) -> dict[str, list[list[float]]]:
    """[from, to] of each claim, by source. Who says priority 0 claims nothing."""
    found = collections.defaultdict(list)
    for advert in adverts:
        if advert.vrid != vrid or advert.priority == 0:
            continue
        runs = found[advert.source]
        if runs and advert.at - runs[-1][1] < APART_S:
            runs[-1][1] = advert.at
        else:
            runs.append([advert.at, advert.at])
    return dict(found)


def longest_double_s(adverts: list[Advert], vrid: int) -> float:
    """For how long two claimed the router id at once, at the longest."""
    runs = [(source, *run) for source, all_runs in claims(adverts, vrid).items() for run in all_runs]
    return max((min(one[2], other[2]) - max(one[1], other[1]) for one in runs for other in runs if one[0] < other[0]), default=0.0)
