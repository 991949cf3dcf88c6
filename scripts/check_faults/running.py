"""Runs rows and says what came, for scripts/check-faults and scripts/attack."""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time

import rows


def came(row):
    """What came of a row, and the last lines of the log that it left."""
    with tempfile.TemporaryDirectory(prefix="tidewatch-rows-") as folder:
        data = row.data if isinstance(row.data, bytes) else row.data.encode("utf-8", "surrogatepass")
        try:
            result = row.look(folder, data)
        except Exception as error:  # Whatever comes, the other rows are to be tried too.
            result = f"{type(error).__name__}: {error}"[:300]
        return result, last_lines(f"{folder}/log")


def last_lines(path, count=20):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.rstrip() for line in file][-count:]
    except OSError:
        return []


def run_all(script, noun, groups):
    """Runs the modules of `groups` (title, module), each with ROWS and TESTS, in the order in which they are given.

    Rows of a group run beside each other, as many as the module's AT_ONCE says: those that wait for a consumer can be more than
    there are cores, those that measure should be one. Those of a module with BEGINS_EARLY wait for a minute and more, and begin
    with the first group.
    """
    parser = argparse.ArgumentParser(prog=f"scripts/{script}")
    parser.add_argument("--only", metavar="TEXT", help="rows and groups whose name holds TEXT")
    parser.add_argument("--tests", action="store_true", help="also run the tests that are named (those of `make unit`)")
    options = parser.parse_args()
    if not os.access(rows.BINARY, os.X_OK):
        sys.exit(f"{rows.BINARY} is not there: run 'swift build'")
    began = time.monotonic()
    tally = Tally()
    functions = []
    chosen = {title: [row for row in module.ROWS if not options.only or options.only in row.name or options.only in title]
              for title, module in groups}
    begun = {title: begin(module, chosen[title]) for title, module in groups if getattr(module, "BEGINS_EARLY", False)}
    for title, module in groups:
        if not chosen[title] and options.only:
            continue
        print(title, flush=True)
        for row, (result, log) in zip(chosen[title], begun.get(title) or begin(module, chosen[title])):
            tally.note(row, result, log)
        for test in module.TESTS if not options.only else []:
            functions += test.functions
            tally.note_test(test)
    if options.tests and functions:
        words = [word for name in functions for word in ("--filter", name.replace("/", ".*"))]
        tally.wrong += subprocess.run(["swift", "test", "--skip-build", *words], cwd=rows.ROOT, check=False).returncode != 0
    print(f"{noun}: {tally.right} of {tally.right + tally.wrong} rows are right, {tally.still} known ones are open "
          f"({time.monotonic() - began:.0f} s)")
    sys.exit(1 if tally.wrong else 0)


def begin(module, chosen):
    """What comes of rows, in their order, while it comes."""
    pool = concurrent.futures.ThreadPoolExecutor(getattr(module, "AT_ONCE", max(2, os.cpu_count() or 2)))
    results = pool.map(came, chosen)
    pool.shutdown(wait=False)
    return results


class Tally:
    """How many are right, wrong, and known to be wrong."""

    def __init__(self):
        self.right = self.wrong = self.still = 0

    def note(self, row, result, log):
        # What is in brackets was measured, and differs from run to run.
        is_right = re.sub(r" \[[^\]]*\]", "", result) == row.right
        if row.is_open:
            self.still += not is_right
            word = "now right" if is_right else "open"
        else:
            self.wrong += not is_right
            self.right += is_right
            word = "ok" if is_right else "WRONG"
        print(f"  {word:10}{row.name}\n            {row.command}\n            came:  {result}", flush=True)
        if not is_right:
            print(f"            right: {row.right}", flush=True)
            for line in log if word == "WRONG" else []:
                print(f"            log:   {line[:400]}", flush=True)

    def note_test(self, test):
        missing = test.missing()
        self.wrong += bool(missing)
        self.right += not missing
        print(f"  {'WRONG' if missing else 'test':10}{test.name}\n            swift test --filter "
              f"{' '.join(test.functions)}\n            right: {test.right}")
        if missing:
            print(f"            came:  there is no {', '.join(missing)}")
