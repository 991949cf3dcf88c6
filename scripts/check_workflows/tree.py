"""The workflows of a tree, and the scripts and targets of make that they name."""

import re
from pathlib import Path

import yaml

SCRIPT = re.compile(r"(?<![\w./$-])((?:deploy/)?scripts/[A-Za-z][\w-]*)")
TARGETS = re.compile(r"(?:^|[;&|]|\bthen|\bdo)\s*make((?:\s+[a-z][a-z-]*)+)", re.M)


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.workflows = {path.name: yaml.safe_load(path.read_text()) for path in sorted((self.root / ".github/workflows").glob("*.yml"))}
        self.makefile = (self.root / "Makefile").read_text()

    def jobs(self):
        """(place in words, workflow, job)"""
        for name, workflow in self.workflows.items():
            for key, job in workflow["jobs"].items():
                yield f"{name}: job {key}", workflow, job

    def commands(self, job):
        """What the steps run, with the values of a matrix that a step takes by its environment."""
        for step in job.get("steps", []):
            if "run" in step:
                yield step["run"]
        yield from ("make " + each["targets"] for each in self.included(job) if "targets" in each)

    @staticmethod
    def included(job):
        return job.get("strategy", {}).get("matrix", {}).get("include", [])

    def scripts(self, job):
        return {name for command in self.commands(job) for name in SCRIPT.findall(command)}

    def targets(self, job):
        return {word for command in self.commands(job) for words in TARGETS.findall(command) for word in words.split()}

    def rule(self, target):
        """(prerequisites, recipe) of a target of the Makefile, or None."""
        found = re.search(rf"^{re.escape(target)}:([^#=\n]*)(?:#.*)?\n((?:\t.*\n|[ ]*#.*\n)*)", self.makefile + "\n", re.M)
        return (found[1].split(), found[2]) if found else None

    def goals(self, target):
        """What a target of the Makefile runs: its prerequisites, and what its recipe makes, by name or by the words of a variable."""
        needs, recipe = self.rule(target)
        goals = needs + re.findall(r"\$\(MAKE\) ([a-z-]+)", recipe)
        for variable in re.findall(r"\$\(MAKE\) \$\(([a-z]+)\)", recipe):
            goals += re.search(rf"^{variable} = (.*)$", self.makefile, re.M)[1].split()
        return goals

    def reached(self):
        """Scripts that `make test` or this check runs, by what its recipes and those scripts name."""
        texts, seen = [(self.root / "scripts/check-workflows").read_text()], set()
        targets, done = ["test"], set()
        while targets:
            target = targets.pop()
            if target in done or not self.rule(target):
                continue
            done.add(target)
            targets += self.goals(target)
            texts.append(self.rule(target)[1])
        while texts:
            for name in set(SCRIPT.findall(texts.pop())) - seen:
                seen.add(name)
                path = self.root / name
                if path.is_file():
                    texts.append(path.read_text(errors="replace"))
        return seen
