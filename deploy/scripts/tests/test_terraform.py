"""deploy/scripts/terraform against a terraform and an aws that write down how they were called."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "terraform"
REPOSITORY = SCRIPT.parents[2]

# Answers from the environment, by command; plan writes the file that it was told to.
FAKE = f"""#!{sys.executable}
import json, os, sys
tool, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps([tool, *arguments, "account " + os.environ.get("TF_VAR_account_id", "unknown")]) + "\\n")
folder = next((word[7:] for word in arguments if word.startswith("-chdir=")), ".")
command = next(word for word in arguments if not word.startswith("-"))
if tool == "aws":
    print(os.environ["ACCOUNT"])
elif command == "version":
    print(json.dumps({{"terraform_version": os.environ["VERSION"]}}))
elif command == "plan":
    for word in arguments:
        if word.startswith("-var-file="):
            with open(word[10:]) as values, open(os.environ["CALLS"], "a") as calls:
                calls.write(json.dumps(["values", json.load(values)]) + "\\n")
    out = next(word[5:] for word in arguments if word.startswith("-out="))
    open(os.path.join(folder, out), "w").write("plan")
sys.exit(int(os.environ.get("STATUS_" + command.upper(), "2" if command == "plan" else "0")))
"""


class TerraformScriptTests(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.environments = self.root / "deploy/terraform/environments"
        for name in ("dev", "staging", "prod", "prod-dr"):
            (self.environments / name).mkdir(parents=True)
            (self.environments / name / "versions.tf").touch()
        (self.environments / "prod/terraform.tfvars").write_text('owner = "platform"\naccount_id    = "123456789012"\n')
        self.script = self.root / "deploy/scripts/terraform"
        self.script.parent.mkdir()
        shutil.copy(SCRIPT, self.script)
        self.tools = self.root / "tools"
        self.tools.mkdir()
        for tool in ("terraform", "aws"):
            (self.tools / tool).write_text(FAKE)
            (self.tools / tool).chmod(0o755)
        self.calls_file = self.root / "calls"

    def run_script(self, *arguments, answer="", **environment):
        own = {"PATH": str(self.tools), "CALLS": str(self.calls_file), "ACCOUNT": "123456789012", "VERSION": "1.11.4", **environment}
        return subprocess.run([sys.executable, str(self.script), *arguments], input=answer, env=own, cwd=self.root, capture_output=True, text=True, timeout=600)

    def calls(self, command=None):
        lines = [json.loads(line) for line in self.calls_file.read_text().splitlines()] if self.calls_file.exists() else []
        return [line for line in lines if command is None or command in line]

    def assertRefused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def plan_file(self, name="prod"):
        return self.environments / name / f"{name}.tfplan"

    def test_plan_initialises_with_the_accounts_bucket_and_keeps_the_plan(self):
        done = self.run_script("plan", "prod")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.plan_file().exists())
        self.assertIn("-backend-config=bucket=tidewatch-state-123456789012-us-east-1", self.calls("init")[0])
        self.assertIn("-reconfigure", self.calls("init")[0])
        self.assertFalse([call for call in self.calls() if "-migrate-state" in call])
        self.assertIn("-out=prod.tfplan", self.calls("plan")[0])
        self.assertIn("account 123456789012", self.calls("plan")[0])
        self.assertIn("make apply ENV=prod", done.stdout)
        self.assertFalse(self.calls("apply"))

    def test_plan_without_the_accounts_own_file_takes_its_values_from_the_environment(self):
        values = json.dumps({"staging": {"owner": "web", "edge": {"domain": "telemetry.example.org"}}, "prod": {"owner": "other"}})
        done = self.run_script("plan", "staging", TERRAFORM_VARIABLES=values)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.calls("values"), [["values", {"owner": "web", "edge": {"domain": "telemetry.example.org"}}]])
        self.assertNotIn("without", done.stdout)

    def test_values_of_the_environment_take_no_place_of_the_accounts_own_file(self):
        done = self.run_script("plan", "prod", TERRAFORM_VARIABLES='{"prod": {"owner": "other"}}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(self.calls("values"))

    def test_plan_without_any_values_says_that_it_is_none_of_what_is_there(self):
        for values in ({}, {"TERRAFORM_VARIABLES": ""}, {"TERRAFORM_VARIABLES": '{"prod": {}}'}):
            done = self.run_script("plan", "staging", **values)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("staging is planned without values of its own", done.stdout)

    def test_values_that_are_none_are_refused(self):
        for values in ("{", "[]", '{"staging": []}'):
            self.assertRefused(self.run_script("plan", "staging", TERRAFORM_VARIABLES=values), "TERRAFORM_VARIABLES")
            self.assertFalse(self.calls("plan"))

    def test_plan_without_a_change_leaves_nothing_to_apply(self):
        done = self.run_script("plan", "prod", STATUS_PLAN="0")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(self.plan_file().exists())
        self.assertIn("nothing to apply", done.stdout)

    def test_plan_that_fails_leaves_no_former_plan(self):
        self.plan_file().write_text("former")
        self.assertRefused(self.run_script("plan", "prod", STATUS_PLAN="1"), "There is no plan")
        self.assertFalse(self.plan_file().exists())

    def test_apply_takes_the_plans_file_and_nothing_else_once(self):
        self.plan_file().write_text("plan")
        done = self.run_script("apply", "prod", answer="prod\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.calls("apply")[0][-2:], ["prod.tfplan", "account 123456789012"])
        self.assertNotIn("-auto-approve", self.calls("apply")[0])
        self.assertLess(self.calls().index(self.calls("show")[0]), self.calls().index(self.calls("apply")[0]))
        self.assertFalse(self.plan_file().exists())

    def test_apply_without_a_plan_is_refused(self):
        self.assertRefused(self.run_script("apply", "prod", answer="prod\n"), "make plan ENV=prod")
        self.assertFalse(self.calls("apply"))

    def test_prods_name_has_to_be_typed(self):
        for answer in ("yes\n", "y\n", "", "prod-dr\n"):
            self.plan_file().write_text("plan")
            self.assertRefused(self.run_script("apply", "prod", answer=answer), "nothing was done")
        self.assertFalse(self.calls("apply"))
        self.assertTrue(self.plan_file().exists())

    def test_others_are_asked_for_yes(self):
        self.plan_file("dev").write_text("plan")
        self.assertRefused(self.run_script("apply", "dev", answer="\n"), "nothing was done")
        self.assertEqual(self.run_script("apply", "dev", answer="yes\n").returncode, 0)

    def test_auto_is_for_ci_alone(self):
        self.plan_file().write_text("plan")
        self.assertRefused(self.run_script("apply", "prod", "--auto"), "CI")
        self.assertFalse(self.calls())
        self.assertEqual(self.run_script("apply", "prod", "--auto", CI="true").returncode, 0)
        self.assertEqual(len(self.calls("apply")), 1)

    def test_apply_that_fails_keeps_the_plan_and_says_what_to_do(self):
        self.plan_file().write_text("plan")
        self.assertRefused(self.run_script("apply", "prod", answer="prod\n", STATUS_APPLY="1"), "make plan ENV=prod")
        self.assertTrue(self.plan_file().exists())

    def test_another_accounts_credentials_do_nothing(self):
        self.assertRefused(self.run_script("plan", "prod", ACCOUNT="999999999999"), "999999999999", "123456789012")
        self.assertFalse(self.calls("init"))

    def test_account_by_option_wins_over_the_file(self):
        self.assertRefused(self.run_script("plan", "prod", "--account", "999999999999"), "is in 999999999999")

    def test_prod_needs_to_know_its_account(self):
        self.assertRefused(self.run_script("plan", "prod-dr"), "account_id", "terraform.tfvars")
        self.assertEqual(self.run_script("plan", "prod-dr", TF_VAR_account_id="123456789012").returncode, 0)
        self.assertEqual(self.run_script("plan", "dev").returncode, 0)

    def test_unknown_environment_is_named_with_those_there_are(self):
        self.assertRefused(self.run_script("plan", "prd"), "`prd`", "dev, prod, prod-dr, staging", "Did you mean prod?")
        self.assertRefused(self.run_script("plan", ""), "Which environment?", "ENV=staging")
        self.assertRefused(self.run_script("plan", "../modules"), "There is no environment")
        self.assertFalse(self.calls())

    def test_old_terraform_is_refused(self):
        for version in ("1.10.5", "1.9.99"):
            self.assertRefused(self.run_script("plan", "prod", VERSION=version), version, "1.11.0")
        self.assertEqual(self.run_script("plan", "prod", VERSION="1.12.0-beta1").returncode, 0)

    def test_missing_tools_are_named(self):
        (self.tools / "aws").unlink()
        self.assertRefused(self.run_script("plan", "prod"), "`aws` is not on the PATH")
        (self.tools / "terraform").unlink()
        self.assertRefused(self.run_script("plan", "prod"), "`terraform` is not on the PATH")

    def test_missing_bucket_leads_to_bootstrap(self):
        self.assertRefused(self.run_script("plan", "prod", STATUS_INIT="1"), "tidewatch-state-123456789012-us-east-1", "deploy/terraform/bootstrap")
        self.assertFalse(self.calls("plan"))

    def test_nobody_signed_in(self):
        self.assertRefused(self.run_script("plan", "prod", STATUS_STS="255"), "sign in")

    def test_help_names_what_there_is(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("plan", "apply", "ENV", "--account", "--state-bucket", "--auto", "Exit status"):
            self.assertIn(word, done.stdout)


class RepositoryTests(unittest.TestCase):
    def test_every_environment_has_its_own_state(self):
        folders = [file.parent for file in REPOSITORY.glob("deploy/terraform/environments/*/versions.tf")]
        self.assertEqual({folder.name for folder in folders}, {"dev", "staging", "uat", "prod", "prod-dr"})
        for folder in folders:
            text = (folder / "versions.tf").read_text()
            self.assertIn(f'key          = "{folder.name}/terraform.tfstate"', text)
            self.assertIn("use_lockfile = true", text)
            self.assertIn(f'Environment = "{folder.name}"', text)
            self.assertNotRegex(text, r"\bbucket\s*=")

    @unittest.skipUnless(shutil.which("make"), "make is not on this machine")
    def test_make_hands_the_environment_over(self):
        # Run by make itself, it would say which folder it enters.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(["make", "--dry-run", "plan", "apply", "ENV=prod"], cwd=REPOSITORY, capture_output=True, text=True, env=environment)
        self.assertEqual(done.stdout.split("\n")[:2], ["deploy/scripts/terraform plan 'prod'", "deploy/scripts/terraform apply 'prod' "])


if __name__ == "__main__":
    unittest.main()
