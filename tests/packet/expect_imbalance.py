# SPDX-License-Identifier: Apache-2.0
"""Runs the scenarios of a build that forgets one drop reason; succeeds only if they fail because of the balance.

    expect_imbalance.py PROGRAM
"""
import subprocess
import sys

SAID = "the balance does not hold: rx "


def main(program):
    done = subprocess.run([program, "--gtest_brief=1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300)
    if done.returncode == 0:
        sys.exit("error: a build that forgets a reason passed every scenario")
    if done.returncode != 1:
        sys.exit(f"error: it ended with {done.returncode} instead of failing its tests\n{done.stdout[-4000:]}")
    lines = [line for line in done.stdout.splitlines() if SAID in line]
    if not lines:
        sys.exit(f"error: it failed, but not because of the balance\n{done.stdout[-4000:]}")
    print(f"{len(lines)} scenarios noticed, the first: {lines[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
