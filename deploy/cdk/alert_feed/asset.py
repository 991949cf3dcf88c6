"""The functions' package: their code, and what requirements.txt names beside it, by pip alone."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"
BUILD = Path(__file__).resolve().parents[3] / ".build" / "cdk"


def function_asset():
    """The package's folder. Libraries are fetched once for each state of requirements.txt, and checked by their hashes; after that no network is needed."""
    requirements = FUNCTIONS / "requirements.txt"
    libraries = BUILD / f"libraries-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    if not libraries.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=BUILD)) / "libraries"
        # Wheels for any machine: the functions run on arm64, whatever this is.
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps",
             "--require-hashes", "--only-binary", ":all:", "--platform", "any", "--target", str(unfinished), "-r", str(requirements)],
            check=True)
        _put(unfinished, libraries)
    digest = hashlib.sha256(requirements.read_bytes())
    for path in sorted((FUNCTIONS / "feed").glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    package = BUILD / f"functions-{digest.hexdigest()[:16]}"
    if not package.exists():
        # Made beside and put in place at once: another run may be making the same.
        unfinished = Path(tempfile.mkdtemp(dir=BUILD)) / "package"
        shutil.copytree(libraries, unfinished, ignore=shutil.ignore_patterns("bin", "__pycache__"))
        shutil.copytree(FUNCTIONS / "feed", unfinished / "feed", ignore=shutil.ignore_patterns("__pycache__"))
        _put(unfinished, package)
    return str(package)


def _put(unfinished, place):
    try:
        unfinished.rename(place)
    except OSError:
        if not place.exists():
            raise
    shutil.rmtree(unfinished.parent)
