"""Hostile strings through every output; see scripts/check-inert."""

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The broker and the producer of the other check.
sys.path.append(f"{ROOT}/scripts/check_faults")

import controls  # noqa: E402
import hostile  # noqa: E402
import files  # noqa: E402
import service  # noqa: E402


class Outcome:
    """What was looked at, and what acted."""

    def __init__(self):
        self.problems = 0

    def look(self, name, parse, *arguments, least=1, **options):
        """Parses an output, of which there has to be something."""
        try:
            found = parse(*arguments, **options)
        except Exception as error:  # Whatever a parser meets, the others are to be tried too.
            self.problems += 1
            print(f"  ACTIVE  {name}: {type(error).__name__}: {str(error)[:600]}", flush=True)
            if not isinstance(error, ValueError):
                traceback.print_exc()
            return None
        count = len(found) if hasattr(found, "__len__") else 1
        if count < least:
            self.problems += 1
            print(f"  SHORT   {name}: {count}, expected {least} or more", flush=True)
        else:
            print(f"  inert   {name}: {count}", flush=True)
        return found

    def expect(self, name, came, right):
        if came != right:
            self.problems += 1
            print(f"  WRONG   {name}: {came!r:.300}, expected {right!r:.300}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/check-inert")
    parser.add_argument("--strings", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", metavar="FOLDER", help="leave all files here")
    options = parser.parse_args()
    began = time.monotonic()
    texts = hostile.strings(options.strings, options.seed)
    print(f"{len(texts)} strings of seed {options.seed}: {', '.join(hostile.KINDS)}; {hostile.LARGE} of a megabyte")
    outcome = Outcome()
    folder = options.keep or tempfile.mkdtemp(prefix="check-inert-")
    os.makedirs(folder, exist_ok=True)
    controls.check(outcome)
    try:
        files.check(outcome, folder, texts)
        service.check(outcome, folder, texts)
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    seconds = time.monotonic() - began
    print(f"{outcome.problems} problems in {seconds:.0f} s")
    sys.exit(1 if outcome.problems else 0)


if __name__ == "__main__":
    main()
