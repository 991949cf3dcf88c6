"""schemas/asyncapi.yaml against the structure of AsyncAPI 3.0 and against the topics that the sources know."""

import re

import yaml
from referencing.exceptions import Unresolvable

from schemas import BASE, FOLDER, ROOT

# The fixed fields of each object, the required ones first with a star.
FIELDS = {
    "document": "*asyncapi *info id servers defaultContentType channels operations components",
    "info": "*title *version description termsOfService contact license tags externalDocs",
    "server": "*host *protocol protocolVersion pathname description title summary variables security tags externalDocs bindings",
    "channel": "address messages title summary description servers parameters tags externalDocs bindings",
    "parameter": "enum default description examples location",
    "operation": "*action *channel title summary description security tags externalDocs bindings traits messages reply",
    "message": "headers payload correlationId contentType name title summary description tags externalDocs bindings examples traits",
    "format": "*schemaFormat *schema",
    "channel binding": "topic partitions replicas topicConfiguration bindingVersion",
    "topic configuration": "cleanup.policy retention.ms retention.bytes delete.retention.ms max.message.bytes",
    "operation binding": "groupId clientId bindingVersion",
    "message binding": "key schemaIdLocation schemaIdPayloadEncoding schemaLookupStrategy bindingVersion",
}
BINDING_VERSION = "0.5.0"


class AsyncAPI:
    def __init__(self, schemas):
        self.schemas = schemas
        self.document = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())

    def channel(self, topic, prefix="tidewatch."):
        """The name and the only message of the output channel of a topic; None for other topics."""
        for name, channel in self.document["channels"].items():
            if "{" not in channel["address"] and topic == prefix + channel["address"].removeprefix("tidewatch."):
                return name, self.resolve(next(iter(channel["messages"].values())))
        return None

    def resolve(self, node):
        """What a reference within the document points to."""
        while "$ref" in node:
            path = node["$ref"]
            node = self.document
            for step in path.removeprefix("#/").split("/"):
                node = node[step]
        return node

    def check(self, report):
        with report.step("schemas/asyncapi.yaml"):
            document = self.document
            self.fields(report, document, "document", "#")
            if document["asyncapi"] != "3.0.0":
                report.problem("asyncapi is not 3.0.0")
            self.fields(report, document["info"], "info", "info")
            for name, server in document["servers"].items():
                self.fields(report, server, "server", f"servers.{name}")
            for name, channel in document["channels"].items():
                self.check_channel(report, name, channel)
            for name, operation in document["operations"].items():
                self.check_operation(report, name, operation)
            for name, message in document["components"]["messages"].items():
                self.check_message(report, name, message)
            self.check_topics(report)

    def fields(self, report, node, kind, place):
        names = FIELDS[kind].split()
        known = {name.lstrip("*") for name in names}
        for name in sorted(set(node) - known):
            if not name.startswith("x-"):
                report.problem(f"{place}: {kind} objects have no field {name}")
        for name in names:
            if name.startswith("*") and name[1:] not in node:
                report.problem(f"{place}: {name[1:]} is missing")

    def check_channel(self, report, name, channel):
        place = f"channels.{name}"
        self.fields(report, channel, "channel", place)
        wanted = set(re.findall(r"\{([^}]+)\}", channel["address"]))
        if wanted != set(channel.get("parameters", {})):
            report.problem(f"{place}: the address has the parameters {wanted}, others are described")
        for key, parameter in channel.get("parameters", {}).items():
            self.fields(report, parameter, "parameter", f"{place}.parameters.{key}")
        for key, message in channel["messages"].items():
            if set(message) != {"$ref"} or self.resolve(message) not in self.document["components"]["messages"].values():
                report.problem(f"{place}.messages.{key}: expected a reference to one of components.messages")
        binding = self.binding(report, channel, "channel binding", place)
        if binding:
            self.fields(report, binding.get("topicConfiguration", {}), "topic configuration", place)
            if binding.get("topic") != channel["address"]:
                report.problem(f"{place}: the binding's topic is not the address")

    def check_operation(self, report, name, operation):
        place = f"operations.{name}"
        self.fields(report, operation, "operation", place)
        if operation["action"] not in ("send", "receive"):
            report.problem(f"{place}: the action is neither send nor receive")
        if self.resolve(operation["channel"]) not in self.document["channels"].values():
            report.problem(f"{place}: its channel is none of the document's")
        self.binding(report, operation, "operation binding", place)

    def check_message(self, report, name, message):
        place = f"components.messages.{name}"
        self.fields(report, message, "message", place)
        for part in ["headers", "payload"]:
            if part not in message:
                continue
            self.fields(report, message[part], "format", f"{place}.{part}")
            self.check_reference(report, message[part]["schema"], f"{place}.{part}")
        binding = self.binding(report, message, "message binding", place)
        if binding:
            self.check_reference(report, binding["key"], f"{place}.bindings.kafka.key")

    def check_reference(self, report, schema, place):
        for reference in re.findall(r"'\$ref': '([^']+)'", str(schema)):
            try:
                self.schemas.registry.resolver(BASE).lookup(reference)
            except Unresolvable:
                report.problem(f"{place}: nothing is at {reference}")

    def binding(self, report, node, kind, place):
        binding = node.get("bindings", {}).get("kafka")
        if binding is None:
            return None
        self.fields(report, binding, kind, place)
        if binding.get("bindingVersion") != BINDING_VERSION:
            report.problem(f"{place}: bindingVersion is not {BINDING_VERSION}")
        return binding

    def check_topics(self, report):
        """The output topics with their policies, as OutputTopics names and creates them."""
        text = "".join((ROOT / "Sources" / name).read_text() for name in ("Records/OutputTopics.swift", "Runtime/OutputTopics+Specifications.swift"))
        names = dict(re.findall(r'^ +(\w+) = prefix \+ "(\w+)"$', text, re.M))
        policies = {
            names[name]: policy.split(",")
            for name, policy in re.findall(r'^ +\((\w+), \["cleanup\.policy": "([a-z,]+)"', text, re.M)
        }
        described = {}
        for channel in self.document["channels"].values():
            if "bindings" in channel:
                described[channel["address"].removeprefix("tidewatch.")] = (
                    channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"])
        if not policies or policies != described:
            report.problem(f"output topics and policies are {policies} in the sources, and {described} here")
