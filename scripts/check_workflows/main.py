"""Called by scripts/check-workflows, which says what it is for."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rules
from mistakes import MISTAKES
from tree import Tree
from yaml import YAMLError

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
# A finding that is let be has its reason beside it: `# zizmor: ignore[audit] why`.
EXCEPTION = re.compile(r"# zizmor: ignore(\[[\w,-]+\])?(.*)")


def main():
    parser = argparse.ArgumentParser(prog="scripts/check-workflows")
    parser.add_argument("--no-tests", action="store_true")
    options = parser.parse_args()
    # They wait more than they compute.
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(4) as pool:
        modules = [] if options.no_tests else sorted(path.stem for path in (ROOT / "deploy/scripts/tests").glob("test_*.py"))
        # The longest first, so that the others run beside it.
        modules.sort(key=lambda name: not name.startswith("test_deploy"))
        testing = [(name, pool.submit(tested, name, Path(scratch) / f"{name}.names")) for name in modules]
        problems = linted(ROOT) + exceptions(ROOT)
        try:
            tree = Tree(ROOT)
        except YAMLError as error:
            print(*problems, f"{error}", sep="\n", file=sys.stderr)
            return 1
        found = rules.problems(tree)
        print(f"{len(tree.workflows)} workflows: zizmor offline, actionlint, {len(rules.RULES)} rules of our own", flush=True)
        ran = set()
        for name, future in testing:
            started, failures, text = future.result()
            ran |= started
            print(text, flush=True)
            problems += failures
        if not options.no_tests:
            problems += rules.untested(tree, ran)
        problems += found + planted(ran)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def linted(root):
    return zizmor(root) + actionlint(root)


def zizmor(root):
    return findings("zizmor", [TOOLS / "zizmor", "--offline", "--no-progress", "--quiet", "--color=never", root / ".github"])


def actionlint(root):
    files = sorted((root / ".github/workflows").glob("*.yml"))
    return findings("actionlint", [TOOLS / "actionlint", "-no-color", *files])


def findings(name, command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    return [f"{name}:\n{(done.stdout + done.stderr).strip()}"] if done.returncode else []


def exceptions(root):
    """An exception names its audit and says why."""
    return [
        f"{path.name}:{number}: an exception from zizmor without an audit or a reason"
        for path in sorted((root / ".github").rglob("*.yml")) for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := EXCEPTION.search(line)) and (not found[1] or len(found[2].split()) < 3)]


def tested(module, names):
    """(scripts that were started, problems, a line)"""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-B", Path(__file__).with_name("run_tests.py"), ROOT, names, module],
                          capture_output=True, text=True, timeout=1800)
    started = set(names.read_text().split()) if names.is_file() else set()
    count = re.search(r"Ran (\d+) tests?", done.stderr)
    text = f"{module}: {count[0] if count else 'no test ran'}, {time.monotonic() - began:.0f} s"
    times = re.findall(r"rolled back in ([\d.]+) s$", done.stdout, re.M)
    if times:
        text += f"; {len(times)} releases taken back within {max(map(float, times)):.1f} s"
    skipped = re.search(r"skipped=\d+", done.stderr)
    text += f"; {skipped[0]}" if skipped else ""
    bad = done.returncode or not count or count[1] == "0"
    return started, [f"{module}:\n{done.stdout}{done.stderr}"] if bad else [], text


def planted(ran):
    """Each mistake alone, in a copy; what was not found is a problem."""
    problems = []
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        for problem in pool.map(lambda each: missed(Path(scratch) / str(each[0]), ran, *each[1]), enumerate(MISTAKES)):
            problems += problem
    print(f"{len(MISTAKES) - len(problems)} of {len(MISTAKES)} planted mistakes are found", flush=True)
    return problems


def missed(root, ran, finder, file, what, other, said):
    shutil.copytree(ROOT / ".github", root / ".github")
    for name in ("Makefile", "scripts", "deploy"):
        (root / name).symlink_to(ROOT / name)
    path = root / ".github/workflows" / file
    text = path.read_text()
    if what not in text:
        return [f"{file}: there is no {what!r} in which a mistake could be planted"]
    path.write_text(text.replace(what, other, 1))
    finds = {
        "zizmor": lambda: zizmor(root), "actionlint": lambda: actionlint(root), "rules": lambda: rules.problems(Tree(root)),
        "untested": lambda: rules.untested(Tree(root), ran)}
    found = finds[finder]()
    return [] if any(said in each for each in found) else [f"{file}: {finder} does not find the mistake {other.strip()!r} ({said}): {found}"]


if __name__ == "__main__":
    sys.exit(main())
