"""Runs the rows; see scripts/check-faults."""

import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time

import auditing
import counting
import decoding
import live
import rows
import safety
import still_open
import times

GROUPS = [("Counting", counting), ("Time", times), ("Decoding", decoding), ("Audit", auditing),
          ("Settings and files", safety), ("Over Kafka", live), ("Open", still_open)]


def came(row):
    with tempfile.TemporaryDirectory(prefix="check-faults-") as folder:
        data = row.data if isinstance(row.data, bytes) else row.data.encode("utf-8", "surrogatepass")
        try:
            return row.look(folder, data)
        except (OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
            return f"{type(error).__name__}: {error}"[:300]


def main():
    parser = argparse.ArgumentParser(prog="scripts/check-faults")
    parser.add_argument("--only", metavar="TEXT", help="rows and groups whose name holds TEXT")
    parser.add_argument("--tests", action="store_true", help="also run the tests that are named (those of `make unit`)")
    options = parser.parse_args()
    if not os.access(rows.BINARY, os.X_OK):
        sys.exit(f"{rows.BINARY} is not there: run 'swift build'")
    began = time.monotonic()
    wrong = right = still = 0
    functions = []
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        for title, module in GROUPS:
            chosen = [row for row in module.ROWS if not options.only or options.only in row.name or options.only in title]
            if not chosen and options.only:
                continue
            print(title, flush=True)
            for row, result in zip(chosen, pool.map(came, chosen)):
                is_right = result == row.right
                if row.is_open:
                    still += not is_right
                    word = "now right" if is_right else "open"
                else:
                    wrong += not is_right
                    right += is_right
                    word = "ok" if is_right else "WRONG"
                print(f"  {word:10}{row.name}\n            {row.command}\n            came:  {result}", flush=True)
                if not is_right:
                    print(f"            right: {row.right}", flush=True)
            for test in module.TESTS if not options.only else []:
                missing = test.missing()
                functions += test.functions
                wrong += bool(missing)
                right += not missing
                print(f"  {'WRONG' if missing else 'test':10}{test.name}\n            swift test --filter "
                      f"{' '.join(test.functions)}\n            right: {test.right}")
                if missing:
                    print(f"            came:  there is no {', '.join(missing)}")
    if options.tests and functions:
        words = [word for name in functions for word in ("--filter", name.replace("/", ".*"))]
        wrong += subprocess.run(["swift", "test", "--skip-build", *words], cwd=rows.ROOT, check=False).returncode != 0
    print(f"faults: {right} of {right + wrong} rows are right, {still} known ones are open "
          f"({time.monotonic() - began:.0f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
