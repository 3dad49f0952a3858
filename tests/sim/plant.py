# SPDX-License-Identifier: Apache-2.0
"""Copies a source file with one fault planted: plant.py SOURCE RIGHT WRONG COPY. What is to be replaced must be there once."""
import sys
from pathlib import Path

source, right, wrong, copy = sys.argv[1:]
text = Path(source).read_text()
if text.count(right) != 1:
    sys.exit(f"{source}: expected once: {right}\nfound {text.count(right)} times: the fault must be planted anew")
Path(copy).write_text(text.replace(right, wrong))
