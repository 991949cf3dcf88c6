"""The functions' package: their code, and what requirements.txt names beside it, by pip alone."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"
BUILD = Path(__file__).resolve().parents[3] / ".build" / "cdk"


def function_asset():
    """The package's folder. Libraries are fetched once for each state of requirements.txt, and checked by their hashes; after that no network is needed."""
    requirements = FUNCTIONS / "requirements.txt"
    libraries = BUILD / f"libraries-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    if not libraries.exists():
        unfinished = libraries.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        # Wheels for any machine: the functions run on arm64, whatever this is.
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps",
             "--require-hashes", "--only-binary", ":all:", "--platform", "any", "--target", str(unfinished), "-r", str(requirements)],
            check=True)
        unfinished.rename(libraries)
    package = BUILD / "functions"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(libraries, package, ignore=shutil.ignore_patterns("bin", "__pycache__"))
    shutil.copytree(FUNCTIONS / "feed", package / "feed", ignore=shutil.ignore_patterns("__pycache__"))
    return str(package)
