"""What schemas repeat from the Swift sources: names that must stay the same in both."""

import re

from schemas import ROOT, subschemas


def check(schemas, report):
    common = schemas.documents["common.json"]["$defs"]
    with report.step("names in schemas and sources"):
        for what, found, expected in [
            ("rejection reasons", common["rejectionReason"]["enum"], cases("TelemetryModel/EventConsumer.swift", "RejectionReason")),
            ("notification reasons", schemas.documents["headers.json"]["$defs"]["notificationReason"]["enum"],
             sink_reasons()),
            ("event types", common["eventType"]["enum"], cases("TelemetryModel/EventKind.swift", "EventKind")),
            ("causes of gaps", common["gapCause"]["enum"], cases("Accounting/ShardEntry.swift", "SourceGapCause")),
            ("severities", common["severity"]["enum"], cases("Alerting/AlertSeverity.swift", "AlertSeverity")),
            ("alert states", schemas.documents["alert.json"]["properties"]["status"]["enum"], cases("Alerting/AlertSeverity.swift", "AlertStatus")),
            ("report states", schemas.documents["report.json"]["$defs"]["objective"]["properties"]["status"]["enum"], cases("Objectives/SLOReport.swift", "Status")),
            ("flow-log fields", list(schemas.documents["event.json"]["$defs"]["vpcFlow"]["properties"]), cases("TelemetryModel/FlowLogField.swift", "FlowLogField")),
            ("kinds", schemas.documents["resources/document.json"]["properties"]["kind"]["enum"],
             cases("Settings/Resources/ResourceKind.swift", "OpenSLO") + cases("Settings/Resources/ResourceKind.swift", "Tidewatch")),
            ("input formats", input_formats(schemas), cases("Decoding/InputFormat.swift", "InputFormat")),
            ("options of librdkafka", kafka_options(schemas),
             re.findall(r'^ +\(?\s*"([a-z_.]+)",\s*\.(?:integer|flag|words?|text|file)\b', source("Settings/Stages/KafkaOptionTable.swift"), re.M)),
            ("keys of settings and resources", sorted(schema_keys(schemas) - set(kafka_options(schemas))), sorted(reader_keys())),
        ]:
            missing, extra = set(expected) - set(found), set(found) - set(expected)
            if missing:
                report.problem(f"{what} that the schemas lack: {', '.join(sorted(missing))}")
            if extra:
                report.problem(f"{what} that the sources lack: {', '.join(sorted(extra))}")


def sink_reasons():
    """The reason of a sink's dead letters begins with its kind."""
    sinks = [path.read_text() for path in sorted((ROOT / "Sources/Sinks").glob("*.swift"))]
    return [f"{kind}_refused" for text in sinks for kind in re.findall(r'static let kind = "([a-z]+)"', text)]


def source(path):
    return (ROOT / "Sources" / path).read_text()


def cases(path, name):
    """Raw values of a Swift enumeration."""
    text = source(path)
    begin = re.search(rf"^( *)(?:public )?enum {name}\b.*$", text, re.M)
    end = text.index(f"\n{begin.group(1)}}}", begin.end())
    values = []
    for line in re.findall(rf"^{begin.group(1)}    case (\w[^.:(\n]*)$", text[begin.end():end], re.M):
        for item in line.split(", "):
            name, _, raw = item.partition(" = ")
            values.append(raw.strip('"') or name)
    return values


def input_formats(schemas):
    inputs = schemas.documents["resources/settings.json"]["properties"]["spec"]["properties"]["inputs"]
    return inputs["items"]["properties"]["format"]["anyOf"][0]["enum"]


def kafka_options(schemas):
    kafka = schemas.documents["resources/settings.json"]["properties"]["spec"]["properties"]["kafka"]
    return list(kafka["properties"]["options"]["properties"])


def schema_keys(schemas):
    """Every key that a schema of settings or resources knows."""
    keys = set()
    for path, document in schemas.documents.items():
        if path.startswith("resources/"):
            for _, schema in subschemas(document):
                if isinstance(schema.get("properties"), dict):
                    keys.update(schema["properties"])
    return keys


def reader_keys():
    """Every key that a reader asks for and does not refuse."""
    keys, refused = set(), set()
    for folder in ["Settings/OpenSLO", "Settings/Resources", "Settings/Stages", "Sinks"]:
        for file in sorted((ROOT / "Sources" / folder).glob("*.swift")):
            text = file.read_text()
            keys.update(re.findall(r'\b(?:optional|required|present)\(\s*"(\w+)"', text))
            for names in re.findall(r"\bignore\(([^)]*)\)", text):
                keys.update(re.findall(r'"(\w+)"', names))
            for names in re.findall(r'files\.read\(fields, "(\w+)", file: "(\w+)"\)|secretFiles\.read\(fields, "(\w+)", file: "(\w+)"\)', text, re.I):
                keys.update(filter(None, names))
            keys.update(re.findall(r'static let key = "(\w+)"', text))
            for names in re.findall(r"let kinds = \[([^\]]*)\]", text):
                keys.update(re.findall(r'"(\w+)"', names))
            refused.update(re.findall(r'unsupported\(\s*"(\w+)"', text))
            if "readDescription()" in text:
                keys.add("description")
    # Read only to be refused: calendar windows, ratios computed elsewhere.
    refused.update(["calendar", "raw", "rawType"])
    # A measure of a Metric source is refused, of other sources it is read; so are indicators of objectives and of SLOs.
    return keys - (refused - {"measure", "indicator", "indicatorRef"})
