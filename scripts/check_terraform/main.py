"""Checks deploy/terraform. Called by scripts/check-terraform, which says what the arguments are."""

import argparse
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import folders
import self_check
from terraform import Absent, Terraform, running

ROOT = Path(__file__).resolve().parents[2] / "deploy/terraform"
# A plan of a large module keeps a core busy, and the machines of continuous integration have two.
WORKERS = 2


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/check-terraform")
    parser.add_argument("--few", action="store_true", help="one planted mistake for each folder")
    parser.add_argument("folders", nargs="*", help="below deploy/terraform; all where none is named")
    options = parser.parse_args(arguments)
    known = folders.names(ROOT)
    chosen = [name.removeprefix("deploy/terraform/").rstrip("/") for name in options.folders] or known
    for name in chosen:
        if name not in known:
            parser.error(f"{name} has no versions.tf; there are {', '.join(known)}")
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with tempfile.TemporaryDirectory(prefix="check-terraform.") as scratch:
        try:
            terraform = Terraform(scratch)
        except Absent as absent:
            print(f"skipped: formats, validity, tests, moto and plans of deploy/terraform: {absent}")
            return 0
        print(f"Terraform {terraform.version}, {folders_text(chosen)}, hashicorp/aws {terraform.provider}", flush=True)
        problems = []
        if not options.folders:
            problems += timed("self-check", lambda: list(self_check.problems(terraform)))
            print(f"each of {len(self_check.FAULTS)} faults of a folder is found" if not problems else "the check itself fails", flush=True)
        problems += check_folders(terraform, chosen, 1 if options.few else None)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def check_folders(terraform, chosen, most):
    started = time.monotonic()
    problems, reports = [], []
    with ThreadPoolExecutor(WORKERS) as pool:
        # In the order of names, whichever is ready first.
        for report in pool.map(lambda name: folders.check(terraform, ROOT, name, most), chosen):
            reports.append(report)
            problems += [f"{report.name}: {problem}" for problem in report.problems]
            outcome = "FAILS" if report.problems else f"{report.runs} runs, {report.assertions} assertions, {report.found} mistakes found"
            print("\n".join([f"{report.name}: {outcome} ({report.seconds:.0f} s)", *report.lines]), flush=True)
    print(f"{folders_text(reports)}: {sum(r.runs for r in reports)} test runs, {sum(r.assertions for r in reports)} assertions, "
          f"{sum(r.found for r in reports)} planted mistakes found, {sum(bool(r.problems) for r in reports)} folders fail "
          f"({time.monotonic() - started:.0f} s)", flush=True)
    return problems


def folders_text(some):
    return f"{len(some)} folder{'' if len(some) == 1 else 's'}"


def timed(name, work):
    started = time.monotonic()
    result = work()
    print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return result


def stop(number, _):
    running.stop()
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
