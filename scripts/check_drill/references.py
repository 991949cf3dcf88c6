"""What runbooks refer to, and whether it is there: pages and their headings, metrics, and options of `tidewatch`."""

import re
import subprocess

from drill import BINARY
from runbook import FOLDER, ROOT

COMMANDS = re.compile(r"\btidewatch ((?:config check|slo report|alerts list|replay|decode|run))\b([^`|\n]*(?:\\\n[^`|\n]*)*)")


def headings(path):
    """Anchors as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def dangling(change):
    """`change` is how a planted mistake has the text."""
    metrics = set(re.findall(r"^\| `(tidewatch_\w+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    helps, found = {}, []
    for path in sorted(FOLDER.glob("*.md")):
        text = change(path.read_text())
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            page, _, anchor = link.partition("#")
            target = (path.parent / page).resolve() if page else path
            if link.startswith("https://"):
                continue
            if not target.exists():
                found.append(f"{path.name}: there is no {link}")
            elif anchor and anchor not in headings(target):
                found.append(f"{path.name}: {page or path.name} has no heading for #{anchor}")
        found += [f"{path.name}: docs/operations.md knows no metric {name}" for name in sorted(set(re.findall(r"`(tidewatch_\w+)", text)) - metrics)]
        for command, rest in COMMANDS.findall(text):
            helps.setdefault(command, subprocess.run([BINARY, "help", *command.split()], capture_output=True, text=True).stdout)
            found += [f"{path.name}: `tidewatch {command}` has no option {option}" for option in re.findall(r"(?<!\S)--[a-z-]+", rest)
                      if option not in helps[command]]
    return found
