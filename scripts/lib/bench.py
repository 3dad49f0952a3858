# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the programs of tests/bench one after the other, prints one table and writes everything as JSON.

Exit status 1: a program failed, or the build did. A goal that was missed is said, and changes nothing: machines differ.
"""
import argparse
import dataclasses
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import bench_results

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/release/tests/bench"
PAGES = Path("/proc/sys/vm/nr_hugepages")


@dataclass
class Program:
    name: str
    what: str
    read: object  # (name, path of its JSON) → figures
    arguments: list = field(default_factory=list)
    quick: list = field(default_factory=list)  # instead of those
    turns: int = 1                             # of a full run; each row shows the one that was least disturbed

    def command(self, quick, path):
        own = [f"--benchmark_out={path}", "--benchmark_out_format=json"] if self.read is not bench_results.of_report else ["--json", str(path)]
        return [str(FOLDER / self.name), *(self.quick if quick else self.arguments), *own]


def repeated(times, seconds):
    return [f"--benchmark_repetitions={times}", f"--benchmark_min_time={seconds}"]


PROGRAMS = [
    Program("pipeline_bench", "pipeline: TSC cycles per 64-byte packet", bench_results.of_report, quick=["quick"], turns=5),
    Program("two_workers_bench", "a second worker, 1 M connections, clients' packets and replies", bench_results.of_report, quick=["quick"]),
    Program("latency_bench", "how long packets are under way between two memif ports, microseconds", bench_results.of_report, quick=["quick"]),
    Program("conn_bench", "connection table: TSC cycles each", bench_results.of_counters,
            quick=["--benchmark_filter=^(look_up|insert)/10?000000/|^(siphash|aes)"]),
    Program("schedule_bench", "Maglev table and schedule: building one", bench_results.of_repetitions, repeated(20, 0.1), repeated(9, 0.02)),
    Program("publish_bench", "publishing a change, 1000 services of 10 backends", bench_results.of_repetitions, repeated(20, 0.1),
            repeated(5, 0.02)),
    Program("reload_bench", "the longest worker loop, with and without a publication", bench_results.of_report,
            quick=["quick"]),
    Program("sync_bench", "telling the other node of a connection, 1 M in both tables: TSC cycles", bench_results.of_report, quick=["quick"], turns=3),
    Program("sync_lag_bench", "how soon the other node knows, and what it costs", bench_results.of_report, quick=["quick"]),
]


WITH_TAIL = {"reload_bench", "sync_lag_bench"}  # programs whose 99th percentile is shown


class PagesKept:
    """The programs give their 2 MiB pages back themselves; when one is killed, this does."""

    def __enter__(self):
        self.before = self.now()
        return self

    def __exit__(self, *_):
        if self.before is None or self.now() == self.before:
            return
        try:
            PAGES.write_text(f"{self.before}\n")
        except OSError as error:
            print(f"warning: vm.nr_hugepages was {self.before} and is {self.now()}: {error}", file=sys.stderr)

    @staticmethod
    def now():
        return int(PAGES.read_text()) if PAGES.exists() else None


def run(command, log):
    """Its exit status. Whatever ends us ends it as well."""
    child = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def measure(program, quick, folder):
    """(figures, machine facts it told, error or None)"""
    path = folder / f"{program.name}.json"
    begun = time.monotonic()
    with open(folder / f"{program.name}.log", "w+") as log:
        print(f"running {program.name} …", file=sys.stderr, end="", flush=True)
        status = run(program.command(quick, path), log)
        print(f" {time.monotonic() - begun:.0f} s", file=sys.stderr)
        log.seek(0)
        said = log.read()
    if status != 0 or not path.exists():
        ending = f"ended with status {status}" if status != 0 else "wrote no results"
        return [], {}, f"{program.name} {ending}\n" + "\n".join(said.splitlines()[-20:])
    result = program.read(program.name, path)
    figures, facts = result if isinstance(result, tuple) else (result, {})
    return figures, facts, None if figures else f"{program.name} measured nothing"


def processor():
    facts = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    return facts


def machine():
    cpu = processor()
    version = subprocess.run(["pkg-config", "--modversion", "libdpdk"], capture_output=True, text=True).stdout.strip()
    return {"cpu": cpu.get("model name", "unknown"), "cores": os.cpu_count(), "virtual": "hypervisor" in cpu.get("flags", "").split(),
            "kernel": platform.release(), "dpdk": version, "load_before": os.getloadavg()[0]}


def said_of(facts):
    return (f"{facts['cpu']}, {facts['cores']} cores{', virtual' if facts['virtual'] else ''}, Linux {facts['kernel']}, DPDK {facts['dpdk']}, "
            f"load before {facts['load_before']:.1f}")


def shown(figure, everything):
    """Single stages, and what is there to be subtracted, are for the JSON of a quick run."""
    return everything or not figure.row.endswith(", stages")


def print_figures(title, figures, judged):
    width = max(24, *(len(one.column) for one in figures))
    print(f"\n{title}")
    print(f"  {'':38} {'':>6}  {'':{width}} {'median':>11}   {'10–90 %':>21} {'99 %':>9}   goal")
    for one in figures:
        goals = [f"{j.goal} {'met' if j.met else 'MISSED'}" for j in judged if j.figure is one]
        digits = 2 if one.unit == "×" else 1
        tail = f"{one.p99:9.1f}" if one.p99 is not None and one.program in WITH_TAIL else " " * 9
        spread = f"{one.p10:.{digits}f}–{one.p90:.{digits}f}"
        line = f"  {one.row:38} {one.size:>6}  {one.column:{width}} {one.median:11.{digits}f}   {spread:>21} {tail}   {', '.join(goals)}"
        print(line.rstrip())


def print_table(figures, judged, everything):
    for program in PROGRAMS:
        if own := [f for f in figures if f.program == program.name and shown(f, everything)]:
            print_figures(f"{program.what} ({program.name})", own, judged)


def write_json(path, quick, facts, figures, judged, failures):
    path.parent.mkdir(parents=True, exist_ok=True)
    goals = [{"program": j.figure.program, "row": j.figure.row, "size": j.figure.size, "column": j.figure.column, "goal": j.goal,
              "met": j.met} for j in judged]
    path.write_text(json.dumps({"quick": quick, "machine": facts, "figures": [dataclasses.asdict(f) for f in figures], "goals": goals,
                                "failures": failures}, indent=1, ensure_ascii=False) + "\n")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures Tandem on this machine.")
    parser.add_argument("mode", nargs="?", choices=["quick", "full"], default="full")
    parser.add_argument("--json", type=Path, default=ROOT / "build/bench.json", help="where everything is written")
    return parser.parse_args()


def measure_all(quick):
    figures, facts, failures = [], machine(), []
    with tempfile.TemporaryDirectory() as folder, PagesKept():
        for program in PROGRAMS:
            turns = []
            for _ in range(1 if quick else program.turns):
                own, told, error = measure(program, quick, Path(folder))
                turns.append(own)
                facts |= told
                if error:
                    failures.append(error)
                    print(f"FAILED {error}", file=sys.stderr)
            figures += bench_results.least_disturbed(turns)
    return figures, facts, failures


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is ended
    quick = options.mode == "quick"
    targets = [f"tests/bench/{program.name}" for program in PROGRAMS]
    if subprocess.run([str(ROOT / "scripts/build"), "release", *targets], cwd=ROOT).returncode != 0:
        raise SystemExit("error: the build failed")
    begun = time.monotonic()
    figures, facts, failures = measure_all(quick)
    judged = bench_results.judge(figures)
    print_table(figures, judged, not quick)
    write_json(options.json, quick, facts, figures, judged, failures)
    print(f"\n{said_of(facts)}, TSC {facts.get('tsc_hz', 0) / 1e9:.2f} GHz, {'2 MiB pages' if facts.get('hugepages') else 'no 2 MiB pages'}")
    missed = sum(not j.met for j in judged)
    print(f"{'quick' if quick else 'full'} run, {time.monotonic() - begun:.0f} s; everything in {options.json}")
    print(f"{len(judged) - missed} goals met, {missed} missed, {len(failures)} programs failed")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
