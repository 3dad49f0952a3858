# SPDX-License-Identifier: Apache-2.0
"""Threads that stand still: cgroup v1's freezer holds single threads, where signals reach only whole processes."""
import contextlib
from pathlib import Path

from .process import wait_until

FREEZER = Path("/sys/fs/cgroup/freezer")


def threads_of(process) -> list[int]:
    return [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]


@contextlib.contextmanager
def frozen(name: str, *threads: int):
    """While the block runs. `name` is the cgroup's, gone afterwards."""
    place = FREEZER / name
    place.mkdir()
    try:
        for thread in threads:
            (place / "tasks").write_text(str(thread))
        (place / "freezer.state").write_text("FROZEN")
        yield
    finally:
        (place / "freezer.state").write_text("THAWED")
        wait_until(lambda: (place / "freezer.state").read_text().strip() == "THAWED", "the threads run again", 3)
        for thread in (place / "tasks").read_text().split():
            (FREEZER / "tasks").write_text(thread)
        place.rmdir()
