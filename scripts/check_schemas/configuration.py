"""Settings and resources: YAML files and the code blocks of the documentation, against schemas/resources."""

import copy
import re

import yaml

from schemas import ROOT

VERSIONS = {"openslo/v1", "tidewatch/v1"}
# Mappings whose keys are the user's own.
FREE_FORM = {"labels", "annotations", "dimensions", "options", "connectionDetails"}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, so that `on` and `2026-01-15` stay text."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


def documents(text):
    return [document for document in yaml.load_all(text, Loader=CoreLoader) if document is not None]


def example_files():
    files = [ROOT / "Sources/tidewatch/Demo/estate.yaml"]
    for folder in ["deploy/examples", "deploy/kubernetes/base/config"]:
        files += sorted((ROOT / folder).rglob("*.yaml"))
    return files


def pages():
    return [page for page in [ROOT / "README.md", ROOT / "schemas/README.md", *sorted((ROOT / "docs").rglob("*.md"))] if page.exists()]


def blocks(page, language):
    """Code blocks of a language: the line of the first, and the text."""
    fence, start, lines = None, 0, []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        mark = re.match(r"\s*```(\w*)\s*$", line)
        if fence is None:
            if mark:
                fence, start, lines = mark.group(1), number + 1, []
        elif mark and not mark.group(1):
            if fence == language:
                yield start, "\n".join(lines) + "\n"
            fence = None
        else:
            lines.append(line)


def configuration_blocks(page):
    for line, text in blocks(page, "yaml"):
        if re.search(r"^apiVersion: *(openslo|tidewatch)/v1", text, re.M):
            yield line, text


def check(schemas, report):
    checked = 0
    for file in example_files():
        with report.step(str(file.relative_to(ROOT))):
            checked += check_text(schemas, report, file.read_text(), 0)
    for page in pages():
        for line, text in configuration_blocks(page):
            with report.step(f"{page.relative_to(ROOT)}:{line}"):
                checked += check_text(schemas, report, text, line)
    report.say(f"{checked} settings and resources")


def check_text(schemas, report, text, line):
    found = documents(text)
    for index, document in enumerate(found):
        name = f"document {index + 1}"
        if not isinstance(document, dict) or document.get("apiVersion") not in VERSIONS:
            report.problem(f"{name} is none of {', '.join(sorted(VERSIONS))}")
            continue
        problem = schemas.problem("resources/document.json", document)
        if problem:
            report.problem(f"{name} ({document.get('kind')}): {problem}")
            continue
        for place, mutant in with_unknown_keys(document):
            if schemas.problem("resources/document.json", mutant) is None:
                report.problem(f"{name}: the schema takes an unknown key in {place}")
    return len(found)


def with_unknown_keys(document, place="document"):
    """Copies of a document, each with a key too many in one of its mappings."""
    for path in mappings(document):
        mutant = copy.deepcopy(document)
        node = mutant
        for step in path:
            node = node[step]
        node["unexpectedKey"] = "x"
        yield "/".join(map(str, path)) or place, mutant


def mappings(node, path=()):
    if isinstance(node, dict):
        yield path
        for key, value in node.items():
            if key not in FREE_FORM:
                yield from mappings(value, path + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from mappings(value, path + (index,))
