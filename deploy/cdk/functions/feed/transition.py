"""A record of `tidewatch.alerts`, as an event source mapping hands it over."""

import base64
import binascii
import datetime
import json
import math
import re
from dataclasses import dataclass

SEVERITIES = ("info", "warning", "error", "critical")
_KEY = re.compile(r"[A-Za-z0-9_./:,@-]+/([0-9a-f]{32}){1,2}")
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}|[0-9]{6}|[0-9]{9}))?Z")
_RECORD_VERSION = 1
# An alert has four levels. What is far deeper json reads, and can't write where more calls are on the stack.
_NESTING_MAX = 64


class UnreadableRecord(Exception):
    """A record that is no transition of an alert; the text says why, with nothing of the record's content."""


@dataclass(frozen=True)
class Transition:
    """One change of one alert, and how it stands to the others of that alert."""

    key: str
    revision: str
    is_open: bool
    entry: dict

    @property
    def severity(self):
        return self.entry["alert"]["severity"]

    @property
    def service(self):
        return self.entry["alert"]["labels"].get("service")


def read(record):
    """The transition of a Kafka record; None for one without a value, which takes a former evaluator's record back and says nothing of the alert.

    Which alert it is says the value: the key has the evaluator's epoch behind it in version 2 of the records.
    """
    if not record.get("value"):
        return None
    try:
        alert = json.loads(base64.b64decode(record["value"], validate=True), parse_float=_finite, parse_constant=_finite)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise UnreadableRecord(f"the value is not JSON in base64 ({type(error).__name__})") from error
    if _is_nested_too_deep(alert):
        raise UnreadableRecord(f"the value is nested deeper than {_NESTING_MAX} levels")
    _check(alert)
    headers = _headers(record)
    revision = _revision(alert, headers)
    status, time, open_at = alert["status"], alert["time"], headers.get("tidewatch_open_at")
    event_id = f"{alert['dedup_key']}/{time}/{status}" + (f"/{open_at}" if open_at else "")
    entry = {"id": event_id, "revision": revision, "alert": alert}
    if headers.get("tidewatch_past") == "true":
        entry["past"] = True
    return Transition(alert["dedup_key"], revision, status == "open", entry)


def _check(alert):
    if not isinstance(alert, dict):
        raise UnreadableRecord("the value is no JSON object")
    if alert.get("version", _RECORD_VERSION) != _RECORD_VERSION:
        raise UnreadableRecord(f"the record's version is newer than {_RECORD_VERSION}: deploy a newer alert feed")
    key = alert.get("dedup_key")
    if not isinstance(key, str) or len(key) > 255 or not _KEY.fullmatch(key):
        raise UnreadableRecord("dedup_key is missing, or no key of an alert")
    if alert.get("status") not in ("open", "resolved"):
        raise UnreadableRecord("status is neither open nor resolved")
    if alert.get("severity") not in SEVERITIES:
        raise UnreadableRecord(f"severity is none of {', '.join(SEVERITIES)}")
    if not isinstance(alert.get("labels"), dict):
        raise UnreadableRecord("labels is no object")
    if not isinstance(alert["labels"].get("service", ""), str):
        raise UnreadableRecord("the label service is no text")


def _is_nested_too_deep(value):
    """Level by level, because a call for each level is what there is no room for."""
    level = [value]
    for _ in range(_NESTING_MAX):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())]
        if not level:
            return False
    return True


def _revision(alert, headers):
    """Orders the records of one alert as texts: by event time, then the evaluator's epoch, then open behind resolved.

    44 digits, all of fixed width: from year to nanosecond (23), epoch (20), status (1).
    """
    times = [_digits("time", alert.get("time"))]
    if "tidewatch_open_at" in headers:
        times.append(_digits("tidewatch_open_at", headers["tidewatch_open_at"]))
    epoch = headers.get("tidewatch_epoch", "0")
    if not re.fullmatch(r"[0-9]{1,20}", epoch):
        raise UnreadableRecord("tidewatch_epoch is no number of at most 20 digits")
    return f"{max(times)}{int(epoch):020d}{int(alert['status'] == 'open')}"


def _digits(name, text):
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise UnreadableRecord(f"{name} is no time in UTC with 0, 3, 6 or 9 digits of a second's fraction")
    *whole, fraction = match.groups()
    try:
        # A day that does not exist may sort behind all that do, and nothing would ever be later.
        datetime.datetime(*map(int, whole))
    except ValueError as error:
        raise UnreadableRecord(f"{name} is no time that exists ({error})") from error
    return "".join(whole) + (fraction or "").ljust(9, "0")


def _headers(record):
    """Lambda hands each header over as an object of one name, its value as Java's signed bytes."""
    headers = {}
    for each in record.get("headers") or []:
        for name, value in each.items():
            if name.startswith("tidewatch_"):
                headers[name] = bytes(byte & 0xFF for byte in value or []).decode("utf-8", "replace")
    return headers


def _finite(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is beyond all numbers")
    return value
