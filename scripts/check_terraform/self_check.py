"""That each step of the check of a folder can say no: folders with one fault each, which needs no provider but Terraform's own."""

import re
import shutil

import folders

WHOLE = {
    "versions.tf": 'terraform {\n  required_version = ">= 1.6"\n}\n',
    "main.tf": 'resource "terraform_data" "bucket" {\n  input = { public = false }\n}\n',
    "tests/bucket.tftest.hcl": '''run "private" {
  command = plan

  assert {
    condition     = !terraform_data.bucket.input.public
    error_message = "the bucket can be read by the public"
  }
}
''',
    "tests/mistakes/public_override.tf": '''# finds: the bucket can be read by the public
resource "terraform_data" "bucket" {
  input = { public = true }
}
''',
}

MISTAKE = "tests/mistakes/public_override.tf"
# The file that is exchanged, what stands in it then (None: it is missing), and what must be said.
FAULTS = {
    "bad format": ("main.tf", 'resource "terraform_data"   "bucket" {\ninput = { public = false }\n}\n', "terraform fmt fails"),
    "a mistake's bad format": (MISTAKE, WHOLE[MISTAKE].replace("  input", "input"), "terraform fmt fails"),
    "a mistake that is no HCL": (MISTAKE, WHOLE[MISTAKE].replace(" {\n", " \n"), "terraform fmt fails"),
    "an invalid argument": ("main.tf", WHOLE["main.tf"].replace("input", "inputs"), "terraform validate fails"),
    "a failing assertion": ("main.tf", WHOLE["main.tf"].replace("false", "true"), "the bucket can be read by the public"),
    "no tests": ("tests/bucket.tftest.hcl", None, "runs 0 runs with 0 assertions"),
    "no mistakes": (MISTAKE, None, "no planted mistake"),
    "a mistake that nothing finds": (MISTAKE, WHOLE[MISTAKE].replace("true", "false"), "every test passes"),
    "a mistake found as another": (MISTAKE, WHOLE[MISTAKE].replace("by the public\n", "by all\n"), "is not found as"),
    "a mistake that is invalid": (MISTAKE, WHOLE[MISTAKE].replace("true", "var.missing"), "but breaks the module"),
    "a mistake that says nothing": (MISTAKE, WHOLE[MISTAKE].partition("\n")[2], "does not say"),
}


def problems(terraform):
    """Faults that are not found, and whether the folder without a fault passes."""
    root = terraform.scratch / "self-check"
    for title, (name, text, wanted) in {"nothing": ("main.tf", WHOLE["main.tf"], None), **FAULTS}.items():
        folder = re.sub(r"\W", "-", title)
        for file, content in {**WHOLE, name: text}.items():
            if content is not None:
                (root / folder / file).parent.mkdir(parents=True, exist_ok=True)
                (root / folder / file).write_text(content)
        said = folders.check(terraform, root, folder).problems
        shutil.rmtree(root)
        if wanted is None and said:
            yield f"the check refuses a folder without a fault: {said}"
        elif wanted is not None and not any(wanted in each for each in said):
            yield f"the check does not find {title} as `{wanted}`: {said or 'no problem'}"
