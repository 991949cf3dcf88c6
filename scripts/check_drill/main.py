"""Drills of recovery by the commands of deploy/runbooks: how long each takes, what is missing then, and whether planted mistakes are found."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from commands import Failed
from drill import Drill, Finding
from drills import BY_APPLY, DRILLS, ON_PAPER, PLANTED
from runbook import FOLDER, Runbook

PATIENCE_SECONDS = 90
# A planted mistake is not waited for as long: what isn't there after as long as the drill itself takes doesn't come.
PLANTED_PATIENCE_SECONDS = 40
FEW = ["changelog", "bucket", *ON_PAPER], ["one-name", "lose-a-message", "silent-canary", "wrong-names"]
# Blocks of runbooks that were run.
FOLLOWED = set()


def run(name, folder, planted=None):
    """What was measured; a `Finding` where it is not as promised."""
    if name in ON_PAPER:
        return ON_PAPER[name](folder, planted)
    drill = Drill(name, folder, PLANTED_PATIENCE_SECONDS if planted else PATIENCE_SECONDS, brokers=2 if name == "region" else 1, colours=name not in BY_APPLY)
    try:
        DRILLS[name](drill, planted)
        return drill.measured
    except (Failed, Finding) as error:
        raise Finding(str(error), drill.cluster.log()) from error
    finally:
        FOLLOWED.update(drill.followed)
        drill.end()


def not_followed():
    """Blocks that are marked as practised, and were not."""
    marked = {(path.stem, block) for path in FOLDER.glob("*.md") for block in Runbook(path.stem).blocks}
    return sorted(f"{name}.md: {block}" for name, block in marked - FOLLOWED if (name, block) != ("README", "environment"))


def seconds(value):
    return f"{value:.1f} s" if value is not None else "–"


def missing(measured):
    return f"{measured['missing minutes']} min" if "missing minutes" in measured else "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=[*DRILLS, *ON_PAPER])
    parser.add_argument("--few", action="store_true", help="what continuous integration has the time for")
    parser.add_argument("--planted", choices=PLANTED, help="make this mistake alone, and show what is found")
    parser.add_argument("--keep", help="keep logs here")
    options = parser.parse_args()
    # Members are processes of their own, and are ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(options.keep or tempfile.mkdtemp(prefix="tidewatch-drill-")).resolve()
    failed = False
    try:
        drills, mistakes = FEW if options.few else ([*DRILLS, *ON_PAPER], list(PLANTED))
        if options.only or options.planted:
            drills, mistakes = options.only or [], [options.planted] if options.planted else []
        print(f"{'LOST':<14}{'REPORT':>10}{'PAGE':>10}{'MISSING':>12}{'REPEATED':>10}")
        for name in drills:
            try:
                measured = run(name, folder / name)
                print(f"{name:<14}{seconds(measured.get('first correct report')):>10}{seconds(measured.get('first page')):>10}"
                      f"{missing(measured):>12}{measured.get('repeated pages', '–'):>10}", flush=True)
            except Finding as finding:
                failed = True
                print(f"{name:<14} FAILED: {finding}", flush=True)
        for name in mistakes:
            drill, says, logged = PLANTED[name]
            try:
                run(drill, folder / f"planted-{name}", name)
                failed = True
                print(f"planted {name}: NOT FOUND by {drill}", flush=True)
            except Finding as finding:
                found = says in str(finding) and any(text in finding.log for text in logged)
                failed = failed or not found
                print(f"planted {name}: {'found' if found else 'NOT FOUND, but'} by {drill}: {finding}", flush=True)
        if drills == [*DRILLS, *ON_PAPER] and not failed and (left := not_followed()):
            failed = True
            print(f"marked as practised, and not run: {', '.join(left)}")
    finally:
        if not options.keep and not failed:
            shutil.rmtree(folder, ignore_errors=True)
    if failed:
        print(f"logs are in {folder}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
