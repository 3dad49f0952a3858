# SPDX-License-Identifier: Apache-2.0
"""What a lab has made, written down before it is made, so that any process can take it away again.

A lab is a directory under /run/tandem-lab with `registry.jsonl`: one line per namespace and per process. A process is
known by its number and its start time, so a number used again by somebody else is left alone.
"""
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(os.environ.get("TANDEM_LAB_ROOT", "/run/tandem-lab"))
NETNS = Path("/var/run/netns")


def start_time(pid: int):
    """Clock ticks since boot at which this process began; None when it is gone or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


class Registry:
    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.file = self.directory / "registry.jsonl"

    @classmethod
    def create(cls) -> "Registry":
        ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        for attempt in range(1000):
            directory = ROOT / (f"{os.getpid()}" + (f".{attempt}" if attempt else ""))
            try:
                directory.mkdir(mode=0o755)
            except FileExistsError:
                continue
            registry = cls(directory)
            registry.note(owner=os.getpid(), start=start_time(os.getpid()))
            return registry
        raise RuntimeError(f"no free lab name below {ROOT}")

    @property
    def name(self) -> str:
        return self.directory.name

    def note(self, **entry) -> None:
        with self.file.open("a") as out:
            out.write(json.dumps(entry) + "\n")

    def note_process(self, pid: int, what: str) -> None:
        self.note(process=pid, start=start_time(pid), what=what)

    def entries(self) -> list[dict]:
        try:
            lines = self.file.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def namespaces(self) -> list[str]:
        names = [entry["namespace"] for entry in self.entries() if "namespace" in entry]
        return [name for name in names if (NETNS / name).exists()]

    def owner_lives(self) -> bool:
        return any("owner" in entry and entry["start"] is not None and start_time(entry["owner"]) == entry["start"]
                   for entry in self.entries())

    def processes(self) -> set[int]:
        """Those started by the lab that still run, and whatever else runs inside its namespaces."""
        noted = {entry["process"] for entry in self.entries()
                 if "process" in entry and entry["start"] is not None and start_time(entry["process"]) == entry["start"]}
        return (noted | self._inside()) - {os.getpid()}

    def _inside(self) -> set[int]:
        ours = set()
        for name in self.namespaces():
            status = os.stat(NETNS / name)
            ours.add((status.st_dev, status.st_ino))
        found = set()
        if not ours:
            return found
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    status = os.stat(f"/proc/{entry}/ns/net")
                except OSError:
                    continue
                if (status.st_dev, status.st_ino) in ours:
                    found.add(int(entry))
        return found

    def remove(self, patience_s: float = 3.0) -> None:
        """Ends the processes (politely, then not), deletes the namespaces and the directory."""
        for number, seconds in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
            for pid in self.processes():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            deadline = time.monotonic() + seconds
            while self.processes() and time.monotonic() < deadline:
                time.sleep(0.01)
        for name in self.namespaces():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)
        try:
            ROOT.rmdir()
        except OSError:
            pass


def all_labs() -> list[Registry]:
    return [Registry(path) for path in sorted(ROOT.iterdir())] if ROOT.is_dir() else []
