"""Checks deploy/terraform. Called by scripts/check-terraform, which says what the arguments are."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flow_format
import folders
import self_check
from terraform import Absent, Terraform, running

PROJECT = Path(__file__).resolve().parents[2]
ROOT = PROJECT / "deploy/terraform"
TOOLS = PROJECT / ".build/deploy-tools"
# A plan of a large module keeps a core busy, and the machines of continuous integration have two.
WORKERS = 2
PARTS = ("folders", "moto", "plans")
# What --few leaves of each part.
FEW_MISTAKES = 1
# Environments share one composition, estate: one of them stands for all, and for it.
FEW_ENVIRONMENT = "environments/prod"
FEW_MODULES = ("kms", "network", "security-groups")
FEW_WRONG = ("kms",)
FEW_PLANS = ("dev", "prod")
FORGOTTEN = "kms"
TWINS = "dev"


def main(arguments):
    options = parse(arguments)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with tempfile.TemporaryDirectory(prefix="check-terraform.") as scratch:
        try:
            terraform = Terraform(scratch)
        except Absent as absent:
            print(f"skipped: formats, validity, tests, moto and plans of deploy/terraform: {absent}")
            return 0
        if options.parts == ["folders"] or Path(sys.prefix).resolve() == TOOLS.resolve():
            return check(terraform, options)
    # Out of the scratch place: what follows is this program again, with boto3 and moto.
    subprocess.run([PROJECT / "scripts/install-deploy-tools", "deploy-tools"], check=True)
    os.execv(TOOLS / "bin/python", [str(TOOLS / "bin/python"), "-B", *sys.argv])


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/check-terraform")
    parser.add_argument("--few", action="store_true", help="one planted mistake for each module and for one environment, the main modules in moto, plans of dev and prod")
    parser.add_argument("--only", choices=PARTS, action="append", dest="parts", help="this part; all where none is named")
    parser.add_argument("folders", nargs="*", help="below deploy/terraform: their own checks alone")
    options = parser.parse_args(arguments)
    options.known = folders.names(ROOT)
    options.chosen = [name.removeprefix("deploy/terraform/").rstrip("/") for name in options.folders] or options.known
    for name in options.chosen:
        if name not in options.known:
            parser.error(f"{name} has no versions.tf; there are {', '.join(options.known)}")
    options.parts = options.parts or (["folders"] if options.folders else list(PARTS))
    return options


def check(terraform, options):
    print(f"Terraform {terraform.version}, hashicorp/aws {terraform.provider}", flush=True)
    problems = []
    if "folders" in options.parts and not options.folders:
        problems += list(self_check.problems(terraform))
        print(f"the check of a folder finds each of {len(self_check.FAULTS)} faults" if not problems else "the check of a folder fails itself", flush=True)
    for part in options.parts:
        started = time.monotonic()
        problems += {"folders": check_folders, "moto": check_moto, "plans": check_plans}[part](terraform, options)
        print(f"{part}: {time.monotonic() - started:.0f} s\n", flush=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def few_mistakes(name):
    return 0 if name == "estate" or name.startswith("environments/") and name != FEW_ENVIRONMENT else FEW_MISTAKES


def check_folders(terraform, options):
    problems, reports = check_flow_format() if "modules/network" in options.chosen else [], []
    for report in in_order([lambda name=name: folders.check(terraform, ROOT, name, few_mistakes(name) if options.few else None) for name in options.chosen]):
        reports.append(report)
        problems += [f"{report.name}: {problem}" for problem in report.problems]
        print("\n".join([f"{report.name}: {counted(report.runs, 'run')}, {counted(report.assertions, 'assertion')}, "
                         f"{counted(report.found, 'mistake')} found{said(report)}", *report.lines]), flush=True)
    print(f"{counted(len(reports), 'folder')}: {sum(r.runs for r in reports)} test runs, {sum(r.assertions for r in reports)} assertions, "
          f"{sum(r.found for r in reports)} planted mistakes found, {sum(bool(r.problems) for r in reports)} of the folders fail", flush=True)
    return problems


def check_flow_format():
    """Only the binary can tell whether what AWS is asked for is read."""
    binary = Path(os.environ.get("TIDEWATCH_BINARY", PROJECT / ".build/debug/tidewatch"))
    if not binary.is_file():
        print(f"skipped: whether Tidewatch reads the flow logs of modules/network: there is no {binary}", flush=True)
        return []
    problems = flow_format.main(binary)
    with tempfile.TemporaryDirectory() as scratch:
        misspelt = Path(scratch) / flow_format.SAMPLE.name
        misspelt.write_text(flow_format.SAMPLE.read_text().replace("srcaddr", "sourceaddr", 1))
        if not flow_format.main(binary, misspelt):
            problems.append("a field of flow logs that nobody knows is not found")
    if not problems:
        print("modules/network: Tidewatch reads each field of its flow logs, and a field that nobody knows is found", flush=True)
    return problems


def check_moto(terraform, options):
    import apply

    carried = [name for name in apply.names() if f"modules/{name}" in options.chosen and (not options.few or name in FEW_MODULES)]
    wrong = [name for name in carried if name in apply.WRONG and (not options.few or name in FEW_WRONG)]
    work = [(f"applied, asked, planned again{'' if name in apply.NOT_DESTROYED else ', destroyed'}", lambda name=name: apply.check(terraform, ROOT, name))
            for name in carried]
    work += [("a wrong setting is found", lambda name=name: apply.check_twin(terraform, ROOT, name)) for name in wrong]
    if FORGOTTEN in carried:
        work += [("what a destroy leaves is found", lambda: apply.check_forgotten(terraform, ROOT, FORGOTTEN))]
    problems = []
    for (title, _), outcome in zip(work, in_order([each for _, each in work])):
        problems += [f"{outcome.name} in moto: {problem}" for problem in outcome.problems]
        print(f"{outcome.name} in moto, {outcome.resources} resources: {title}{said(outcome)}", flush=True)
    for name, what in apply.OFF.items():
        print(f"  left out of {name}: {what}")
    for name in apply.names():
        for kind, why in apply.LEFT_OUT.get(name, []):
            print(f"  left out of {name}: {kind}: {why}")
    for kind, attributes in apply.FORGOTTEN.items():
        print(f"  drift that is moto's: it does not give back {', '.join(sorted(attributes))} of {kind}")
    for name, why in apply.NOT_DESTROYED.items():
        print(f"  not destroyed: {name}: {why}")
    for name in sorted(each.removeprefix("modules/") for each in options.known if each.startswith("modules/")):
        if name not in apply.names():
            print(f"  not carried: {name}: {apply.NOT_CARRIED.get(name, 'it has no fixture')}")
    return problems


def check_plans(terraform, options):
    import plans

    chosen = [name for name in plans.names(ROOT) if not options.few or name in FEW_PLANS]
    work = [lambda name=name: plans.check(terraform, ROOT, name) for name in chosen]
    problems = []
    for plan in in_order([*work, lambda: plans.check(terraform, ROOT, TWINS, twins=True)]):
        problems += [f"{plan.name}, as planned: {problem}" for problem in plan.problems]
        print(f"{plan.name} is planned{' with mistakes beside it' if plan.twins else ''}: {plan.resources} resources, tags of {plan.tagged}, encryption of {plan.stores} stores, "
              f"{plan.rules} security groups and rules, boundaries of {plan.roles} roles judged{said(plan)}", flush=True)
    if not problems:
        print(f"{len(plans.FOUND)} mistakes beside {TWINS} are found in its last plan: {'; '.join(plans.FOUND)}")
    return problems


def in_order(work):
    """The results in the order of `work`, whichever is ready first."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(lambda each: each(), work)


def said(report):
    return f"{': FAILS' if report.problems else ''} ({report.seconds:.0f} s)"


def counted(count, noun):
    return f"{count} {noun}{'' if count == 1 else 's'}"


def stop(number, _):
    running.stop()
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
