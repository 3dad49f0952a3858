# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a lab, nothing of it stays: no namespace, no process, no file; and nothing of anybody else's is touched."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tandemlab import registry, signals
from tandemlab.net import Lab
from tandemlab.process import Process, wait_until


def test_a_failing_build_of_a_lab_leaves_nothing(lab):
    with pytest.raises(AssertionError, match="expected success of"):
        with Lab() as broken:
            lan = broken.lan("lan")
            lan.plug(broken.host("client"), "eth0", "not a MAC")
    assert not broken.directory.exists() and not left_of(broken.name)


def left_of(name: str) -> list[str]:
    return [space for space in os.listdir(registry.NETNS) if space.startswith(f"tdm-{name}-")]


INTERRUPTED = """
import sys, time
sys.path.insert(0, {root!r})
from tandemlab import nginx, counters
from tandemlab.net import Lab
from tandemlab.process import tool
from tandemlab.site import build_site
with Lab() as lab:
    print(lab.name, flush=True)
    site = build_site(lab)
    nginx.start_all(site)
    counters.capture(site.client, "all")
    tool(site.client, "http_load", "--to", site.servers[0].address(4), "--rate", 50)
    print("ready", flush=True)
    time.sleep(60)
"""


def start_a_lab() -> tuple[subprocess.Popen, str]:
    program = INTERRUPTED.format(root=str(Path(__file__).parent))
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return running, running.stdout.readline().strip()


def nothing_left(name: str, processes: set[int]) -> None:
    assert not left_of(name), f"expected no namespace of lab {name}, found {left_of(name)}"
    assert not (registry.ROOT / name).exists(), "expected the run directory to be gone"
    alive = [pid for pid in processes if registry.start_time(pid) is not None]
    assert not alive, f"expected every process of the lab to be gone, found {alive}"


@pytest.mark.parametrize(("number", "moment"), [
    pytest.param(signal.SIGINT, "while it is built", id="Ctrl-C while it is built"),
    pytest.param(signal.SIGTERM, "when it runs", id="SIGTERM when it runs"),
    pytest.param(signal.SIGINT, "when it runs", id="Ctrl-C when it runs", marks=pytest.mark.long),
    pytest.param(signal.SIGTERM, "while it is built", id="SIGTERM while it is built", marks=pytest.mark.long)])
def test_an_interrupted_lab_leaves_nothing_behind(number, moment):
    running, name = start_a_lab()
    if moment == "when it runs":
        assert running.stdout.readline() == "ready\n", running.stderr.read()
    else:
        time.sleep(0.15)
    processes = registry.Registry(registry.ROOT / name).processes() - {running.pid}
    assert moment != "when it runs" or len(processes) >= 6, f"expected nginx twice with workers, tcpdump and the load, found {processes}"
    running.send_signal(number)
    _out, error = running.communicate(timeout=20)
    assert running.returncode != 0
    assert signals.Interrupted.__name__ in error, error
    nothing_left(name, processes)


def test_a_lab_whose_owner_was_killed_is_taken_down_by_another_process():
    running, name = start_a_lab()
    assert running.stdout.readline() == "ready\n", running.stderr.read()
    left = registry.Registry(registry.ROOT / name)
    processes = left.processes() - {running.pid}
    running.kill()
    running.communicate()
    assert not left.owner_lives() and left_of(name), "expected the namespaces to outlive their killed owner"
    left.remove()
    nothing_left(name, processes)


def test_removing_a_lab_leaves_a_process_alone_whose_number_was_used_again(lab):
    bystander = subprocess.Popen(["sleep", "30"])
    try:
        lab.registry.note(process=bystander.pid, start=1, what="somebody who had this number before")
        lab.close()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_that_ignores_sigterm_is_killed_at_the_deadline(plain_site):
    stubborn = Process(plain_site.client, [sys.executable, "-c",
                       "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"], "stubborn")
    wait_until(lambda: stubborn.out.read_text() == "deaf\n", "the process is deaf", 10, stubborn)
    began = time.monotonic()
    assert stubborn.stop(0.3) == -signal.SIGKILL
    assert time.monotonic() - began < 3


def test_waiting_in_vain_says_what_was_expected_and_shows_the_log(plain_site):
    failing = Process(plain_site.client, ["sh", "-c", "echo no such port >&2; exit 3"], "failing")
    with pytest.raises(AssertionError, match="(?s)expected: the port is open.*ended with 3.*no such port"):
        wait_until(lambda: False, "the port is open", 5, failing)
