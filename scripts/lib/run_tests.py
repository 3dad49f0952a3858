# SPDX-License-Identifier: Apache-2.0
"""Runs the parts of the test suite, counts every test case, and ends with `N passed, N failed`.

A skipped test counts as failed: what was not run was not shown to hold. Except what no machine of ours can show, by name.
"""
import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

import packet_matrix

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("check", "unit", "packet", "sim", "lab", "fuzz", "sanitizers")
SOAKED = ("sim", "lab", "fuzz")  # what grows with its tier; the rest would be the same again
PIECES = ("pair",)  # of the lab: run when asked for by name
TIERS = {"long": 60, "soak": 150}
PROGRAMS = ("cli/tandemctl", "controlplane/daemon/tandemd", "controlplane/health/tandem-healthd", "controlplane/exporter/tandem-exporter",
            "tests/load/load", "tests/load/rate", "tests/bench/e2e/every_frame.bpf.o", "dataplane/bpf/steer.bpf.o",
            "dataplane/bpf/ingress_drop.bpf.o")


@dataclass
class Tally:
    passed: int = 0
    failures: list = field(default_factory=list)  # (name, what was said)
    skipped: list = field(default_factory=list)   # names

    def add(self, name, ok, said=""):
        if ok:
            self.passed += 1
        else:
            self.failures.append((name, said))
            print(f"FAILED {name}\n{said.rstrip()}\n", flush=True)


def say(text):
    print(text, file=sys.stderr, flush=True)


building_seconds = 0.0  # the tiers' limits are on running alone


def build(variant, *targets):
    global building_seconds
    begun = time.monotonic()
    done = subprocess.run([str(ROOT / "scripts/build"), variant, *targets], cwd=ROOT)
    building_seconds += time.monotonic() - begun
    say(f"built {variant} in {time.monotonic() - begun:.0f} s")
    if done.returncode != 0:
        raise SystemExit(f"error: the {variant} build failed\n0 passed, 1 failed")


def tests_of(variant, suite):
    """The programs of a suite as meson knows them: [(name, command, folder to run in)]."""
    listed = json.loads(subprocess.check_output(["meson", "introspect", "--tests", f"build/{variant}"], cwd=ROOT))
    wanted = [t for t in listed if any(s.split(":")[-1] == suite for s in t["suite"])]
    return [(t["name"], t["cmd"], t.get("workdir") or str(ROOT / "build" / variant)) for t in wanted]


def is_ours(command):
    """A program of the build, as opposed to a script that is judged by its exit status alone."""
    return Path(command[0]).is_relative_to(ROOT / "build")


# What needs something of the machine that is known to be missing on some; counted apart, never as passed.
MAY_SKIP = {"MirrorTest.AVlanInterfaceIsALanOfItsPort": "the kernel has no VLAN interfaces"}


def build_tests(variant, *suites, only=None):
    """Builds the programs of suites alone, or of those only which are named."""
    build(variant, "common/base/libbase.a")  # sets the folder up, so that it can be asked
    folder = ROOT / "build" / variant
    tests = [test for suite in suites for test in tests_of(variant, suite)]
    words = [word.removeprefix(f"{folder}/") for name, command, _ in tests if not only or name in only for word in command]
    build(variant, *sorted({word for word in words if word.startswith("tests/")}))  # also what a script is told to run


def side_by_side(job, tests):
    """What `job` makes of each (name, command, workdir), in their order; as many at a time as there are cores."""
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    try:
        yield from zip(tests, pool.map(lambda test: job(*test), tests))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in list(children):
            child.send_signal(signal.SIGTERM)
        pool.shutdown()


def run_google_tests(tally, variant, suite, only=None):
    """Also tells what each program reported, by its name."""
    reports = {}
    tests = [test for test in tests_of(variant, suite) if not only or test[0] in only]
    for (name, command, _), (done, report) in side_by_side(run_google_test, tests):
        label = name if variant == "release" else f"{name} ({variant})"
        if report is None:  # not of GoogleTest, or ended before it could report
            tally.add(label, not is_ours(command) and done.returncode == 0, done.stdout + done.stderr)
        else:
            count_google_report(tally, label, report, done)
            reports[name] = report
    return reports


# Else what the sanitizer says of undefined behaviour is printed, and the test passes.
STRICT = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


def run_google_test(_, command, workdir):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        options = [f"--gtest_output=json:{file}", "--gtest_brief=1"] if is_ours(command) else []
        done = run([*command, *options], workdir, seconds=600, env=STRICT)
        return done, json.loads(file.read_text()) if file.exists() else None


def count_google_report(tally, label, report, done):
    failed_before = len(tally.failures)
    for group in report["testsuites"]:
        for case in group["testsuite"]:
            full = f"{label}: {group['name']}.{case['name']}"
            if case.get("result") == "SKIPPED" and f"{group['name']}.{case['name']}" in MAY_SKIP:
                tally.skipped.append(full)
            elif case.get("result") == "SKIPPED":
                reasons = [s.get("message", "") for s in case.get("skipped", [])]
                tally.add(full, False, "skipped, and so not shown to hold: " + " ".join(reasons))
            else:
                tally.add(full, not case.get("failures"), "\n".join(f["failure"] for f in case.get("failures", [])))
    if done.returncode != 0 and len(tally.failures) == failed_before:
        tally.add(f"{label}: exit status {done.returncode}", False, (done.stdout + done.stderr)[-4000:])


children = set()  # that run now


def run_into(log, command, **more):
    """The same as `run`, with what it prints in a file, so that a run of an hour can be looked at."""
    with open(log, "w") as printed:
        done = run(command, stdout=printed, **more)
    done.stdout = Path(log).read_text(errors="replace")
    return done


def run(command, workdir=ROOT, seconds=900, env=None, stdout=subprocess.PIPE):
    """Runs a command in its own process group, so that nothing it started outlives it."""
    child = subprocess.Popen(command, cwd=workdir, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                             text=True, errors="replace", start_new_session=True, env={**os.environ, **(env or {})})
    children.add(child)
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGTERM)
        try:
            out, err = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
        err += f"\nstopped: longer than {seconds} s"
    except BaseException:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        raise
    finally:
        children.discard(child)
    return subprocess.CompletedProcess(command, child.returncode, out, err)


def run_check(tally):
    done = run(["scripts/check", "--all"], seconds=600)
    tally.add("scripts/check", done.returncode == 0, done.stdout + done.stderr)


def run_unit(tally):
    build_tests("release", "unit")
    run_google_tests(tally, "release", "unit")


def run_packet(tally):
    build_tests("release", "packet")
    report = run_google_tests(tally, "release", "packet").get("packet-scenarios", {"testsuites": []})
    seen = packet_matrix.Seen(report)
    say("\n".join(packet_matrix.describe(seen)))
    wrong = list(packet_matrix.faults(seen))
    tally.add("packet matrix", not wrong, "\n".join(wrong))


# A planted fault must be found among seeds that hold without it: the first tier looks among its own, and the rarer faults are long.
SIM_SEEDS, FAULT_SEEDS = {"default": 300, "long": 3000, "soak": 10000}, {"default": 150, "long": 2000, "soak": 2000}


def run_sim(tally, tier="default"):
    build("release", "sims")
    done = run(["build/release/tests/sim/sim", "--seeds", str(SIM_SEEDS[tier])], seconds=3600)
    say(done.stdout.strip()[-500:])
    tally.add("sim", done.returncode == 0, (done.stdout + done.stderr)[-6000:])
    sound = str(ROOT / "build/release/tests/sim/sim")
    faults = tests_of("release", "sim-faults") + (tests_of("release", "sim-rare-faults") if tier != "default" else [])
    for (name, _, _), done in side_by_side(lambda _, command, workdir: run([*command, "--seeds", str(FAULT_SEEDS[tier]), "--find", sound], workdir), faults):
        tally.add(name, done.returncode == 0, done.stdout + done.stderr)


def say_slowest(report, count=12):
    """Where the tier's time goes: a file's tests together, scenes included."""
    seconds = collections.Counter()
    for case in xml.parse(report).getroot().iter("testcase"):
        seconds[(case.get("classname") or "").removeprefix("tests.lab.")] += float(case.get("time", 0))
    say("slowest: " + ", ".join(f"{name} {spent:.0f} s" for name, spent in seconds.most_common(count)))


def say_figures(printed):
    """What tests that measure have to say, two spaces in front."""
    say("\n".join(line for line in printed.splitlines() if re.match(r"  \S", line)))


def run_lab(tally, tier="default", *options):
    build("release", *PROGRAMS)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = run_into(ROOT / "build/lab.log", ["/usr/bin/python3", "-m", "pytest", "-v", "-p", "no:cacheprovider", "--tb=short", f"--junitxml={report}", *options, "tests/lab"],
                   seconds=(TIERS.get(tier, 15)) * 60, env={"TANDEM_TIER": tier, "TANDEM_BUILD": "build/release"})
        if not report.exists():
            tally.add("lab", False, done.stdout + done.stderr)
            return
        if os.environ.get("TANDEM_TIMES"):
            say(done.stdout[-6000:])
        say_slowest(report)
        say_figures(done.stdout)
        for case in xml.parse(report).getroot().iter("testcase"):
            bad = [e for e in case if e.tag in ("failure", "error", "skipped")]
            said = "\n".join(f"{e.tag}: {e.get('message', '')}\n{e.text or ''}" for e in bad)
            tally.add(f"lab: {case.get('classname')}.{case.get('name')}", not bad, said)


def run_fuzz(tally, seconds=10):
    build("fuzz", "fuzzers")

    def feed(name, command, workdir):
        corpus = ROOT / "tests/fuzz/corpus" / name.removeprefix("fuzz-")
        with tempfile.TemporaryDirectory() as scratch:
            seeds = [str(corpus)] if corpus.is_dir() else []
            return run([*command, f"-max_total_time={seconds}", f"-artifact_prefix={scratch}/", "-verbosity=0", "-print_final_stats=1", scratch, *seeds],
                       workdir, seconds=seconds + 120)
    for (name, _, _), done in side_by_side(feed, tests_of("fuzz", "fuzz")):
        tally.add(name, done.returncode == 0, done.stderr[-6000:])


CONTROL_ROOMS = ("base", "api", "loop", "config", "build", "kernel", "ha", "sync", "health", "exporter", "model", "cli")


def run_sanitizers(tally):
    build("asan")
    run_google_tests(tally, "asan", "unit")
    run_google_tests(tally, "asan", "packet", only=["packet-scenarios"])  # its control says nothing of memory
    threads = ["unit-fabric", *(f"unit-{room}" for room in CONTROL_ROOMS)]
    build_tests("tsan", "unit", only=threads)
    run_google_tests(tally, "tsan", "unit", only=threads)


def main(arguments):
    tier = next((a for a in arguments if a in TIERS), "default")
    parts = [a for a in arguments if a in (*PARTS, *PIECES)]
    unknown = [a for a in arguments if a not in (*PARTS, *PIECES, *TIERS)]
    if unknown:
        raise SystemExit(f"error: no part is called '{unknown[0]}'; there are {', '.join((*PARTS, *PIECES, *TIERS))}")
    tally, started = Tally(), time.monotonic()
    for part in parts or (SOAKED if tier == "soak" else PARTS):
        begun = time.monotonic()
        {"check": run_check, "unit": run_unit, "packet": run_packet, "sanitizers": run_sanitizers,
         "sim": lambda t: run_sim(t, tier), "lab": lambda t: run_lab(t, tier),
         "pair": lambda t: run_lab(t, tier, "-m", "pair"), "fuzz": lambda t: run_fuzz(t, 10 if tier == "default" else 60)}[part](tally)
        say(f"{part}: {time.monotonic() - begun:.0f} s, {tally.passed} passed, {len(tally.failures)} failed so far")
    running = time.monotonic() - started - building_seconds
    say(f"running took {running / 60:.1f} minutes, installing and building apart")
    for name, _ in tally.failures:
        print(f"failed: {name}")
    for name in tally.skipped:
        print(f"skipped: {name}: {MAY_SKIP[name.split(': ')[1]]}")
    print(f"{tally.passed} passed, {len(tally.failures)} failed" + (f", {len(tally.skipped)} skipped" if tally.skipped else ""))
    return 0 if tally.passed and not tally.failures else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
