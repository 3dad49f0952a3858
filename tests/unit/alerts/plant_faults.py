#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one fault at a time into a copy of the alerts, and expects check_alerts.py to name it.

    plant_faults.py FOLDER CATALOGUE RUNBOOK
"""
import shutil
import sys
import tempfile
from pathlib import Path

import check_alerts

RULES, PAIR, RUNBOOK = "alerts/tandem.rules.yml", "alerts/tests/pair.yml", "runbook.md"
# what is planted: (file, old, new, what must be said of it)
FAULTS = {
    "a metric that nobody shows": (RULES, "expr: tandem_healthd_up", "expr: tandem_health_up", "tandem_health_up is in no catalogue"),
    "a recorded series that is not recorded": (RULES, "record: backend:tandem_new", "record: backend:tandem_old", "is in no catalogue"),
    "a threshold that never holds": (RULES, "(tandem_ha_group_active == 1) > 1", "(tandem_ha_group_active == 1) > 2", "TandemSplitBrain"),
    "no patience with a hand-over": (RULES, "1) > 1\n        for: 10s", "1) > 1\n        for: 0s", "TandemSplitBrain"),
    "a label that the metric lacks": (PAIR, 'tandem_ha_peer_up{instance="a"', 'tandem_ha_peer_up{group="g",instance="a"', "the catalogue has tandem_ha_peer_up{}"),
    "an alert that no test sees": (PAIR, "alertname: TandemStrangerClaims", "alertname: TandemOwnGapWide", "TandemStrangerClaims: no test sees it fire"),
    "an alert without a section": (RUNBOOK, "## TandemPathDown", "## PathDown", "TandemPathDown: has no section"),
    "a section without an alert": (RUNBOOK, "# The pair", "## TandemOfOld", "TandemOfOld is the section of no alert"),
    "an alert that does not say where to read": (RULES, "runbook: docs/runbook.md#tandemdown", "runbook: docs/runbook.md", "TandemDown: expected a summary"),
}


# Names first: promtool takes seconds.
def complaints(folder: Path, catalogue: Path, wanted: str) -> str:
    said = "\n".join(check_alerts.complaints_of_names(folder / "alerts", catalogue, folder / RUNBOOK))
    return said if wanted in said else said + "\n".join(check_alerts.complaints_of_promtool(folder / "alerts"))


def main(alerts: Path, catalogue: Path, runbook: Path) -> int:
    missed = []
    for fault, (name, old, new, wanted) in FAULTS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            shutil.copytree(alerts, folder / "alerts")
            shutil.copy(runbook, folder / RUNBOOK)
            before = (folder / name).read_text()
            if old not in before:
                sys.exit(f"{fault}: {name} has no '{old}' any more, so nothing was planted")
            (folder / name).write_text(before.replace(old, new))
            said = complaints(folder, catalogue, wanted)
            if wanted not in said:
                missed.append(f"{fault}: expected a complaint with '{wanted}', got:\n{said}")
    print("\n".join(missed), file=sys.stderr)
    print(f"{len(FAULTS) - len(missed)} of {len(FAULTS)} planted faults were named")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
