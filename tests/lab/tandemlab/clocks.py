# SPDX-License-Identifier: Apache-2.0
"""A node's clocks, moved while it runs: the machine's own stay as they are. (stepped_clock.c)"""
import struct
import tempfile
from pathlib import Path

from .net import command

SOURCE = Path(__file__).with_name("stepped_clock.c")


class Clocks:
    """`with Clocks() as clocks: pair(behind=clocks.of)`; then `clocks.step("lb-a", wall=3600)`."""

    def __enter__(self) -> "Clocks":
        self.folder = tempfile.TemporaryDirectory(prefix="stepped-clock-")
        self.library = Path(self.folder.name) / "stepped_clock.so"
        command(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE, "-ldl"])
        return self

    def __exit__(self, *_exception) -> None:
        self.folder.cleanup()

    def _file(self, name: str) -> Path:
        return Path(self.folder.name) / name

    def of(self, name: str) -> tuple:
        self._file(name).write_bytes(struct.pack("=qq", 0, 0))
        return "env", f"LD_PRELOAD={self.library}", f"STEPPED_CLOCK={self._file(name)}"

    def step(self, name: str, wall: int = 0, monotonic: int = 0) -> None:
        """To so many seconds beside the true time."""
        with self._file(name).open("r+b") as file:
            file.write(struct.pack("=qq", wall, monotonic))
