"""What a client is sent: JSON in ASCII, one message of a WebSocket each, within API Gateway's limits."""

import json

# API Gateway takes 128 KB in a message, and counts and frames by 32 KB.
MESSAGE_BYTES_MAX = 128 * 1024
PAGE_BYTES_MAX = 32 * 1024
# What stands around an entry, with room.
_ENVELOPE_BYTES = 512
# What an entry that is too large loses, one after the other, until it fits.
_EXPENDABLE = ("sources", "details", "annotations", "links", "labels")
_TEXT_CHARACTERS_MAX = 1024


def encoded(value):
    """All but printable ASCII are escapes: nothing that a terminal obeys."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def transition(entry):
    return encoded({"type": "transition", **entry})


def error(code, message, **more):
    return encoded({"type": "error", "code": code, "message": message, **more})


def bounded(entry):
    """The entry, or what of it fits into a message; `left_out` then names what is missing or cut."""
    if _fits(entry):
        return entry
    alert, left_out = dict(entry["alert"]), []
    for name in _EXPENDABLE:
        if name not in alert:
            continue
        left_out.append(name)
        if name == "labels":
            alert["labels"] = {k: v[:_TEXT_CHARACTERS_MAX] for k, v in alert["labels"].items() if k == "service"}
        else:
            del alert[name]
        if _fits({**entry, "alert": alert, "left_out": left_out}):
            return {**entry, "alert": alert, "left_out": left_out}
    known = ("dedup_key", "status", "severity", "summary", "reason", "source", "component", "group", "class", "time",
             "opened_at", "version")
    left_out.append("texts")
    alert = {name: _cut(alert[name]) for name in known if name in alert and isinstance(alert[name], str | int | None)} | {"labels": alert["labels"]}
    return {**entry, "alert": alert, "left_out": left_out}


def pages(entries):
    """Snapshot messages of whole entries, each of at most 32 KB unless one entry alone is larger. There is one at least, and the last one says so."""
    page, size, number = [], 0, 1
    for entry in entries:
        bytes_ = len(encoded(entry)) + 1
        if page and size + bytes_ > PAGE_BYTES_MAX - _ENVELOPE_BYTES:
            yield _page(number, page, last=False)
            page, size, number = [], 0, number + 1
        page.append(entry)
        size += bytes_
    yield _page(number, page, last=True)


def _page(number, alerts, last):
    return encoded({"type": "snapshot", "page": number, "last": last, "alerts": alerts})


def _fits(entry):
    return len(encoded(entry)) <= MESSAGE_BYTES_MAX - _ENVELOPE_BYTES


def _cut(value):
    return value[:_TEXT_CHARACTERS_MAX] if isinstance(value, str) else value
