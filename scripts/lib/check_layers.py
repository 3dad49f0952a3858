# SPDX-License-Identifier: Apache-2.0
"""Holds every #include against the layers of docs/architecture.md: a room may include only rooms on lines below its own."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMON = [["common/base"], ["common/net"], ["common/api"]]
DATAPLANE = [["dataplane/stats"], ["dataplane/packet", "dataplane/lb"], ["dataplane/model"], ["dataplane/conn"],
             ["dataplane/forward", "dataplane/fragments", "dataplane/guard", "dataplane/local", "dataplane/observe"],
             ["dataplane/pipeline", "dataplane/io"], ["dataplane/flows"], ["dataplane/worker"], ["dataplane"]]
CONTROL = [["controlplane/loop"], ["controlplane/verdict"], ["controlplane/config", "controlplane/kernel"], ["controlplane/guard", "controlplane/ha", "controlplane/sync"],
           ["controlplane/pair"], ["controlplane/api"], ["controlplane/health", "controlplane/exporter", "controlplane/daemon"]]
CLI = [["cli/client", "cli/render"], ["cli/commands"], ["cli"]]
# What the control plane may know of the dataplane: the generation, the rings' values, the counters; tandemd also its face.
BRIDGE = {"dataplane/model", "dataplane/stats"}
BRIDGE_FILES = {"dataplane/conn/events.h", "dataplane/conn/explained.h", "dataplane/conn/flow_side.h", "dataplane/conn/flow_workers.h", "dataplane/conn/port_book.h", "dataplane/conn/sync_record.h", "dataplane/observe/sighting.h", "dataplane/observe/trace_record.h", "dataplane/observe/watch_desk.h", "dataplane/lb/schedule.h", "dataplane/lb/turns.h", "dataplane/lb/flow_hash.h", "dataplane/lb/maglev.h",
                "dataplane/lb/owner.h", "dataplane/lb/live_set.h", "dataplane/lb/carry_over.h", "dataplane/lb/quic_servers.h",
                "dataplane/bpf/steer_maps.h", "dataplane/bpf/vip_probe_maps.h"}


def room_of(path, rooms):
    return max((r for r in rooms if path.startswith(r + "/")), key=len, default=None)


def level(room, stack):
    return next((i for i, line in enumerate(stack) if room in line), None)


def allowed(source, target):
    """True when the file `source` may include the file `target`."""
    for stack in (COMMON + DATAPLANE, COMMON + CONTROL, COMMON + CLI):
        rooms = [r for line in stack for r in line]
        here, there = room_of(source, rooms), room_of(target, rooms)
        if here is None or (here in sum(COMMON, []) and stack is not COMMON + DATAPLANE and not source.startswith("common/")):
            continue
        if there is None:
            continue
        if here == there or level(there, stack) < level(here, stack):
            return True
    if source.startswith("controlplane/daemon/") and target.startswith("dataplane/"):
        return target in BRIDGE_FILES or target in ("dataplane/dataplane.h", "dataplane/replay.h") or room_of(target, BRIDGE) is not None
    if source.startswith(("controlplane/config/", "controlplane/guard/", "controlplane/kernel/", "controlplane/ha/", "controlplane/sync/", "controlplane/pair/", "controlplane/api/")):
        return target in BRIDGE_FILES or room_of(target, BRIDGE) is not None
    # The command line reads a configuration file itself, so that `config check` works without a daemon; so does `pair` with the secret.
    return source.startswith("cli/") and (target.startswith("controlplane/config/") or target == "controlplane/sync/key_file.h")


def main():
    files = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "*.h", "*.cpp"], cwd=ROOT, text=True).split()
    wrong = 0
    for name in files:
        path = ROOT / name
        if not path.exists() or not name.startswith(("common/", "dataplane/", "controlplane/", "cli/")):
            continue
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            include = re.match(r'#include "([^"]+)"', line)
            if include and not allowed(name, include[1]):
                print(f"{name}:{number}: layer: may not include {include[1]}", file=sys.stderr)
                wrong += 1
        if name.startswith("dataplane/") and "rte_mbuf" in text and "#include <rte_mbuf" in text and \
                not name.startswith(("dataplane/packet/", "dataplane/io/", "dataplane/worker/", "dataplane/dataplane")):
            print(f"{name}: layer: packet/packet.h alone sees the mbuf", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
