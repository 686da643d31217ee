"""`python -m checker JOURNAL LOG`: what clients were told against what the log says. Standard library alone.

JOURNAL as checker/journal.py describes it, LOG as `ordertrail export` writes it. Exit code 0: nothing is wrong;
1: something is; 2: a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from checker.check import check, summary
from checker.journal import BadInput, read_journal
from checker.log_file import read_log

MOST_PRINTED: Final = 20
"""Cases of one violation that are printed; all are counted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m checker", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("journal", type=Path)
    parser.add_argument("log", type=Path)
    named = parser.parse_args(arguments)
    try:
        with named.journal.open("rb") as asked, named.log.open("rb") as stored:
            journal, log = read_journal(asked), read_log(stored)
    except (BadInput, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    counts: Counter[str] = Counter()
    for finding in check(journal, log):
        counts[finding.violation] += 1
        if counts[finding.violation] <= MOST_PRINTED:
            print(f"{finding.violation}: {finding.words}")
    print(summary(journal, log))
    for violation, times in counts.items():
        print(f"{times} x {violation}")
    print("violations: " + str(counts.total()))
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main())
