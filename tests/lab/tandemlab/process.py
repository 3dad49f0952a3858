# SPDX-License-Identifier: Apache-2.0
"""Programs in a lab: started in a namespace, logged to a file, waited for with a deadline, ended by number."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import signals

PACKAGE_ROOT = Path(__file__).resolve().parent.parent


def tail(path: Path, lines: int = 15) -> str:
    try:
        text = path.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return f"({path.name} does not exist)"
    return "\n".join(f"    {path.name}: {line}" for line in text) or f"    {path.name}: (empty)"


def wait_until(holds, what: str, seconds: float, process: "Process | None" = None, every_s: float = 0.02):
    """Returns the first true value of `holds()`; fails with a sentence and the log when the deadline passes."""
    deadline = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if process is not None and process.returncode() is not None:
            raise AssertionError(f"expected: {what}\n{process.describe()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"expected within {seconds:g} s: {what}" + (f"\n{process.describe()}" if process else ""))
        time.sleep(every_s)


class Process:
    """Its standard output goes to NAME.out, its standard error to NAME.log, both in the lab's directory."""

    def __init__(self, host, argv, name: str, env=None, uid=None, cwd=None, orders=False):
        self.name, self.host = name, host
        lab = host.lab
        logs = lab.directory / "logs"
        logs.mkdir(exist_ok=True)
        self.out, self.log = logs / f"{name}.out", logs / f"{name}.log"
        with signals.deferred(), self.out.open("wb") as out, self.log.open("wb") as log:
            # A session of its own: the terminal's Ctrl-C reaches the lab, and the lab ends its programs in order.
            self.popen = subprocess.Popen(host.inside(argv, uid), stdin=subprocess.PIPE if orders else subprocess.DEVNULL, stdout=out, stderr=log, cwd=cwd,
                                          start_new_session=True, env={**os.environ, **(env or {})})
            lab.registry.note_process(self.popen.pid, name)
            lab.processes.append(self)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def returncode(self):
        return self.popen.poll()

    def running(self) -> bool:
        return self.returncode() is None

    def describe(self) -> str:
        state = "is still running" if self.running() else f"ended with {self.returncode()}"
        return f"{self.name} {state}\n{tail(self.log)}\n{tail(self.out, 5)}"

    def wait_log(self, text: str, seconds: float = 10.0) -> None:
        wait_until(lambda: text in self.log.read_text(errors="replace"), f"{self.name} logs '{text}'", seconds, self)

    def wait_out(self, text: str, seconds: float = 10.0) -> None:
        wait_until(lambda: text in self.out.read_text(errors="replace"), f"{self.name} prints '{text}'", seconds, self)

    def wait(self, seconds: float) -> int:
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"expected the end within {seconds:g} s\n{self.describe()}") from None

    def send(self, number: int) -> None:
        if self.running():
            self.popen.send_signal(number)

    def send_group(self, number: int) -> None:
        """To the program and the children it forked, which share its session."""
        if self.running():
            os.killpg(self.pid, number)

    def order(self, line: str) -> None:
        """A line on its standard input, if it was started to take orders."""
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()

    def kill(self) -> None:
        """SIGKILL to the program and its children; returns when it is reaped."""
        self.send_group(signal.SIGKILL)
        self.popen.wait()

    def stop(self, seconds: float = 5.0) -> int:
        """SIGTERM, then after the deadline SIGKILL. The return code tells which it was."""
        self.send(signal.SIGTERM)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.returncode()

    def report(self, seconds: float) -> dict:
        """Waits for a measuring tool to end by itself and reads the JSON it printed last."""
        code = self.wait(seconds)
        assert code == 0, f"expected exit 0\n{self.describe()}"
        return json.loads(self.out.read_text().splitlines()[-1])

    def stop_and_report(self, seconds: float = 10.0) -> dict:
        """For tools that measure until told to stop: they print their report on SIGTERM."""
        self.send(signal.SIGTERM)
        return self.report(seconds)


def tool(host, module: str, *arguments, name: str | None = None, **options) -> Process:
    """Starts one of this package's modules as a program of its own in the host's namespace."""
    number = sum(process.name.startswith(module) for process in host.lab.processes)
    argv = [sys.executable, "-m", f"tandemlab.{module}", *map(str, arguments)]
    return Process(host, argv, name or f"{module}-{host.name}-{number}", env={"PYTHONPATH": str(PACKAGE_ROOT)}, **options)
