"""Counts what was checked, and prints what does not hold."""

import sys
from contextlib import contextmanager


class Report:
    SHOWN_MAX = 5

    def __init__(self):
        self.problems = 0
        self.steps = 0
        self._here = 0
        self._name = ""

    @contextmanager
    def step(self, name):
        """One thing that is checked. An exception in it is a problem of it."""
        self.steps += 1
        self._name, self._here = name, 0
        try:
            yield
        except Exception as error:  # The other steps still say what they have to say.
            self.problem(f"{type(error).__name__}: {error}")
        if self._here > self.SHOWN_MAX:
            print(f"{name}: … and {self._here - self.SHOWN_MAX} more", file=sys.stderr)

    def problem(self, text):
        self.problems += 1
        self._here += 1
        if self._here <= self.SHOWN_MAX:
            print(f"{self._name}: {text}", file=sys.stderr)

    def say(self, text):
        print(text)

    def finish(self):
        if self.problems:
            print(f"{self.problems} problems in {self.steps} checks", file=sys.stderr)
            return 1
        print(f"{self.steps} checks passed")
        return 0
