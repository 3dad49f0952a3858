#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds configs/alerts against promtool, the catalogue of metrics, its own tests and the runbook.

    check_alerts.py FOLDER CATALOGUE RUNBOOK       says all that is wrong, and ends with 1 when anything is
"""
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
PROMETHEUS_OWN = {"up": set()}                  # what no exporter shows
TARGET_LABELS = {"instance", "job", "pair"}     # what a scrape adds
OURS = ("tandem_", "process_", "exposer_")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def series_of_catalogue(path: Path) -> dict[str, set[str]]:
    """Every series there can be, with its labels."""
    series = dict(PROMETHEUS_OWN)
    for metric in tomllib.loads(path.read_text())["metric"]:
        for suffix in SUFFIXES.get(metric["type"], ("",)):
            series[metric["name"] + suffix] = set(metric.get("labels", [])) | ({"le"} if suffix == "_bucket" else set())
    return series


def rule_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.rules.yml"))


def test_files(folder: Path) -> list[Path]:
    return sorted((folder / "tests").glob("*.yml"))


def rules_of(folder: Path) -> list[dict]:
    groups = [group for file in rule_files(folder) for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def unknown_names(rules: list[dict], series: dict) -> list[str]:
    """An alert on a name that nobody shows never fires, and nobody notices."""
    records = {rule["record"] for rule in rules if "record" in rule}
    wrong = []
    for rule in rules:
        for name in NAME.findall(rule["expr"]):
            named = ":" in name or name.startswith(OURS)
            if named and name not in records and name not in series:
                wrong.append(f"{rule.get('alert') or rule['record']}: {name} is in no catalogue")
    return wrong


def unlike_the_catalogue(test: Path, series: dict) -> list[str]:
    """A test that makes up a label proves a rule on a series that never comes."""
    wrong = []
    for story in yaml.safe_load(test.read_text())["tests"]:
        for given in story["input_series"]:
            name, _, rest = given["series"].partition("{")
            labels = set(re.findall(r"(\w+)=\"", rest)) - TARGET_LABELS
            if name not in series or labels != series[name]:
                wrong.append(f"{test.name}: {given['series']}: the catalogue has {name}{{{','.join(sorted(series.get(name, {'?'})))}}}")
    return wrong


def untested(alerts: list[dict], tests: list[Path]) -> list[str]:
    """Each alert must be seen to fire, and to be quiet beside something that looks alike."""
    fired, quiet = set(), set()
    for test in tests:
        for story in yaml.safe_load(test.read_text())["tests"]:
            for asked in story.get("alert_rule_test", []):
                (fired if asked["exp_alerts"] else quiet).add(asked["alertname"])
    names = {alert["alert"] for alert in alerts}
    return [*(f"{name}: no test sees it fire" for name in sorted(names - fired)),
            *(f"{name}: no test sees it quiet" for name in sorted(names - quiet))]


def without_runbook(alerts: list[dict], runbook: Path) -> list[str]:
    sections = set(re.findall(r"^## (\w+)$", runbook.read_text(), re.MULTILINE))
    names = {alert["alert"] for alert in alerts}
    wrong = [f"{name}: has no section in {runbook.name}" for name in sorted(names - sections)]
    wrong += [f"{runbook.name}: {section} is the section of no alert" for section in sorted(sections - names) if section.startswith("Tandem")]
    for alert in alerts:
        notes, wanted = alert.get("annotations", {}), f"docs/{runbook.name}#{alert['alert'].lower()}"
        if "summary" not in notes or notes.get("runbook") != wanted or alert["labels"]["severity"] not in ("warning", "critical"):
            wrong.append(f"{alert['alert']}: expected a summary, a severity, and runbook: {wanted}")
    return wrong


def promtool(*words) -> list[str]:
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"promtool {words[0]} {words[1]}:\n{done.stdout}{done.stderr}"]


def complaints_of_promtool(folder: Path) -> list[str]:
    return promtool("check", "rules", *rule_files(folder)) + promtool("test", "rules", *test_files(folder))


def complaints_of_names(folder: Path, catalogue: Path, runbook: Path) -> list[str]:
    rules, tests, series = rules_of(folder), test_files(folder), series_of_catalogue(catalogue)
    alerts = [rule for rule in rules if "alert" in rule]
    wrong = unknown_names(rules, series) + [line for test in tests for line in unlike_the_catalogue(test, series)]
    return wrong + untested(alerts, tests) + without_runbook(alerts, runbook)


def main(folder: Path, catalogue: Path, runbook: Path) -> int:
    alerts, tests = sum("alert" in rule for rule in rules_of(folder)), len(test_files(folder))
    if not alerts or not tests:
        sys.exit(f"{folder}: expected rules and their tests, found {alerts} alerts and {tests} files of tests")
    wrong = complaints_of_promtool(folder) + complaints_of_names(folder, catalogue, runbook)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{alerts} alerts, {tests} files of tests: {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
