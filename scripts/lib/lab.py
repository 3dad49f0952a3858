# SPDX-License-Identifier: Apache-2.0
"""Shows and ends labs by the registries they keep below /run/tandem-lab."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "lab"))
from tandemlab import registry  # noqa: E402  (the path comes first)


def status() -> int:
    labs = list(registry.all_labs())
    for lab in labs:
        print(f"{lab.directory}: {len(lab.namespaces())} namespaces, {len(lab.processes())} processes"
              f"{', its test still runs' if lab.owner_lives() else ''}")
        for namespace in lab.namespaces():
            print(f"  {namespace}")
    if not labs:
        print("no lab is up")
    return 0


def down() -> int:
    for lab in registry.all_labs():
        if lab.owner_lives():
            print(f"{lab.directory}: left alone, the program that made it still runs")
            continue
        lab.remove()
        print(f"{lab.directory}: removed")
    return 0


if __name__ == "__main__":
    verbs = {"status": status, "down": down}
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    if verb not in verbs:
        sys.exit("usage: scripts/lab status|down")
    sys.exit(verbs[verb]())
