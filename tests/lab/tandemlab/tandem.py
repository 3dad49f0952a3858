# SPDX-License-Identifier: Apache-2.0
"""The programs under test in a node's namespace: tandemd, tandem-healthd, tandem-exporter, and tandemctl to ask them."""
import json
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from . import buffers, configuration
from .net import command
from .process import Process, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAMS = ("tandemd", "tandemctl", "tandem-healthd", "tandem-exporter", "load")
EXPORTER = "127.0.0.1:18263"
SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def build_directory() -> Path:
    return Path(os.environ.get("TANDEM_BUILD", REPOSITORY / "build" / "release")).resolve()


def programs() -> dict[str, Path]:
    """Each by its name, wherever it is below the build directory; what is missing is left out."""
    found = {}
    for path in sorted([*build_directory().rglob("tandem*"), build_directory() / "tests/load/load"]):
        if path.name in PROGRAMS and path.is_file() and os.access(path, os.X_OK):
            found.setdefault(path.name, path)
    return found


@dataclass
class Reply:
    """What one tandemctl command said."""

    exit: int
    data: object
    text: str
    error: str


class Node:
    def __init__(self, site, document: dict, name: str = "node", options: tuple = (), behind: tuple = ()):
        self.site, self.host, self.document, self.name = site, site.node, document, name
        self.options = options  # of tandemd, beyond its three places
        self.behind = behind    # what starts it, when it is not started by itself
        self.programs = programs()
        self.directory = self.host.lab.directory / name
        self.run, self.state = self.directory / "run", self.directory / "state"
        for path in (self.run, self.state):
            path.mkdir(parents=True, exist_ok=True)
        self.configuration = self.directory / "tandem.toml"
        self.control = self.run / "control.sock"
        self.starts = 0
        self.daemon = self.healthd = self.exporter = None
        self.buffers_at_start = None  # in use when it had started
        self.host.lab.last_looks.append(lambda: buffers.expect_back(self))
        self.write()

    def write(self) -> None:
        configuration.write(self.document, self.configuration)

    def start(self, seconds: float = 20, health: bool = True, exporter: bool = True) -> "Node":
        self.start_daemon(seconds)
        if health:
            self.start_healthd()
        if exporter:
            self.start_exporter()
        return self

    def _process(self, program: str, *arguments, behind: tuple = ()) -> Process:
        self.starts += 1
        return Process(self.host, [*behind, self.programs[program], *arguments], f"{program}-{self.name}-{self.starts}")

    def start_daemon(self, seconds: float = 20) -> None:
        self.begin_daemon()
        self.wait_answering(seconds)

    def begin_daemon(self) -> None:
        self.daemon = self._process("tandemd", "--config", self.configuration, "--run-dir", self.run, "--state-dir", self.state, *self.options,
                                    behind=self.behind)

    def wait_answering(self, seconds: float = 20) -> None:
        wait_until(lambda: self.control.exists() and self.reply("status").exit == 0, "tandemd answers `tandemctl status`",
                   seconds, self.daemon, every_s=0.1)
        self.buffers_at_start = buffers.at_rest(self)

    def start_healthd(self) -> None:
        self.healthd = self._process("tandem-healthd", "--socket", self.run / "health.sock")

    def start_exporter(self) -> None:
        self.exporter = self._process("tandem-exporter", "--socket", self.run / "status.sock", "--listen", EXPORTER)
        wait_until(lambda: self._answers_metrics(), f"tandem-exporter answers on {EXPORTER}", 10, self.exporter, every_s=0.1)

    def stop(self, seconds: float = 5) -> int:
        """SIGTERM to all three; the daemon's exit code is what counts."""
        for process in (self.exporter, self.healthd):
            if process is not None:
                process.stop(seconds)
        return self.daemon.stop(seconds)

    def freeze(self) -> None:
        self.daemon.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.daemon.send(signal.SIGCONT)

    def reply(self, *words, timeout_s: float = 30) -> Reply:
        argv = [self.programs["tandemctl"], "--socket", self.control, "-o", "json", *words]
        done = command(self.host.inside(argv), check=False, timeout_s=timeout_s)
        try:
            data = json.loads(done.stdout) if done.stdout.strip() else None
        except json.JSONDecodeError:
            data = None
        return Reply(done.returncode, data["data"] if isinstance(data, dict) and "data" in data else data,
                     done.stdout, done.stderr)

    def ctl(self, *words, timeout_s: float = 30):
        """The `data` of the JSON that `tandemctl -o json WORDS` prints; anything but exit 0 fails the test."""
        reply = self.reply(*words, timeout_s=timeout_s)
        assert reply.exit == 0, (f"expected exit 0 of `tandemctl {' '.join(map(str, words))}`, got {reply.exit}\n"
                                 f"{reply.error}{reply.text}\n{self.daemon.describe()}")
        return reply.data

    def apply(self, document: dict) -> None:
        """A reload: the new file, then `config apply`."""
        self.document = document
        self.write()
        self.ctl("--yes", "config", "apply", self.configuration)

    def page(self) -> str:
        """The exporter's page as Prometheus gets it."""
        return self.host.run(["curl", "-sS", "--fail", "--max-time", "5", f"http://{EXPORTER}/metrics"]).stdout

    def scrape(self) -> dict[tuple[str, frozenset], float]:
        """{(family, frozenset of (label, value) pairs): value} from the exporter's page."""
        return read_metrics(self.page())

    def _answers_metrics(self) -> bool:
        argv = ["curl", "-s", "-o", "/dev/null", "--fail", "--max-time", "2", f"http://{EXPORTER}/metrics"]
        return self.host.run(argv, check=False).returncode == 0

    def backends(self, service: str) -> dict[str, dict]:
        """`backend list SERVICE` by the backend's own name."""
        rows = self.ctl("backend", "list", service)
        return {row["name"].rpartition("/")[2]: row for row in rows}

    def wait_backend(self, service: str, backend: str, state: str, seconds: float = 10) -> dict:
        def reached():
            row = self.backends(service).get(backend, {})
            return row if row.get("state") == state else None
        return wait_until(reached, f"{service}/{backend} is {state}", seconds, self.daemon, every_s=0.05)

    def wait_all_up(self, service: str, seconds: float = 15) -> None:
        for backend in self.backends(service):
            self.wait_backend(service, backend, "up", seconds)


def read_metrics(page: str) -> dict[tuple[str, frozenset], float]:
    matches = [SAMPLE.match(line) for line in page.splitlines() if not line.startswith("#")]
    return {(match[1], frozenset(LABEL.findall(match[2] or ""))): float(match[3]) for match in matches if match}


def metric(samples: dict, name: str, **labels) -> float:
    """The sum of the samples of a family that carry these labels."""
    wanted = set(labels.items())
    values = [value for (family, own), value in samples.items() if family == name and wanted <= own]
    assert values, f"expected a sample of {name} with {labels}, found none among {len(samples)}"
    return sum(values)
