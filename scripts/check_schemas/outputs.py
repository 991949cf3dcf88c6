"""What the binary writes and accepts: replay, decode, report, `config check`, and the commands in the documentation."""

import base64
import copy
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import configuration
from schemas import ROOT

LINES_MAX = 20_000  # Of one output; it keeps public data sets from taking minutes.
# Of windows, which some methods need, and of alerts what their resource says.
OPTIONAL = {
    "display_name", "timeslice_target", "timeslice_window", "epoch", "stamp", "signed", "gaps", "unmatched", "first_read",
    "fractions", "inconsistent", "cells", "annotations",
}
# Of SLOs with groups alone.
OPTIONAL_OF = {"window.json": {"group", "folded_from"}}
BROKEN = [
    b'{"eventTime":"2026-01-15T09:00:00Z","eventName":"GetObject","eventSource":"s3.amazonaws.com"}',
    b'{"eventName":"NoTime"}',
    b'{"eventTime":"yesterday"}',
    b'{"eventTime":"2026-01-15T09:00:00Z","userIdentity":{"type":"Root"',
    b'{"eventTime":"2026-01-15T09:00:00Z","eventName":"\xff\xfe"}',
    b'{"eventTime":"2999-01-15T09:00:00Z"}',
]


class Binary:
    def __init__(self):
        self.path = Path(os.environ.get("TIDEWATCH_BINARY", ROOT / ".build/debug/tidewatch")).resolve()

    def run(self, *arguments, expected=0, environment=None):
        result = subprocess.run(
            [str(self.path), *map(str, arguments)], cwd=ROOT, capture_output=True, timeout=600,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})})
        if result.returncode != expected:
            shown = " ".join(map(str, arguments))
            raise RuntimeError(
                f"tidewatch {shown}: status {result.returncode}, expected {expected}\n"
                + result.stderr.decode(errors="replace")[-2000:])
        return result.stdout


def check(schemas, report):
    binary = Binary()
    with report.step("the binary"):
        if not binary.path.is_file():
            report.problem(f"there is no {binary.path}; build it with 'swift build --product tidewatch'")
            return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_generated(schemas, report, binary, folder)
        check_documentation(schemas, report, binary, folder)
    check_configurations(schemas, report, binary)
    data = os.environ.get("TIDEWATCH_CONFORMANCE_DATA")
    if data:
        check_public_data(schemas, report, binary, Path(data))
    else:
        report.say("skipped: public data sets, because TIDEWATCH_CONFORMANCE_DATA is not set")


def check_generated(schemas, report, binary, folder):
    estate, out = folder / "estate", folder / "out"
    with report.step("tidewatch generate"):
        binary.run("generate", "--out", estate, "--minutes", 30, "--incident", "all", "--flow-logs-per-minute", 100,
                   "--cloudtrail-per-minute", 60, "--ledger", folder / "ledger.json")
        (estate / "broken.jsonl").write_bytes(b"\n".join(BROKEN) + b"\n")
    resources = folder / "resources"
    resources.mkdir()
    for index, (_, _, text) in enumerate(documented("configuration.md", "resources")):
        (resources / f"{index}.yaml").write_text(text)
    with report.step("tidewatch replay"):
        more = ["--resources", resources] if any(resources.iterdir()) else []
        binary.run("replay", "--resources", "Sources/tidewatch/Demo/estate.yaml", *more, "--out", out, estate)
    for file, schema, least in [
        ("alerts.ndjson", "alert.json", 4), ("audit.ndjson", "audit.json", 100), ("windows.ndjson", "window.json", 4),
        ("deadletter.ndjson", "dead-letter.json", 4),
    ]:
        check_lines(schemas, report, out / file, schema, least)
    for file, schema in [("report.json", "report.json"), ("stats.json", "statistics.json")]:
        with report.step(f"{file} of a replay"):
            document = json.loads((out / file).read_bytes())
            check_value(schemas, report, schema, document, file)
            check_strictness(schemas, report, schema, document)
    with report.step("tidewatch slo report"):
        report_now = binary.run("slo", "report", "--from", out, "--format", "json")
        check_value(schemas, report, "report.json", json.loads(report_now), "slo report")
        if json.loads(report_now) != json.loads((out / "report.json").read_bytes()):
            report.problem("report.json of the replay and `slo report --from` differ")
    check_decode(schemas, report, binary, folder, [estate])


def check_decode(schemas, report, binary, folder, paths, name="tidewatch decode"):
    lines, letters = folder / "decoded.ndjson", folder / "dead.ndjson"
    with report.step(name):
        lines.write_bytes(binary.run("decode", "--dead-letter", letters, *paths))
    check_lines(schemas, report, lines, "event.json", 1, name)
    check_lines(schemas, report, letters, "dead-letter.json", 0, name)


def check_lines(schemas, report, path, schema, least, name=None):
    """Every line of a file against a schema; there must be some, or nothing would have been checked."""
    with report.step(f"{name}: {path.name}" if name else path.name):
        lines = path.read_bytes().splitlines()
        if len(lines) < least:
            report.problem(f"{len(lines)} records, expected {least} or more")
        shapes = set()
        for number, line in enumerate(lines[:LINES_MAX], 1):
            value = json.loads(line)
            check_value(schemas, report, schema, value, f"line {number}")
            if schema == "dead-letter.json":
                base64.b64decode(value["payload"], validate=True)
            shape = tuple(sorted(value)) + (value.get("class"), value.get("type"))
            if shape not in shapes:
                shapes.add(shape)
                check_strictness(schemas, report, schema, value)
        report.say(f"{name + ': ' if name else ''}{path.name}: {min(len(lines), LINES_MAX)} of {len(lines)} records")


def check_value(schemas, report, schema, value, place):
    problem = schemas.problem(schema, value)
    if problem:
        report.problem(f"{place}: {problem}")


def check_strictness(schemas, report, schema, value):
    """A schema that lets unknown keys pass, or keys go missing, would prove nothing."""
    mutants = [("an unknown key", {**value, "unexpected_key": 1})]
    mutants += [(f"no {key}", {k: v for k, v in value.items() if k != key}) for key in value
                if key not in OPTIONAL | OPTIONAL_OF.get(schema, set())]
    for what, mutant in mutants:
        if schemas.problem(schema, mutant) is None:
            report.problem(f"{schema} takes a record with {what}")


# Settings and resources ------------------------------------------------------------------------------------------------


def environment_for(text):
    """A value for each environment variable that a text refers to."""
    return {name: "localhost:9092" for name in re.findall(r"\$\{(\w+)\}", text)}


def check_configurations(schemas, report, binary):
    for path in ["deploy/examples", "Sources/tidewatch/Demo/estate.yaml"]:
        text = "".join(file.read_text() for file in configuration.example_files() if str(file).startswith(str(ROOT / path)))
        with report.step(f"tidewatch config check {path}"):
            binary.run("config", "check", path, environment=environment_for(text))
    for page in configuration.pages():
        found = list(configuration.configuration_blocks(page))
        if not found:
            continue
        with report.step(f"tidewatch config check: blocks of {page.name}"), tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "deploy").symlink_to(ROOT / "deploy")
            (Path(folder) / "resources").mkdir()
            for line, text in found:
                inner = "" if "kind: Settings" in text else "resources/"
                (Path(folder) / f"{inner}line-{line}.yaml").write_text(text)
            binary.run("config", "check", folder, environment=environment_for("".join(text for _, text in found)))
    check_refusals(schemas, report, binary)


def check_refusals(schemas, report, binary):
    """What the schemas refuse, `config check` refuses too: unknown keys, missing keys, values of another type.

    The reverse does not hold, because a schema knows nothing of expressions and of what refers to what.
    """
    refused = 0
    with report.step("schemas against tidewatch config check"), tempfile.TemporaryDirectory() as folder:
        for found, name in checked_sets():
            environment = environment_for(json.dumps(found))
            for index, document in enumerate(found):
                for place, mutant in mutants(document):
                    if schemas.problem("resources/document.json", mutant) is None:
                        continue
                    file = Path(folder) / "mutant.yaml"
                    file.write_text("\n---\n".join(map(json.dumps, found[:index] + [mutant] + found[index + 1:])))
                    refused += 1
                    try:
                        binary.run("config", "check", file, expected=2, environment=environment)
                    except RuntimeError:
                        report.problem(f"{name}, document {index + 1}: config check takes {place}")
        report.say(f"{refused} documents that the schemas refuse are refused by config check")


def checked_sets():
    """The documents of the configuration page that belong together: its settings, and all its resources."""
    settings = [each for _, _, text in documented("configuration.md", "settings") for each in configuration.documents(text)]
    resources = [each for _, _, text in documented("configuration.md", "resources") for each in configuration.documents(text)]
    return [(settings, "settings"), (resources, "resources")]


def mutants(document):
    """A key too many in each mapping; without each key; with an empty mapping in place of each text or number."""
    for place, mutant in configuration.with_unknown_keys(document):
        yield f"an unknown key in {place}", mutant
    for path in configuration.mappings(document):
        for key, value in node_at(document, path).items():
            place = "/".join(map(str, path + (key,)))
            mutant = copy.deepcopy(document)
            del node_at(mutant, path)[key]
            yield f"a document without {place}", mutant
            if not isinstance(value, (dict, list)):
                mutant = copy.deepcopy(document)
                node_at(mutant, path)[key] = {}
                yield f"a mapping in {place}", mutant


def node_at(document, path):
    for step in path:
        document = document[step]
    return document


# Documentation ---------------------------------------------------------------------------------------------------------


def documented(name, kind):
    """The configuration blocks of one page: its settings, or its resources."""
    page = ROOT / "docs" / name
    if not page.exists():
        return
    for line, text in configuration.configuration_blocks(page):
        if ("kind: Settings" in text) == (kind == "settings"):
            yield page, line, text


def check_documentation(schemas, report, binary, folder):
    """Every `tidewatch …` in a sh block names a subcommand and options that there are."""
    helps = {}
    for page in configuration.pages():
        for line, text in configuration.blocks(page, "sh"):
            with report.step(f"{page.relative_to(ROOT)}:{line}"):
                for command in re.findall(r"^\s*(?:\w+=\S* )*(?:\S*/)?tidewatch ([^|&#\n]*)", text.replace("\\\n", " "), re.M):
                    words = command.split()
                    names = []
                    for word in words[:2]:
                        if not re.fullmatch(r"[a-z]+", word):
                            break
                        key = tuple(names + [word])
                        if key not in helps:
                            try:
                                helps[key] = binary.run(*key, "--help").decode()
                            except RuntimeError:
                                helps[key] = ""
                        if not helps[key] or (names and helps[key] == helps[tuple(names)]):
                            break
                        names.append(word)
                    if not names:
                        report.problem(f"there is no command 'tidewatch {command.strip()}'")
                        continue
                    for option in re.findall(r"(?<!\S)--[a-z-]+", command):
                        if not re.search(rf"(?<![\w-]){option}(?![\w-])", helps[tuple(names)]):
                            report.problem(f"'tidewatch {' '.join(names)}' has no option {option}")


# Public data -----------------------------------------------------------------------------------------------------------


def check_public_data(schemas, report, binary, data):
    for kind in ["cloudtrail", "vpcflow", "metrics"]:
        if not (data / kind).is_dir():
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            check_decode(schemas, report, binary, folder, [data / kind], f"public data, {kind}")
            if kind == "cloudtrail":
                with report.step("public data, audit records"):
                    binary.run("replay", "--outputs", "audit,deadletter", "--out", folder / "out", data / kind)
                check_lines(schemas, report, folder / "out/audit.ndjson", "audit.json", 1, "public data")
