# SPDX-License-Identifier: Apache-2.0
"""A machine that is busy with other things: compilers, more of them than it has cores, one after another without end."""
import contextlib
import os

from .process import Process
from .tandem import REPOSITORY

# Headers alone, so that nothing has to be generated first.
SOURCE = "#include <nlohmann/json.hpp>\n#include <regex>\n#include <map>\nint main() { return nlohmann::json{{\"a\", 1}}.dump().size(); }\n"


@contextlib.contextmanager
def compiling(host):
    """With the priority that tests and nodes have: a scheduler that favours nobody."""
    source = host.lab.directory / "busy.cpp"
    source.write_text(SOURCE)
    endless = f"while :; do g++ -std=c++20 -O2 -c -o /dev/null {source} || exit 1; done"
    busy = [Process(host, ["sh", "-c", endless], f"compiler-{number}", cwd=REPOSITORY) for number in range(2 * (os.cpu_count() or 1))]
    yield
    broken = [one.describe() for one in busy if not one.running()]
    for one in busy:
        one.kill()
    assert not broken, f"expected compilers to run all the time: {broken}"
