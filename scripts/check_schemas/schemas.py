"""The JSON Schemas under schemas/, loaded, and checked in themselves."""

import json
from pathlib import Path

import jsonschema
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas"
BASE = "https://tidewatch.dev/schemas/"


class Schemas:
    """Every schema by its path below schemas/, with a validator for each."""

    def __init__(self):
        self.documents = {
            str(path.relative_to(FOLDER)): json.loads(path.read_text())
            for path in sorted(FOLDER.rglob("*.json"))
        }
        resources = [(d["$id"], Resource.from_contents(d)) for d in self.documents.values()]
        self.registry = Registry().with_resources(resources)
        self._validators = {}

    def validator(self, reference):
        """A validator for `alert.json`, or for a part: `headers.json#/$defs/alert`."""
        if reference not in self._validators:
            self._validators[reference] = Draft202012Validator({"$ref": BASE + reference}, registry=self.registry)
        return self._validators[reference]

    def problem(self, reference, value):
        """Why the value does not fit, as one line; None where it does."""
        error = jsonschema.exceptions.best_match(self.validator(reference).iter_errors(value))
        if error is None:
            return None
        return f"{error.json_path}: {error.message[:300]}"

    def check(self, report):
        for path, document in self.documents.items():
            with report.step(f"schemas/{path}"):
                Draft202012Validator.check_schema(document)
                if document["$id"] != BASE + path:
                    report.problem(f"its $id is {document['$id']}, expected {BASE + path}")
                resolver = self.registry.resolver(document["$id"])
                for place, schema in subschemas(document):
                    if "$ref" in schema:
                        try:
                            resolver.lookup(schema["$ref"])
                        except Unresolvable:
                            report.problem(f"{place}: nothing is at {schema['$ref']}")
                    if schema.get("type") == "object" and "properties" in schema and place.count("/if") == 0:
                        unknown = set(schema.get("required", [])) - set(schema["properties"])
                        if unknown:
                            report.problem(f"{place}: required, but no property: {', '.join(sorted(unknown))}")


def subschemas(node, place="#"):
    """Every object in a schema with its place, the schema itself first."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from subschemas(value, f"{place}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from subschemas(value, f"{place}/{index}")
