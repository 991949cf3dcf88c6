"""Format, validity, tests and planted mistakes of each folder of deploy/terraform. Called by scripts/check-terraform."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "deploy/terraform"
FIRST_LINE = re.compile(r"# finds: (.+)\n")


def main(names):
    mirror = next(iter(sorted(Path("/opt/tf-plugins").glob("*/hashicorp/aws"))), None)
    with tempfile.TemporaryDirectory() as scratch:
        configuration = Path(scratch) / "terraformrc"
        configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror.parents[2]}"\n  }}\n}}\ndisable_checkpoint = true\n')
        os.environ.update(TF_CLI_CONFIG_FILE=str(configuration), TF_IN_AUTOMATION="1", NO_COLOR="1")
        problems = []
        for folder in [TERRAFORM / name for name in names] or folders():
            problems += [f"{folder.relative_to(TERRAFORM)}: {problem}" for problem in check(folder, Path(scratch))]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def folders():
    return sorted({file.parent for file in TERRAFORM.glob("**/versions.tf") if ".terraform" not in file.parts})


def check(folder, scratch):
    name = folder.relative_to(TERRAFORM)
    copy = scratch / "terraform"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(TERRAFORM, copy, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    place = copy / name
    for arguments in (["fmt", "-check", "-diff", "-recursive"], ["init", "-backend=false", "-input=false"], ["validate"], ["test"]):
        status, output = terraform(place, arguments)
        if status != 0:
            yield f"terraform {arguments[0]} fails\n{output}"
            return
    print(f"{name}: {re.findall(r'(?:Success|Failure)!.*', output)[-1]}", flush=True)
    mistakes = sorted((place / "tests/mistakes").glob("*_override.tf"))
    if not mistakes:
        yield "no planted mistake: tests/mistakes/*_override.tf"
    for mistake in mistakes:
        wanted = FIRST_LINE.match(mistake.read_text())
        if not wanted:
            yield f"{mistake.name} does not say `# finds: MESSAGE` in its first line"
            continue
        planted = shutil.copy(mistake, place / mistake.name)
        status, output = terraform(place, ["test"])
        os.remove(planted)
        plain = " ".join(re.sub(r"[│╷╵]", " ", output).split())
        if status == 0 or wanted[1] not in plain:
            yield f"{mistake.name} is not found as `{wanted[1]}`\n{output}"
        else:
            print(f"{name}: {mistake.name} is found", flush=True)


def terraform(place, arguments):
    done = subprocess.run(["terraform", *arguments], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
