# SPDX-License-Identifier: Apache-2.0
"""Prints what the packet scenarios cover, from the report of a run, and fails for what none covers without an explanation.

    packet_matrix.py REPORT        what `packet-scenarios --gtest_output=json:REPORT` wrote

Nobody writes down what a scenario covers: each notes what its packets were and what became of them (tests/packet/cells.h).
"""
import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_SCENARIOS = 300
ROWS = [(method, families) for method, all_families in (("nat", "4 6"), ("full-nat", "4 6 4to6 6to4"), ("l2-dsr", "4 6"), ("ipip", "4 6 4to6 6to4"), ("gue", "4 6 4to6 6to4"))
        for families in all_families.split()]
SIDES = ("client", "backend")
KINDS = ("tcp", "udp", "icmp-error", "fragment")
TWO_WAY = ("nat", "full-nat")
EDGES = {
    "options": "IPv4 options, or IPv6 extension headers", "tagged": "an 802.1Q tag", "marked": "a DSCP or congestion mark",
    "last-hop": "a TTL or hop limit of 1", "too-long": "longer than the way out", "unsummed": "UDP without a checksum",
    "padded": "Ethernet padding behind the packet", "segments": "a frame in two buffers", "wrong-sum": "a transport checksum that is wrong",
    "waits": "the next hop's MAC is unknown", "handed": "it belongs to another worker", "group-mac": "to a group's virtual MAC",
}
# Cells that stay empty, each with its reason. One that is filled after all must go from here.
EXPLAINED = {}


class Seen:
    """What the scenarios of a report that held have met: how many of them, by cell and result, and by drop reason."""

    def __init__(self, report):
        self.cells, self.drops, self.scenarios = {}, Counter(), 0
        for group in report["testsuites"]:
            for case in group["testsuite"]:
                if case.get("result") != "COMPLETED" or case.get("failures"):
                    continue
                self.scenarios += 1
                self.drops.update(case.get("drops", "").split())
                for cell in case.get("cells", "").split():
                    place, result = cell.split("=")
                    self.cells.setdefault(place, Counter())[result] += 1


def drop_reasons():
    header = (ROOT / "dataplane/stats/drop_reason.h").read_text()
    return re.search(r"enum class DropReason[^{]*\{([^}]*)\}", header)[1].replace(",", " ").split()[:-1]  # without count_


def main_cells():
    return [f"{method}/{families}/{side}/{kind}" for method, families in ROWS for side in SIDES for kind in KINDS]


def edge_cells():
    """What does not pass us has no edges: one-way methods' answers."""
    return [f"{method}/{families}/{side}/{edge}" for method, families in ROWS for side in SIDES if side == "client" or method in TWO_WAY for edge in EDGES]


class Table:
    """Cells as how many scenarios saw their packet forwarded; where none did, what became of it, by a letter that is told below."""

    def __init__(self, seen):
        self.seen, self.letters = seen, {}

    def text(self, cell):
        results = self.seen.cells.get(cell)
        if not results:
            return "." if cell in EXPLAINED else "EMPTY"
        if results["forwarded"]:
            return str(results["forwarded"])
        result, count = results.most_common(1)[0]
        return f"{self.letters.setdefault(result, chr(ord('a') + len(self.letters)))}{count}"

    def line(self, label, cells, width):
        return f"{label:24}" + "".join(f"{self.text(cell):>{width}}" for cell in cells)


def matrix(table):
    yield (f"{'':24}" + "".join(f"from {side + ':':<39}" for side in SIDES)).rstrip()
    yield f"{'clients to servers':24}" + "".join(f"{kind:>11}" for _ in SIDES for kind in KINDS)
    for method, families in ROWS:
        yield table.line(f"{method} {families}", [f"{method}/{families}/{side}/{kind}" for side in SIDES for kind in KINDS], 11)


def edges(table):
    yield f"{'edge':24}" + "".join(f"{number:>6}" for number in range(1, len(EDGES) + 1))
    for method, families in ROWS:
        for side in SIDES if method in TWO_WAY else SIDES[:1]:
            yield table.line(f"{method} {families}, {side}", [f"{method}/{families}/{side}/{edge}" for edge in EDGES], 6)
    yield from (f"  {number:2} {name}: {text}" for number, (name, text) in enumerate(EDGES.items(), 1))


def faults(seen):
    cells, known = set(main_cells() + edge_cells()), set(drop_reasons())
    yield from (f"no scenario has {cell}" for cell in sorted(cells - set(seen.cells) - set(EXPLAINED)))
    yield from (f"{cell} is explained as empty, and is not" for cell in sorted(set(EXPLAINED) & set(seen.cells)))
    yield from (f"{cell} is explained, and is no cell" for cell in sorted(set(EXPLAINED) - cells))
    yield from (f"the scenarios tell of {cell}, which has no column here" for cell in sorted(set(seen.cells)) if cell.split("/")[-1] not in (*KINDS, *EDGES))
    yield from (f"no scenario drops a packet as {reason}" for reason in drop_reasons() if not seen.drops[reason])
    yield from (f"a packet was dropped as {reason}, which is no reason" for reason in sorted(set(seen.drops) - known))
    if seen.scenarios < LEAST_SCENARIOS:
        yield f"{seen.scenarios} scenarios ran, fewer than {LEAST_SCENARIOS}"


def describe(seen):
    table = Table(seen)
    yield f"{seen.scenarios} scenarios. A number: in how many of them such a packet was forwarded; with a letter: in how many it ended otherwise."
    yield from matrix(table)
    yield ""
    yield from edges(table)
    yield ""
    yield from (f"  {letter}: {result}" for result, letter in table.letters.items())
    yield from (f"  . {cell}: {why}" for cell, why in EXPLAINED.items())
    yield "drop reasons, by how many scenarios saw them: " + ", ".join(f"{reason} {seen.drops[reason]}" for reason in drop_reasons())


def main(report):
    seen = Seen(json.loads(Path(report).read_text()))
    print("\n".join(describe(seen)))
    wrong = list(faults(seen))
    print("\n".join(f"error: {fault}" for fault in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
