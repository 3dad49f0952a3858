# SPDX-License-Identifier: Apache-2.0
"""Makes a Batch::finish that forgets to count one reason, for the build that must fail the balance.

    forget_reason.py BATCH_CPP REASON OUTPUT
"""
import sys
from pathlib import Path

COUNTS = "counters.dropped[static_cast<std::size_t>(packet->reason)].add();"


def main(source, reason, output):
    text = Path(source).read_text()
    if text.count(COUNTS) != 1:
        sys.exit(f"error: {source}: expected once, found {text.count(COUNTS)} times: {COUNTS}")
    Path(output).write_text(text.replace(COUNTS, f"if (packet->reason != DropReason::{reason}) {COUNTS}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
