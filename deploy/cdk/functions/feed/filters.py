"""Which alerts a connection wants, said when it connects: `?severity=critical&severity=error&service=api`."""

import json
from dataclasses import dataclass

from .transition import SEVERITIES

SERVICES_MAX = 50
SERVICE_CHARACTERS_MAX = 256


class InvalidFilter(Exception):
    pass


@dataclass(frozen=True)
class Filter:
    """Empty means all."""

    severities: frozenset = frozenset()
    services: frozenset = frozenset()

    @classmethod
    def of_query(cls, parameters):
        """From the query string's parameters, each with its values. Those of a signed address belong to the signature."""
        given = {name: values for name, values in (parameters or {}).items() if not name.lower().startswith("x-amz-")}
        unknown = sorted(set(given) - {"severity", "service"})
        if unknown:
            raise InvalidFilter(f"there is no parameter {unknown[0]!r}: severity or service, each once or several times")
        severities, services = frozenset(given.get("severity", ())), frozenset(given.get("service", ()))
        if not severities <= set(SEVERITIES):
            raise InvalidFilter(f"severity is one of {', '.join(SEVERITIES)}")
        if len(services) > SERVICES_MAX or any(not 0 < len(each) <= SERVICE_CHARACTERS_MAX for each in services):
            raise InvalidFilter(f"at most {SERVICES_MAX} services, each of 1 to {SERVICE_CHARACTERS_MAX} characters")
        return cls(severities, services)

    @classmethod
    def of_text(cls, text):
        severities, services = json.loads(text)
        return cls(frozenset(severities), frozenset(services))

    @property
    def text(self):
        return json.dumps([sorted(self.severities), sorted(self.services)], separators=(",", ":"))

    def takes(self, severity, service):
        return (not self.severities or severity in self.severities) and (not self.services or service in self.services)
