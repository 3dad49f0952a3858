# SPDX-License-Identifier: Apache-2.0
"""Holds Tandem against a plain wire, the kernel's NAT, haproxy and nginx's stream, with real sockets at both ends: tests/bench/e2e.

Exit status 1: a system did not start, or the build failed. A goal that was missed is said, and changes nothing: machines differ.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import bench
import bench_plot
import bench_results

for folder in ("tests/lab", "tests/bench"):
    sys.path.insert(0, str(bench.ROOT / folder))
os.environ.setdefault("TANDEM_BUILD", str(bench.ROOT / "build/release"))
from e2e import rounds, systems  # noqa: E402  (the paths come first)
from tandemlab.net import Lab    # noqa: E402

TARGETS = ["controlplane/daemon/tandemd", "cli/tandemctl", "tests/load/rate", "tests/bench/e2e/every_frame.bpf.o",
           "dataplane/bpf/steer.bpf.o", "dataplane/bpf/ingress_drop.bpf.o"]
FULL = {"count": 15, "seconds": 1.0, "minutes": 18}
QUICK = {"count": 2, "seconds": 0.4, "minutes": 2}


def figure(row, column, unit, values):
    at = [bench_results.quantile(values, part) for part in (0.1, 0.5, 0.9, 0.99)]
    return bench_results.Figure("e2e", row, "", column, unit, at[0], at[1], at[2], at[3])


def unit_of(column):
    """Its name's own end: "request p50, µs", "connections/s"."""
    return column.rpartition(", ")[2] if ", " in column else column


def figures_of(taken):
    plain = [figure(name, column, unit_of(column), values) for (name, column), values in taken.values.items()]
    ratios = [figure(name, f"{column} {bench_results.TIMES}{other}", "×", values) for (name, column, other), values in taken.ratios().items()]
    return plain + ratios


@contextlib.contextmanager
def started(lab, failures):
    """The systems that came up; each waits for its turn. What does not is a failure, and the others go on."""
    up = []
    for system in systems.all_of(lab):
        try:
            system.start()
        except AssertionError as error:
            failures.append(f"{system.name} did not start: {error}")
            print(f"FAILED {failures[-1]}", file=sys.stderr)
            continue
        up.append(system)
        system.end_turn()
    try:
        yield up
    finally:
        for system in up:
            system.begin_turn()  # who stands still does not hear that it is to end


def measure(options, failures):
    with Lab() as lab, started(lab, failures) as up:
        taken = rounds.Rounds(up, options["seconds"])
        if up:
            taken.run(options["count"], time.monotonic() + 60 * options["minutes"])
    return taken


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench e2e", description="Holds Tandem against what else could stand in its place.")
    parser.add_argument("mode", nargs="?", choices=["quick", "full"], default="full")
    parser.add_argument("--json", type=Path, default=bench.ROOT / "build/bench-e2e.json", help="where everything is written")
    parser.add_argument("--plot", type=Path, help="an SVG of it besides")
    return parser.parse_args()


def main():
    options = arguments()
    if os.geteuid() != 0:
        raise SystemExit("error: network namespaces need root")
    if subprocess.run([str(bench.ROOT / "scripts/build"), "release", *TARGETS], cwd=bench.ROOT).returncode != 0:
        raise SystemExit("error: the build failed")
    quick, failures, facts, begun = options.mode == "quick", [], bench.machine(), time.monotonic()
    taken = measure(QUICK if quick else FULL, failures)
    figures = figures_of(taken)
    judged = bench_results.judge(figures)
    for name in dict.fromkeys(one.row for one in figures):
        bench.print_figures(f"{name}, {taken.done} rounds", [one for one in figures if one.row == name], judged)
    for trouble in taken.troubles:
        print(f"note: {trouble}")
    bench.write_json(options.json, quick, facts | {"rounds": taken.done, "troubles": taken.troubles}, figures, judged, failures)
    if options.plot:
        options.plot.write_text(bench_plot.svg(figures))
    missed = sum(not one.met for one in judged)
    print(f"\n{bench.said_of(facts)}\n{options.mode} run, {time.monotonic() - begun:.0f} s; everything in {options.json}\n"
          f"{len(judged) - missed} goals met, {missed} missed, {len(failures)} systems failed")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
