"""Format, validity and tests of a folder, and that its tests find the mistakes that are planted in it."""

import json
import re
import shutil
import time
from dataclasses import dataclass, field

FIRST_LINE = re.compile(r"# finds: (.+)\n")
# What says no when a promise is broken; any other error means that the planted mistake is itself broken.
REFUSALS = {"Test assertion failed", "Missing expected failure", "Resource precondition failed", "Resource postcondition failed",
            "Module output value precondition failed", "Invalid value for variable", "Check block assertion failed"}


@dataclass
class Report:
    name: str
    lines: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    runs: int = 0
    assertions: int = 0
    found: int = 0
    seconds: float = 0


def names(root):
    """What can be planned: folders with versions.tf, which names Terraform's and the provider's versions."""
    return sorted(str(file.parent.relative_to(root)) for file in root.glob("**/versions.tf") if ".terraform" not in file.parts)


def copy(root, name, scratch):
    """A copy of the whole of Terraform's folder, since modules are named by relative paths; and the place of `name` in it."""
    into = scratch / ("folder-" + name.replace("/", "-"))
    shutil.copytree(root, into, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", ".terraform.lock.hcl"))
    return into, into / name


def check(terraform, root, name, most=None):
    """All that is checked of one folder; of its mistakes the first `most`."""
    report = Report(name)
    started = time.monotonic()
    into, place = copy(root, name, terraform.scratch)
    try:
        check_copy(terraform, place, report, most)
    finally:
        shutil.rmtree(into, ignore_errors=True)
    report.seconds = time.monotonic() - started
    return report


def check_copy(terraform, place, report, most):
    for arguments in (["fmt", "-check", "-diff", "-recursive"], ["init", "-backend=false"], ["validate"]):
        status, output = terraform.run(place, *arguments)
        if status != 0:
            report.problems.append(f"terraform {arguments[0]} fails\n{output}")
            return
    files = sorted((place / "tests").glob("*.tftest.hcl"))
    text = "\n".join(file.read_text() for file in files)
    report.assertions = len(re.findall(r"^\s*assert\s*\{", text, re.M)) + len(re.findall(r"^\s*expect_failures\s*=", text, re.M))
    passed, errors, output = test(terraform, place)
    if errors or passed == 0 or report.assertions == 0:
        said = "\n".join(f"  {where}: {summary}: {detail}" for where, summary, detail in errors)
        report.problems.append(f"terraform test fails\n{said}" if said else
                               f"terraform test runs {passed} runs with {report.assertions} assertions\n{output if not files else ''}")
        return
    report.runs = passed
    check_mistakes(terraform, place, report, most)


def check_mistakes(terraform, place, report, most):
    mistakes = sorted((place / "tests/mistakes").glob("*_override.tf"))
    if not mistakes:
        report.problems.append("no planted mistake: tests/mistakes/*_override.tf")
    for mistake in mistakes[:most]:
        wanted = FIRST_LINE.match(mistake.read_text())
        if not wanted:
            report.problems.append(f"{mistake.name} does not say `# finds: MESSAGE` in its first line")
            continue
        (place / mistake.name).write_text(mistake.read_text())
        kept = {file: file.read_text() for file in (place / "tests").glob("*.tftest.hcl")}
        only_runs_that_say(wanted[1], kept)
        _, errors, _ = test(terraform, place)
        (place / mistake.name).unlink()
        for file, text in kept.items():
            file.write_text(text)
        said = "\n".join(f"  {where}: {summary}: {detail}" for where, summary, detail in errors)
        if any(summary not in REFUSALS for _, summary, _ in errors):
            report.problems.append(f"{mistake.name} is no mistake that tests can judge, but breaks the module\n{said}")
        elif not any(wanted[1] in detail for _, _, detail in errors):
            report.problems.append(f"{mistake.name} is not found as `{wanted[1]}`" + (f", but as\n{said}" if said else ": every test passes"))
        else:
            report.found += 1
            report.lines.append(f"  {mistake.name} is found: {wanted[1]}")


def only_runs_that_say(message, files):
    """Leaves in the tests the runs that have the message, where some do and no run uses another's results: a run takes a second."""
    if message not in "".join(files.values()) or re.search(r"\brun\.\w", "".join(files.values())):
        return
    for file, text in files.items():
        # `terraform fmt` has put a block's end at the start of a line, and nothing else there.
        file.write_text(re.sub(r'^run "[^"]*" \{\n.*?^\}\n', lambda run: run[0] if message in run[0] else "", text, flags=re.M | re.S))


def test(terraform, place):
    """How many runs passed, the errors as (where, summary, detail), and what was printed."""
    status, output = terraform.run(place, "test", "-json")
    passed, errors = 0, []
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("type") == "test_summary":
            passed = event["test_summary"]["passed"]
        diagnostic = event.get("diagnostic")
        if diagnostic and diagnostic["severity"] == "error":
            range_ = diagnostic.get("range") or {}
            where = f"{range_.get('filename', '')}:{range_.get('start', {}).get('line', '')} {event.get('@testrun', '')}".strip(": ")
            errors.append((where, diagnostic["summary"], " ".join(diagnostic.get("detail", "").split())))
    if status != 0 and not errors:
        errors.append((place.name, "terraform test ended with no word of its own", output[-4000:]))
    return passed, errors, output
