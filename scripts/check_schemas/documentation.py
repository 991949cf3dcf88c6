"""Tables of the documentation that repeat the schemas and the sources."""

import re

from schemas import ROOT


def check(schemas, report):
    check_settings(schemas, report)
    check_metrics(report)


def check_settings(schemas, report):
    """docs/configuration.md: every key of the settings with its default."""
    with report.step("docs/configuration.md: settings"):
        spec = schemas.documents["resources/settings.json"]["properties"]["spec"]
        known = dict(leaves(spec, ""))
        text = (ROOT / "docs/configuration.md").read_text()
        told = {key: default.strip("`") for key, default in re.findall(r"^\| `([\w.\[\]]+)` \|.*\| (\S+) \|$", text, re.M)}
        # Options of librdkafka have a table of their own, without defaults.
        told.pop("kafka.options", None)
        options = re.search(r"^### Options of librdkafka\n(.*?)^#", text, re.M | re.S)
        for option in re.findall(r"^\| `([\w.]+)` \|", options[1] if options else "", re.M):
            told[f"kafka.options.{option}"] = "–"
        for key in sorted(known.keys() - told.keys()):
            report.problem(f"{key} is not in the table")
        for key in sorted(told.keys() - known.keys()):
            report.problem(f"there is no key {key}")
        for key in sorted(known.keys() & told.keys()):
            default = known[key]
            shown = "–" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
            if shown != told[key]:
                report.problem(f"{key}: the default is {told[key]} here, and {shown} in the schema")


def leaves(schema, path):
    """Keys that hold values, as `kafka.groupID` and `inputs[].topic`, with their defaults."""
    if "properties" in schema:
        for name, child in schema["properties"].items():
            yield from leaves(child, f"{path}.{name}" if path else name)
    elif "properties" in schema.get("items", {}):
        yield from leaves(schema["items"], path + "[]")
    else:
        yield path, schema.get("default")


def check_metrics(report):
    """docs/operations.md: every metric with its type."""
    with report.step("docs/operations.md: metrics"):
        source = (ROOT / "Sources/Observability/MetricFamily.swift").read_text()
        known = {name: kind for kind, name in re.findall(r'\.(counter|gauge|histogram), "(\w+)"', source)}
        text = (ROOT / "docs/operations.md").read_text()
        told = dict(re.findall(r"^\| `((?:tidewatch|process)_\w+)` \| (\w+) \|", text, re.M))
        for name in sorted(known.keys() ^ told.keys()):
            report.problem(f"{name} is {'not described' if name in known else 'no metric'}")
        for name in sorted(known.keys() & told.keys()):
            if known[name] != told[name]:
                report.problem(f"{name} is a {known[name]}")
