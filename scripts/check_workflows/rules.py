"""What workflows must be beside what zizmor and actionlint say. Each rule yields what is wrong, in words."""

import os
import re

# What a job may do beyond reading the repository, by what it runs. Nobody else may, and nothing else is given.
ALLOWED = {
    ("id-token", "write"): {"deploy/scripts/assume-role"},
    ("pull-requests", "write"): {"deploy/scripts/plan-comment"},
    ("actions", "read"): {"deploy/scripts/deploy"},
}


def pinned(tree):
    for place, _, job in tree.jobs():
        for action in [job.get("uses", ""), *(step.get("uses", "") for step in job.get("steps", []))]:
            if action and not action.startswith("$/") and not re.search(r"@[0-9a-f]{40}$", action):
                yield f"{place}: {action} is not named by its commit"


def tokens(tree):
    for place, _, job in tree.jobs():
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
                yield f"{place}: the checkout keeps its token"


def permissions(tree):
    for name, workflow in tree.workflows.items():
        if workflow.get("permissions") != {"contents": "read"}:
            yield f"{name}: the workflow may do more than read the repository"
    for place, _, job in tree.jobs():
        ran = ran_by(tree, job)
        for key, value in (job.get("permissions") or {}).items():
            if (key, value) == ("contents", "read"):
                continue
            if (key, value) not in ALLOWED:
                yield f"{place}: no job needs {key}: {value}"
            elif not ALLOWED[key, value] & ran:
                yield f"{place}: has {key}: {value}, and runs nothing that needs it"


def ran_by(tree, job):
    """The scripts that a job runs, also by a workflow of this repository that it calls."""
    called = job.get("uses", "").removeprefix("$/.github/workflows/")
    jobs = tree.workflows[called]["jobs"].values() if called in tree.workflows else [job]
    return {script for each in jobs for script in tree.scripts(each)}


def strangers(tree):
    """A pull request of a fork must meet neither an identity nor a secret, nor a workflow that has them by its trigger."""
    for name, workflow in tree.workflows.items():
        # YAML 1.1 reads `on` as true.
        triggers = workflow.get("on", workflow.get(True))
        for trigger in {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers):
            yield f"{name}: {trigger} runs with this repository's rights what strangers write"
        if "pull_request" in triggers:
            for key, job in workflow["jobs"].items():
                text = str(job)
                if "secrets." in text:
                    yield f"{name}: job {key}: a pull request meets a secret"
                waits = {job["needs"]} if isinstance(job.get("needs"), str) else set(job.get("needs", []))
                guarded = [job, *(workflow["jobs"][each] for each in waits)]
                if any(value == "write" for value in (job.get("permissions") or {}).values()) and not any(
                        "head.repo.full_name == github.repository" in str(each.get("if", "")) for each in guarded):
                    yield f"{name}: job {key}: a fork's pull request would run it"


def limits(tree):
    for place, _, job in tree.jobs():
        if "uses" not in job and not isinstance(job.get("timeout-minutes"), int):
            yield f"{place}: has no time limit"
        if "environment" in job and "concurrency" not in job:
            yield f"{place}: two could change an environment at once"


def injections(tree):
    for place, _, job in tree.jobs():
        for step in job.get("steps", []):
            if "${{" in step.get("run", ""):
                yield f"{place}: an expression in a command: {step['run'].strip()[:60]!r}; take it by `env`"


def cancelled(tree):
    """GitHub signals a step's shell and nothing below it, and kills ten seconds later."""
    for place, _, job in tree.jobs():
        for command in tree.commands(job):
            for script in ("deploy/scripts/deploy", "deploy/scripts/rollback"):
                if re.search(rf"(?<!exec ){script}(?![\w-])", command):
                    yield f"{place}: who cancels the run would not reach {script}: `exec` it"


def clusters(tree):
    for place, _, job in tree.jobs():
        for command in tree.commands(job):
            if "update-kubeconfig" in command and "--kubeconfig" not in command:
                yield f"{place}: another job on the same runner could turn its kubectl elsewhere: give it a --kubeconfig of its own"


def values(tree):
    """A plan by git alone would take away what an account's own file sets."""
    for place, _, job in tree.jobs():
        for step in job.get("steps", []):
            if "deploy/scripts/terraform plan" in step.get("run", "") and "TERRAFORM_VARIABLES" not in {**(job.get("env") or {}), **(step.get("env") or {})}:
                yield f"{place}: plans without what git leaves out: give it TERRAFORM_VARIABLES"


def existing(tree):
    """The scripts and targets that are named are there; a script can be run."""
    for place, _, job in tree.jobs():
        for script in sorted(tree.scripts(job)):
            if not os.access(tree.root / script, os.X_OK):
                yield f"{place}: there is no {script} that can be run"
        for target in sorted(tree.targets(job)):
            if not tree.rule(target):
                yield f"{place}: make has no {target}"


def whole(tree):
    """What `make test` runs, continuous integration runs."""
    jobs = {target for _, _, job in tree.jobs() for target in tree.targets(job)}
    for target in tree.goals("test"):
        if target not in jobs:
            yield f"make test runs {target}, and no job does"


def described(tree):
    """Whoever sets the repository up finds each variable and secret in one place."""
    text = (tree.root / "deploy/scripts/README.md").read_text()
    for name in tree.workflows:
        used = re.findall(r"\b(?:vars|secrets)\.(\w+)", (tree.root / ".github/workflows" / name).read_text())
        for variable in sorted(set(used)):
            if f"`{variable}`" not in text:
                yield f"{name}: deploy/scripts/README.md says nothing of {variable}"


RULES = [pinned, tokens, permissions, strangers, limits, injections, cancelled, clusters, values, existing, whole, described]


def problems(tree):
    return [problem for rule in RULES for problem in rule(tree)]


def untested(tree, ran):
    """Scripts of workflows that neither a test of deploy/scripts has run nor `make test` runs."""
    named = {script for _, _, job in tree.jobs() for script in tree.scripts(job)}
    return [f"{script} is named by a workflow, and no test runs it" for script in sorted(named - ran - tree.reached())]
