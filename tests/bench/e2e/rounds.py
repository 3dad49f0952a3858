# SPDX-License-Identifier: Apache-2.0
"""Rounds: every measure of every system in turns, so that what else the machine does meets all of them; a ratio is of one round."""
import statistics
import time
from collections import defaultdict

from .measures import ALL, AT_A_TENTH, REQUESTS
from .systems import System

# (who, beside whom): which ratios there are.
PAIRS = [("tandem-spin", "wire"), ("tandem", "nftables"), ("tandem", "haproxy"), ("tandem", "nginx")]
PACED_BY = "nftables"  # of whose requests a second everybody gets a tenth


class Rounds:
    def __init__(self, systems: list[System], seconds: float):
        self.systems, self.seconds = systems, seconds
        self.values = defaultdict(list)  # (system, column) → one of each round
        self.troubles: list[str] = []
        self.done = 0

    def run(self, count: int, until: float) -> None:
        """As many rounds, or as are begun before that moment of time.monotonic()."""
        pace = self._pace()
        while self.done < count and time.monotonic() < until:
            for measure in ALL:
                more = ("--pace", pace) if measure is AT_A_TENTH else ()
                for system in self.systems:
                    if measure.fits(system):
                        self._turn(system, measure, more)
            self.done += 1

    def _turn(self, system: System, measure, more: tuple) -> None:
        system.begin_turn()
        try:
            values, wrong = measure.take(system, self.seconds, more)
        finally:
            system.end_turn()
        for column, value in values.items():
            self.values[system.name, column].append(value)
        if wrong:
            self.troubles.append(wrong)

    def _pace(self) -> int:
        """Also the first look at everybody: who answers nothing now has failed."""
        most = {}
        for system in self.systems:
            system.begin_turn()
            most[system.name] = REQUESTS.take(system, 0.5)[0]["requests/s"]
            system.end_turn()
            assert most[system.name] > 0, f"expected answers through {system.name}, got none"
        return max(1, round(most.get(PACED_BY, statistics.median(most.values())) / 10))

    def columns_of(self, name: str) -> list[str]:
        return [column for system, column in self.values if system == name]

    def ratios(self) -> dict[tuple[str, str, str], list[float]]:
        """(system, column, beside whom) → one of each round."""
        found = {}
        for name, other in PAIRS:
            for column in self.columns_of(name):
                both = zip(self.values[name, column], self.values.get((other, column), []))
                if ratios := [one / two for one, two in both if two > 0]:
                    found[name, column, other] = ratios
        return found
