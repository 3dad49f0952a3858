#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From configs/metrics.toml makes the exporter's table (--header FILE) or docs/metrics.md (--docs FILE; --check FILE compares)."""
import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "configs/metrics.toml"
MOST_LABELS = 6
RESERVED = {"class", "default", "union"}


def read(path: Path) -> list[dict]:
    metrics = tomllib.loads(path.read_text())["metric"]
    for metric in metrics:
        judge(metric)
    names = [metric["name"] for metric in metrics]
    if len(set(names)) != len(names):
        sys.exit(f"{path}: a name occurs twice")
    return metrics


def judge(metric: dict) -> None:
    name, kind = metric["name"], metric["type"]
    labels = metric.setdefault("labels", [])
    wrong = None
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or any(not re.fullmatch(r"[a-z][a-z0-9_]*", label) for label in labels):
        wrong = "names are snake_case"
    elif (kind == "counter") != name.endswith("_total"):
        wrong = "counters, and they alone, end in _total"
    elif len(labels) > MOST_LABELS:
        wrong = f"at most {MOST_LABELS} labels"
    if wrong:
        sys.exit(f"{CATALOGUE}: {name}: {wrong}")


def identifier(name: str) -> str:
    short = name.removeprefix("tandem_")
    return short + "_" if short in RESERVED else short


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def header(metrics: list[dict]) -> str:
    ours = [m for m in metrics if m.get("source") != "library"]
    rows = [f"    {{{quoted(m['name'])}, {quoted(m['help'])}, MetricKind::{m['type']}, {m.get('shed', 0)}, {len(m['labels'])},"
            f" {{{', '.join(quoted(label) for label in m['labels'])}}}}}," for m in ours]
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0", "// Made from configs/metrics.toml by scripts/lib/make_metrics.py.", "#pragma once", "",
        "#include <array>", "#include <cstdint>", "#include <string_view>", "", "namespace tandem::exporter {", "",
        "enum class MetricKind : std::uint8_t { counter, gauge, histogram };", "",
        "struct MetricFacts {", "  const char *name, *help;", "  MetricKind kind;", "  unsigned shed, label_count;",
        f"  std::array<const char*, {MOST_LABELS}> labels;", "};", "",
        "enum class Metric : std::uint8_t {", *(f"  {identifier(m['name'])}," for m in ours), "};", "",
        f"inline constexpr std::array<MetricFacts, {len(ours)}> kCatalogue{{{{", *rows, "}};", "",
        "}  // namespace tandem::exporter", ""])


def page(metrics: list[dict]) -> str:
    out = ["<!-- Made from configs/metrics.toml by scripts/lib/make_metrics.py --docs docs/metrics.md -->", "# Metrics", "",
           "`tandem-exporter --socket /run/tandem/status.sock --listen 127.0.0.1:18263` asks tandemd once per scrape and shows what it says at",
           "`/metrics`. A scrape succeeds also when tandemd does not answer: then `tandem_up` is 0 and nothing else is shown.",
           "Names and meanings come from `configs/metrics.toml`; drop reasons are those of `tandemctl drops`.", ""]
    for group in dict.fromkeys(m["group"] for m in metrics):
        out += [f"## {group}", "", "| family | type | labels | meaning |", "|---|---|---|---|"]
        out += [f"| `{m['name']}` | {m['type']} | {', '.join(m['labels'])} | {m['help']} |" for m in metrics if m["group"] == group]
        out.append("")
    return "\n".join(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--header", type=Path)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--check", type=Path)
    options = parser.parse_args()
    metrics = read(CATALOGUE)
    if options.header:
        options.header.write_text(header(metrics))
    if options.docs:
        options.docs.write_text(page(metrics))
    if options.check and (not options.check.exists() or options.check.read_text() != page(metrics)):
        print(f"{options.check} differs from configs/metrics.toml; run scripts/lib/make_metrics.py --docs {options.check}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
