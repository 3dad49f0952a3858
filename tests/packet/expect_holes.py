# SPDX-License-Identifier: Apache-2.0
"""Holds the scenario matrix to its word: of a report in which all is there it complains of nothing, and of each thing that is taken away by its name."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/lib"))
import packet_matrix as matrix  # noqa: E402


def report(cells, drops, scenarios):
    case = {"result": "COMPLETED", "cells": " ".join(f"{cell}=forwarded" for cell in cells), "drops": " ".join(drops)}
    return {"testsuites": [{"testsuite": [case] + [{"result": "COMPLETED"}] * (scenarios - 1)}]}


def faults(cells, drops, scenarios=matrix.LEAST_SCENARIOS):
    return list(matrix.faults(matrix.Seen(report(cells, drops, scenarios))))


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"error: {what}: expected {wanted}, got {got}")


def main():
    cells = [cell for cell in matrix.main_cells() + matrix.edge_cells() if cell not in matrix.EXPLAINED]
    drops = matrix.drop_reasons()
    expect("nothing is missing", faults(cells, drops), [])
    for cell in cells:
        expect("a cell is missing", faults([other for other in cells if other != cell], drops), [f"no scenario has {cell}"])
    for reason in drops:
        expect("a reason is missing", faults(cells, [other for other in drops if other != reason]), [f"no scenario drops a packet as {reason}"])
    expect("too few", faults(cells, drops, matrix.LEAST_SCENARIOS - 1), [f"{matrix.LEAST_SCENARIOS - 1} scenarios ran, fewer than {matrix.LEAST_SCENARIOS}"])
    expect("a new edge", faults([*cells, "nat/4/client/upside-down"], drops), ["the scenarios tell of nat/4/client/upside-down, which has no column here"])
    matrix.EXPLAINED[cells[0]] = "because"
    expect("explained and filled", faults(cells, drops), [f"{cells[0]} is explained as empty, and is not"])
    expect("explained and empty", faults(cells[1:], drops), [])
    print(f"{len(cells)} cells and {len(drops)} reasons, each missed when it is not there")


if __name__ == "__main__":
    main()
