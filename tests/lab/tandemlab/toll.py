# SPDX-License-Identifier: Apache-2.0
"""What a failure cost, counted outside the nodes: the clients' gap, connections broken out of those open, bytes on the sync link."""
import contextlib
import time
from dataclasses import dataclass, field

from . import counters, load
from .pair import GROUPS, gaps_after


@dataclass
class Toll:
    moment: float = 0.0                                   # when the failure began; set by the test
    gaps: dict[str, list[float]] = field(default_factory=dict)
    broken: int = 0
    of: int = 0
    states: dict[str, int] = field(default_factory=dict)  # what became of them; "unfinished" waits for what did not come back
    misdelivered: int = 0                                 # blocks lost, doubled or damaged
    sync_bytes: int = 0

    def begin(self) -> None:
        self.moment = time.monotonic()

    def longest_gap(self, group: str) -> float:
        return max(self.gaps[group], default=0.0)

    def __str__(self) -> str:
        gaps = ", ".join(f"{group} {[round(gap * 1000) for gap in all_of_it]} ms" for group, all_of_it in self.gaps.items())
        return f"gaps {gaps}; {self.broken} of {self.of} connections broken; {self.sync_bytes} bytes on the sync link"


def sync_link_bytes(duo) -> int:
    """Of both directions, as the switch's port to lb-a counts them."""
    stats = counters.link(duo.lab.lans["sync"].switch, "eth2.lb-a")["stats64"]
    return stats["rx"]["bytes"] + stats["tx"]["bytes"]


@contextlib.contextmanager
def toll(duo, streams: int = 200, settle_s: float = 0.7, finish_s: int = 20):
    """Streams and a probe of both groups run while the block does; then the figures are filled in. `finish_s`: for what is under way at the end."""
    counted, before = Toll(), sync_link_bytes(duo)
    flows, probe = duo.streams(count=streams, words=("--settle", str(finish_s))), duo.probe()
    load.wait_open(flows)
    time.sleep(settle_s)
    counted.begin()
    yield counted
    seen = probe.stop_and_report()
    counted.gaps = {group: gaps_after(seen, way, counted.moment) for way, group in enumerate(GROUPS)}
    result = flows.stop_and_report(finish_s + 10)
    counted.of, counted.broken = result["streams"], result["streams"] - result["alive"]
    counted.states = result["states"]
    counted.misdelivered = result["lost"] + result["doubled"] + result["damaged"]
    counted.sync_bytes = sync_link_bytes(duo) - before


def tell(capsys, what: str, counted: Toll) -> None:
    with capsys.disabled():
        print(f"\n  {what}: {counted}")
