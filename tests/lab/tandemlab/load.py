# SPDX-License-Identifier: Apache-2.0
"""The compiled load (tests/load) in a host's namespace: it prints JSON, the report last."""
import json

from .process import Process, wait_until
from .tandem import programs


def start(host, *words) -> Process:
    number = sum(process.name.startswith("load-") for process in host.lab.processes)
    return Process(host, [programs()["load"], *words], f"load-{words[0]}-{host.name}-{number}", orders=words[0] == "streams")


def echo_server(host, name: str, tcp: list[str] = (), udp: list[str] = ()) -> Process:
    """Listens when this returns."""
    running = start(host, "echo-server", "--name", name, *(["--tcp", *tcp] if tcp else []), *(["--udp", *udp] if udp else []))
    for kind, places in (("t", tcp), ("u", udp)):
        for place in places:
            port = place.rpartition(":")[2]
            wait_until(lambda: host.run(["ss", f"-Hln{kind}", f"sport = :{port}"]).stdout.strip() != "",
                       f"{name} listens on {place}", 10, running)
    return running


def event(process: Process, name: str, seconds: float) -> dict:
    """The first line of this kind that it prints."""
    def told():
        lines = [json.loads(line) for line in process.out.read_text().splitlines() if line.endswith("}")]
        return next((line for line in lines if line.get("event") == name), None)
    return wait_until(told, f"{process.name} tells of '{name}'", seconds, process)


def wait_open(streams: Process, seconds: float = 15) -> dict:
    """All that were asked for are open, and were greeted."""
    return event(streams, "open", seconds)


def kill_amid(streams: Process, victim: Process, burst: int = 100, after_ms: float = 4.5) -> dict:
    """SIGKILL to `victim` while `burst` more streams open, the first of them `after_ms` before, or as long as it takes until a tenth of them are open: from when (`began`) and when (`at`),
    of the monotonic clock."""
    streams.order(f"kill {victim.pid} {burst} {after_ms}")
    killed = event(streams, "killed", 5)
    victim.wait(5)
    return killed
