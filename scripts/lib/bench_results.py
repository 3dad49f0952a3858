# SPDX-License-Identifier: Apache-2.0
"""What the programs of the bench said, as one list of figures, and the goals that some of them have."""
import json
import re
import statistics
from dataclasses import dataclass


CONNECTIONS, CONNECTION_RATE = "connections of six packets", "million connections/s"
RECORD_RATE = "million records/s"
# Columns that are not in their program's unit.
UNITS = {CONNECTION_RATE: "million/s", RECORD_RATE: "million/s", "bytes": "bytes", "bytes per connection": "bytes",
         "thousand records/s": "thousand/s", "both pair threads, % of a core": "%", "records lost": "records", "packets lost, %": "%",
         "packets lost before, %": "%", "entries that differ": "entries", "seconds until in step": "s", "seconds of the last walk": "s",
         "million packets/s": "million/s", "worker busy, %": "%"}
TIMES = "× "  # a column's name begins with it: by how many times this row's is more than what the name says, in the same round


@dataclass
class Figure:
    program: str
    row: str
    size: str
    column: str
    unit: str
    p10: float
    median: float
    p90: float
    p99: float | None = None


def quantile(values, part):
    return sorted(values)[int(part * (len(values) - 1) + 0.5)]


def of_report(program, path):
    """A program with a table of its own (tests/bench/report.h)."""
    data = json.loads(path.read_text())
    figures = []
    for row in data["rows"]:
        for column, value in row.items():
            if isinstance(value, dict):
                figures.append(Figure(program, row["name"], row["size"], column, unit_of(row["name"], column, data["unit"]), value["p10"],
                                      value["median"], value["p90"], value["p99"]))
    return figures, {"tsc_hz": data["tsc_hz"], "hugepages": data["hugepages"]}


def unit_of(row, column, of_all):
    if column in UNITS:
        return UNITS[column]
    if column.startswith(TIMES):
        return "×"
    return "TSC cycles per connection" if row == CONNECTIONS else of_all


SIZES = {"1000": "1 k", "1000000": "1 M", "10000000": "10 M"}


def of_counters(program, path):
    """Google Benchmark, with cycles in counters: NAME, and NAME_p10 and NAME_p90 beside it."""
    figures = []
    for run in json.loads(path.read_text())["benchmarks"]:
        name = re.sub(r"/iterations:\d+", "", run["name"])
        words = [w for w in name.split("/") if w not in SIZES]
        size = next((SIZES[w] for w in name.split("/") if w in SIZES), "")
        for column in [c for c in run if f"{c}_p10" in run]:
            figures.append(Figure(program, "/".join(words), size, column, "TSC cycles each", run[f"{column}_p10"], run[column],
                                  run[f"{column}_p90"]))
        if "bytes_per_connection" in run:
            each = run["bytes_per_connection"]
            figures.append(Figure(program, "memory", size, "bytes per connection", "bytes", each, each, each))
    return unique(figures)


def least_disturbed(turns):
    """Of each row the turn whose null pipeline was cheapest: on a shared machine a neighbour on the core's other hardware thread
    doubles every figure for minutes. Rows without a null: the turn whose medians sum to least."""
    rows = {}
    for number, figures in enumerate(turns):
        for one in figures:
            rows.setdefault((one.row, one.size), {}).setdefault(number, []).append(one)

    def disturbance(own):
        nulls = [one.median for one in own if one.column == "null"]
        return nulls[0] if nulls else sum(one.median for one in own)
    return [one for of_turns in rows.values() for one in min(of_turns.values(), key=disturbance)]


def of_repetitions(program, path):
    """Google Benchmark, the same benchmark a number of times. CPU time: what a shared machine does meanwhile is not our work."""
    times = {}
    for run in json.loads(path.read_text())["benchmarks"]:
        if run.get("run_type") != "iteration":
            continue
        if "items_per_second" in run:
            unit, time = "nanoseconds each", 1e9 / run["items_per_second"]
        else:
            unit, time = "microseconds", run["cpu_time"] * {"ns": 0.001, "us": 1, "ms": 1000}[run["time_unit"]]
        times.setdefault((run["run_name"], unit), []).append(time)
    figures = []
    for (name, unit), values in times.items():
        row, _, size = name.partition("/")
        figures.append(Figure(program, row, size, "CPU time", unit, quantile(values, 0.1), statistics.median(values),
                              quantile(values, 0.9)))
    return figures


def unique(figures):
    seen = {}
    for one in figures:
        seen.setdefault((one.row, one.size, one.column), one)
    return list(seen.values())


# (program, row, size or None for any, column, statistic, "<=" or ">=", limit)
GOALS = [
    *[("pipeline_bench", row, size, "difference", "median", "<=", limit)
      for row, limits in {"nat ipv4": (63, 125, 153), "nat ipv4 replies": (63, 125, 153), "l2-dsr ipv4": (36, 102, 123)}.items()
      for size, limit in zip(("1 k", "1 M", "10 M"), limits)],
    ("pipeline_bench", "nat ipv4 beside a deny list of 1 M", None, "added", "median", "<=", 10),
    ("pipeline_bench", CONNECTIONS, None, CONNECTION_RATE, "median", ">=", 1),
    ("conn_bench", "memory", None, "bytes per connection", "median", "<=", 128),
    *[("publish_bench", row, None, "CPU time", "median", "<=", 1000) for row in ("state_change", "neighbours_new_mac", "route_change", "one_weight")],
    ("reload_bench", "a backend's state", None, "work", "median", "<=", 1000),
    ("reload_bench", "a backend's state", None, "difference", "p99", "<=", 50),
    ("reload_bench", "reload of 1000 services", None, "difference", "p99", "<=", 50),
    *[("sync_bench", row, None, RECORD_RATE, "median", ">=", 1)
      for row in ("the pair's thread that tells", "the pair's thread that hears", "the worker that learns")],
    ("sync_bench", "a new connection on the wire", None, "bytes", "median", "<=", 48),
    ("two_workers_bench", "two workers", None, "× one", "median", ">=", 1.9),
    ("two_workers_bench", "two workers, every reply handed over", None, "× one", "median", ">=", 1.5),
    *[("e2e", "tandem-spin", None, f"{column} × wire", "median", ">=", 0.95)
      for column in ("requests/s", "connections/s", "Gbit/s", "UDP packets/s")],
    ("e2e", "tandem", None, "connections/s × nftables", "median", ">=", 1),
    ("e2e", "tandem", None, "CPU per request at a tenth, µs × nftables", "median", "<=", 1.3),
    ("e2e", "tandem", None, "connections/s × haproxy", "median", ">=", 1.6),
    ("e2e", "tandem", None, "connection p50, µs × haproxy", "median", "<=", 0.5),
    *[("sync_lag_bench", "lag", rate, "lag", statistic, "<=", limit) for rate in ("10 k/s", "100 k/s", "1 M/s")
      for statistic, limit in (("median", 1000), ("p99", 5000))],
]


# Of the same kind, about every column that holds one row against another: (program, how the row begins, sign, limit). The first that fits.
RATIO_GOALS = [
    ("pipeline_bench", "full-nat", "<=", 1.3), ("pipeline_bench", "ipip", "<=", 1.3), ("pipeline_bench", "gue", "<=", 1.3),
    ("pipeline_bench", "nat ipv6 ", "<=", 1.3), ("pipeline_bench", "l2-dsr ipv6 ", "<=", 1.3),
    ("pipeline_bench", "nat ipv4, 10 % new", "<=", 1.5), ("pipeline_bench", "nat ipv4 in a SYN flood", "<=", 1.1),
]


@dataclass
class Judged:
    figure: Figure
    goal: str
    met: bool


def goals_of(one):
    """(statistic, sign, limit) of each."""
    fixed = [(statistic, sign, limit) for program, row, size, column, statistic, sign, limit in GOALS
             if (one.program, one.row, one.column) == (program, row, column) and size in (None, one.size)]
    if fixed or not one.column.startswith(TIMES):
        return fixed
    return [("median", sign, limit) for program, begins, sign, limit in RATIO_GOALS
            if one.program == program and one.row.startswith(begins)][:1]


def judge(figures):
    """Every goal that this run has a figure for."""
    judged = []
    for one in figures:
        for statistic, sign, limit in goals_of(one):
            value = getattr(one, statistic)
            shown = f"{'≤' if sign == '<=' else '≥'} {limit}" + (" (99 %)" if statistic == "p99" else "")
            judged.append(Judged(one, shown, value <= limit if sign == "<=" else value >= limit))
        judged += against_reference(one, figures)
    return judged


def against_reference(one, figures):
    """The same pipeline with rte_hash in the same run must cost more."""
    if one.program != "pipeline_bench" or one.column != "difference":
        return []
    return [Judged(one, f"< rte_hash's {other.median:.1f}", one.median < other.median) for other in figures
            if other.row == f"{one.row} by rte_hash" and (other.size, other.column) == (one.size, "difference")]
