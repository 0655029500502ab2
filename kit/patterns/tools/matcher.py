"""A program of its own that finds the lines which fit a regular expression.

It is run by the path of this file, with nothing but the standard library: an expression that would
take for ever can then be ended with its process; a thread in the middle of one cannot.

stdin: a line of JSON ``{"pattern", "ignore_case"}``, then for each text a line with its number of
bytes and the text in UTF-8. stdout, for each text: a line of JSON, a list of line numbers from 1.
"""

from __future__ import annotations

import json
import re
import sys
from typing import BinaryIO


def main(given: BinaryIO, told: BinaryIO) -> None:
    task = json.loads(given.readline())
    fits = re.compile(task["pattern"], re.IGNORECASE if task["ignore_case"] else 0).search
    while size := given.readline():
        lines = given.read(int(size)).decode().split("\n")
        found = [number for number, line in enumerate(lines, 1) if fits(line)]
        told.write(json.dumps(found).encode() + b"\n")
        told.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
