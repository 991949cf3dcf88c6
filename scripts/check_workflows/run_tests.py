"""Runs tests of deploy/scripts, and writes the names of the scripts that they started: `run_tests.py ROOT NAMES MODULE...`."""

import os
import re
import sys
import unittest
from pathlib import Path

root, names = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
started = set()


def noted(event, arguments):
    """Whatever a test says of itself, this is what was really started."""
    if event == "subprocess.Popen":
        for word in arguments[1] if not isinstance(arguments[1], (str, bytes)) else [arguments[1]]:
            found = re.search(r"/((?:deploy/)?scripts/[\w-]+)$", os.fsdecode(word))
            # A test may start a copy, in a folder that it may change.
            if found and Path(os.fsdecode(word)).read_bytes() == (root / found[1]).read_bytes():
                started.add(found[1])


sys.addaudithook(noted)
sys.path.insert(0, str(root / "deploy/scripts/tests"))
done = unittest.main(module=None, argv=["tests", *sys.argv[3:]], exit=False).result
names.write_text("\n".join(sorted(started)))
sys.exit(not done.wasSuccessful())
