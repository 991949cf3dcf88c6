"""The commands of a runbook, as they stand in its fenced blocks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/runbooks"
BLOCK = re.compile(r"^<!-- drill: ([a-z-]+) -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A word in capitals that is to be replaced by the reader: no variable of the shell, and no part of another word.
PLACEHOLDER = re.compile(r"(?<![$\w{])[A-Z][A-Z_]+(?![\w=])")


class Runbook:
    """A file of runbooks by its name, such as `lost-topic`."""

    def __init__(self, name):
        self.name = name
        text = (FOLDER / f"{name}.md").read_text()
        found = BLOCK.findall(text)
        self.blocks = dict(found)
        if len(self.blocks) != len(found):
            raise ValueError(f"{name}.md: two blocks have one name")
        if text.count("<!-- drill:") != len(found):
            raise ValueError(f"{name}.md: a drill's mark is before no block of sh")

    def commands(self, block, words):
        """The block with the reader's words in the places of those in capitals."""
        if block not in self.blocks:
            raise ValueError(f"{self.name}.md: there is no block `{block}`; there are {', '.join(self.blocks)}")
        text = PLACEHOLDER.sub(lambda found: words.get(found[0], found[0]), self.blocks[block])
        if left := [word for word in PLACEHOLDER.findall(text) if word not in words.values()]:
            raise ValueError(f"{self.name}.md: nobody says what {', '.join(left)} in `{block}` stands for")
        return text
