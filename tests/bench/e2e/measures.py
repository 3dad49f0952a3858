# SPDX-License-Identifier: Apache-2.0
"""What is asked of each system in its turn, and what is read from the answer."""
from dataclasses import dataclass, field

from .systems import System

TENTH = "requests at a tenth"


@dataclass(frozen=True)
class Measure:
    name: str
    verb: str
    words: tuple
    columns: dict = field(hash=False)  # name → how it is read from what `rate` says
    udp: bool = False

    def fits(self, system: System) -> bool:
        return system.carries_udp or not self.udp

    def take(self, system: System, seconds: float, more: tuple = ()) -> tuple[dict, str | None]:
        """(value of each column, what went wrong or None)"""
        said = system.ends.rate(self.verb, *self.words, *more, "--warm", "0.2", "--seconds", seconds)
        wrong = None if not said.get("failed") else f"{system.name}, {self.name}: {said['failed']} failed, {said['answered']} did not"
        return {column: read(said) for column, read in self.columns.items()}, wrong


def took(part: str):
    return lambda said: said["took_us"][part]


def each(key: str):
    return lambda said: said[key]


REQUESTS = Measure("requests", "asks", ("--at-once", 64), {
    "requests/s": each("per_second"), "request p50, µs": took("p50"), "request p99, µs": took("p99"), "CPU per request, µs": each("cpu_us_each")})
CONNECTIONS = Measure("connections", "asks", ("--at-once", 64, "--fresh", 1), {
    "connections/s": each("per_second"), "connection p50, µs": took("p50"), "connection p99, µs": took("p99"),
    "CPU per connection, µs": each("cpu_us_each")})
STREAMS = Measure("streams", "asks", ("--at-once", 8, "--bytes", 1 << 20), {"Gbit/s": each("gbit_per_second")})
DATAGRAMS = Measure("datagrams", "datagrams", ("--flows", 32, "--at-once", 8), {"UDP packets/s": each("per_second")}, udp=True)
AT_A_TENTH = Measure(TENTH, "asks", ("--at-once", 64), {"CPU per request at a tenth, µs": each("cpu_us_each")})  # paced

ALL = [REQUESTS, CONNECTIONS, STREAMS, DATAGRAMS, AT_A_TENTH]
