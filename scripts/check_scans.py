"""Runs checkov, holds its report against the written exceptions, and sees that it finds what is planted. Called by scripts/check-scans."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# Each with the folder of what it is to parse: checkov tries every YAML file as a template of CloudFormation, too.
FRAMEWORKS = {"terraform": "terraform/", "kubernetes": "kubernetes/", "dockerfile": "", "github_actions": ".github/", "cloudformation": "cdk/"}
NO_REASON = "No comment provided"

# What can't say its exception where it stands: (framework, check, the end of the resource's address, why).
EXCEPTIONS = [
    ("dockerfile", "CKV_DOCKER_7", "Dockerfile.FROM", "base images are arguments with a version each, so that a digest can take their place"),
    ("kubernetes", "CKV_K8S_11", "Deployment.tidewatch.tidewatch", "without a limit, a backlog is worked off with all that the node has to spare"),
    ("github_actions", "CKV_GHA_7", "on(rollback)", "who takes a release back says which one it goes back to"),
    ("cloudformation", "CKV_AWS_111", "", "X-Ray and a function's network interfaces know no resources"),
    ("cloudformation", "CKV_AWS_116", "", "API Gateway waits for the answer, and queues and topics of Kafka have dead letters of their own"),
]

# Planted beside what is scanned: what each framework must find in it.
TWINS = {
    "terraform/twin/main.tf": ('resource "aws_ebs_volume" "twin" {\n  availability_zone = "us-east-1a"\n  size              = 1\n}\n\n'
                               'resource "aws_sns_topic" "twin" {\n  #checkov:skip=CKV_AWS_26\n  name = "twin"\n}\n', "CKV_AWS_3"),
    "kubernetes/twin.yaml": ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: twin\nspec:\n  containers:\n    - name: twin\n      image: twin:1\n"
                             "      securityContext:\n        privileged: true\n", "CKV_K8S_16"),
    "twin/Dockerfile": ("FROM debian:12\nRUN sudo true\n", "CKV_DOCKER_3"),
    ".github/workflows/twin.yml": ("name: twin\non: push\npermissions: write-all\njobs:\n  twin:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: 'true'\n", "CKV2_GHA_1"),
    "cdk/twin.template.json": ('{"Resources": {"Twin": {"Type": "AWS::EC2::Volume", "Properties": {"AvailabilityZone": "us-east-1a", "Size": 1}}}}', "CKV_AWS_3"),
    "terraform/twin/broken.tf": ('resource "aws_ebs_volume" {{{\n', None),
}


def main(scratch):
    ignore = shutil.ignore_patterns("tests", ".terraform", "*.tfstate*", ".terraform.lock.hcl")
    shutil.copytree(PROJECT / "deploy/terraform", scratch / "terraform", ignore=ignore)
    shutil.copytree(PROJECT / ".github", scratch / ".github")
    shutil.copy(PROJECT / "deploy/Dockerfile", scratch / "Dockerfile")
    for file, (text, _) in TWINS.items():
        (scratch / file).parent.mkdir(parents=True, exist_ok=True)
        (scratch / file).write_text(text)
    shutil.rmtree(scratch / "out", ignore_errors=True)
    reports = scan(scratch)
    problems = [problem for report in reports for problem in judge(report)] + list(missing(reports))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def scan(scratch):
    done = subprocess.run([PROJECT / ".build/checkov-tools/bin/checkov", "--directory", ".", "--framework", *FRAMEWORKS, "--output", "json",
                           "--compact", "--skip-download", "--soft-fail"], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=1800)
    try:
        reports = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"checkov printed no report (exit status {done.returncode})\n{done.stderr[-3000:]}")
    return reports if isinstance(reports, list) else [reports]


def judge(report):
    """What has no exception, and what was not parsed; prints what was counted."""
    framework, results = report["check_type"], report["results"]
    unparsed = [file for file in results["parsing_errors"] if "twin" not in file and file.lstrip("./").startswith(FRAMEWORKS[framework].lstrip("."))]
    for file in unparsed:
        yield f"checkov can't parse {file}"
    failed = [each for each in results["failed_checks"] if "twin" not in each["file_path"]]
    skipped = [each for each in results["skipped_checks"] if "twin" not in each["file_path"]]
    passed = [each for each in results["passed_checks"] if "twin" not in each["file_path"]]
    used = Counter()
    for each in failed:
        reason = next((why for of, check, end, why in EXCEPTIONS if (of, check) == (framework, each["check_id"]) and each["resource"].endswith(end)), None)
        if reason:
            used[each["check_id"], reason] += 1
        else:
            yield f"{each['check_id']} {each['check_name']}: {each['resource']} in {each['file_path']}:{each['file_line_range'][0]}"
    for each in skipped:
        if without_reason(each):
            yield f"{each['check_id']} is skipped without a reason: {each['resource']} in {each['file_path']}"
    for of, check, _, why in EXCEPTIONS:
        if of == framework and (check, why) not in used:
            yield f"{check} finds nothing any more: scripts/check_scans.py has an exception without use"
    print(f"checkov, {framework}: {len(passed)} checks passed, {len(skipped)} excepted where they stand, {sum(used.values())} excepted in scripts/check_scans.py, "
          f"{len(failed) - sum(used.values())} failed, {len(unparsed)} files not parsed")
    for (check, reason), count in sorted(used.items()):
        print(f"  {check}, {count} times: {reason}")
    for (check, reason), count in sorted(Counter((each["check_id"], each["check_result"].get("suppress_comment", "")) for each in skipped).items()):
        print(f"  {check}, {count} times: {reason.strip()}")


def without_reason(each):
    return each["check_result"].get("suppress_comment", "").strip() in ("", NO_REASON)


def missing(reports):
    """What is planted and not found."""
    for file, (_, check) in TWINS.items():
        found = [each for report in reports for each in report["results"]["failed_checks"] if each["file_path"].endswith(Path(file).name)]
        unparsed = [each for report in reports for each in report["results"]["parsing_errors"] if each.endswith(Path(file).name)]
        if not (unparsed if check is None else check in {each["check_id"] for each in found}):
            yield f"checkov does not find the mistake planted as {file}: {check or 'it cannot be parsed'}"
    if not any(without_reason(each) for report in reports for each in report["results"]["skipped_checks"] if "twin" in each["file_path"]):
        yield "an exception without a reason is not found"
    if not reports:
        yield "checkov reports nothing"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
