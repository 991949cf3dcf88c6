"""What runbooks refer to, and whether it is there: metrics, and options of `tidewatch`. Links are scripts/check-documents'."""

import re
import subprocess

from drill import BINARY
from runbook import FOLDER, ROOT

COMMANDS = re.compile(r"\btidewatch ((?:config check|slo report|alerts list|replay|decode|run))\b([^`|\n]*(?:\\\n[^`|\n]*)*)")


def dangling(change):
    """`change` is how a planted mistake has the text."""
    metrics = set(re.findall(r"^\| `(tidewatch_\w+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    helps, found = {}, []
    for path in sorted(FOLDER.glob("*.md")):
        text = change(path.read_text())
        found += [f"{path.name}: docs/operations.md knows no metric {name}" for name in sorted(set(re.findall(r"`(tidewatch_\w+)", text)) - metrics)]
        for command, rest in COMMANDS.findall(text):
            helps.setdefault(command, subprocess.run([BINARY, "help", *command.split()], capture_output=True, text=True).stdout)
            found += [f"{path.name}: `tidewatch {command}` has no option {option}" for option in re.findall(r"(?<!\S)--[a-z-]+", rest)
                      if option not in helps[command]]
    return found
