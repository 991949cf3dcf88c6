"""What a record of the feed says, and which of two says the later thing."""

import base64
import itertools
import json
import random

import pytest
from feed import fanout, messages, transition
from feed.filters import Filter
from feed_records import alert, handed_over, key, record, recorded_feed


def test_record_is_read_with_its_headers():
    read = transition.read(record(alert(), epoch=4294967299, past=True, open_at="2026-11-20T11:00:00Z"))
    assert (read.key, read.is_open, read.severity, read.service) == (key(), True, "critical", "shop")
    assert read.entry["id"] == f"{key()}/2026-11-20T10:05:00Z/open/2026-11-20T11:00:00Z"
    assert read.entry["past"] is True and read.entry["alert"] == alert()
    assert read.revision == "20261120110000" + "000000000" + "00000000004294967299" + "1"


def test_revisions_are_in_the_order_of_time_epoch_and_status():
    """By event time, then by epoch as a number, then open behind resolved; and of an alert that is said again the later time counts."""
    ascending = [
        record(alert(time="2026-11-20T10:05:00Z"), epoch=99),
        record(alert(time="2026-11-20T10:05:00.001Z")),
        record(alert(time="2026-11-20T10:05:00.001000001Z")),
        record(alert(time="2026-11-20T10:05:00.002Z"), epoch=9),
        record(alert(time="2026-11-20T10:05:00.002Z"), epoch=10),
        record(alert(time="2026-11-20T10:06:00Z", status="resolved"), epoch=7),
        record(alert(time="2026-11-20T10:06:00Z", status="open"), epoch=7),
        record(alert(time="2026-11-20T10:05:00Z"), epoch=1, open_at="2026-11-20T10:07:00Z"),
    ]
    revisions = [transition.read(each).revision for each in ascending]
    assert revisions == sorted(set(revisions)) and len({len(each) for each in revisions}) == 1


def test_record_without_a_value_says_nothing():
    assert transition.read(handed_over(key() + "/3", None, {}, 0, 0)) is None


def _changed(**changes):
    value = alert()
    for name, new in changes.items():
        value[name] = new
    return json.dumps(value).encode()


@pytest.mark.parametrize("value, words", [
    (b"\x00\x01", "not JSON"),
    (b"[1]", "no JSON object"),
    (b"[" * 100_000, "not JSON"),
    (_changed(status="closed"), "neither open nor resolved"),
    (_changed(severity="fatal"), "severity is none of"),
    (_changed(dedup_key="x" * 40), "no key of an alert"),
    (_changed(dedup_key="\ud800" + key()), "no key of an alert"),
    (_changed(time="2026-11-20T10:05:00+01:00"), "time is no time in UTC"),
    (_changed(time="２０26-11-20T10:05:00Z"), "time is no time in UTC"),
    (_changed(time="2026-02-30T10:05:00Z"), "time is no time that exists"),
    (_changed(time="9999-99-99T99:99:99Z"), "time is no time that exists"),
    (_changed(labels=["shop"]), "labels is no object"),
    (_changed(labels={"service": 7}), "service is no text"),
    (_changed(version=2), "version is newer"),
    (_changed(details={"target": float("inf")}), "not JSON"),
    (_changed().replace(b"20.5", b"1e999"), "not JSON"),
])
def test_what_is_no_transition_is_unreadable_with_the_reason(value, words):
    with pytest.raises(transition.UnreadableRecord) as error:
        transition.read(handed_over("k", value, {}, 0, 0))
    assert words in str(error.value)


def test_time_of_a_header_has_to_exist_too():
    with pytest.raises(transition.UnreadableRecord, match="tidewatch_open_at is no time that exists"):
        transition.read(handed_over("k", _changed(), {"tidewatch_open_at": "9999-99-99T99:99:99Z"}, 0, 0))


@pytest.mark.parametrize("levels", [60, 63, 64, 65, 200, *range(960, 1000, 3), 5000])
def test_what_is_read_can_be_written_however_deep_it_is(levels):
    """`levels` of lists in the alert, which is one itself."""
    value = _changed()[:-1] + b', "deep": ' + b"[" * levels + b"]" * levels + b"}"
    try:
        _, entry, text = fanout._understood(handed_over("k", value, {}, 0, 0))
    except transition.UnreadableRecord as error:
        assert levels >= 64 and ("nested deeper" in str(error) or "RecursionError" in str(error))
    else:
        assert levels < 64 and json.loads(text) == entry and messages.transition(entry)


@pytest.mark.parametrize("seed", range(5))
def test_no_record_is_a_mistake_of_the_feed(seed):
    """Keys missing, of other types and of any size: it is unreadable, or is sent within API Gateway's limits."""
    print(f"seed {seed}")
    numbers, read = random.Random(seed), 0
    odd = [None, True, 0, -1, 10**4000, 1.5, "", "x" * 300_000, "\U0001f600" * 40_000, "\ud800", "\0" * 300, [], [[]], {}, {"service": None},
           {"service": "\ud800" * 50_000}, {"service": "s", "x": 1}, ["s" * 200_000], "open", "2026-11-20T10:05:00Z"]
    for _ in range(100):
        value = alert(reason="x" * numbers.choice([1, 200_000]))
        for name in numbers.sample(sorted(value), numbers.randint(0, 4)):
            if numbers.random() < 0.4:
                del value[name]
            else:
                value[name] = numbers.choice(odd)
        try:
            change, entry, text = fanout._understood(handed_over("k", json.dumps(value).encode(), {}, 0, 0))
        except transition.UnreadableRecord as error:
            assert "mistake of the feed" not in str(error), value.keys()
            continue
        read += 1
        assert len(messages.transition(entry)) <= 128 * 1024 and not change.is_open or json.loads(text) == entry
        assert len(fanout._attribute(change.service)) <= 256
    assert read > 5


def test_value_that_is_no_base64_is_unreadable():
    broken = {**record(alert()), "value": "%%%"}
    with pytest.raises(transition.UnreadableRecord):
        transition.read(broken)


def test_epoch_that_is_no_number_is_unreadable():
    with pytest.raises(transition.UnreadableRecord, match="tidewatch_epoch"):
        transition.read(handed_over("k", _changed(), {"tidewatch_epoch": "-1"}, 0, 0))


def test_every_record_of_a_former_release_is_read():
    records, _ = recorded_feed()
    assert len(records) > 20
    for each in records:
        assert transition.read(each).entry["alert"] == json.loads(base64.b64decode(each["value"]))


def test_hostile_text_is_escaped():
    text = "".join(map(chr, range(0x20))) + "\x7f\x85\u202e\u2028\u200b<script>"
    data = messages.transition({"alert": alert(summary=text)})
    assert all(0x20 <= byte < 0x7F for byte in data) and json.loads(data)["alert"]["summary"] == text


@pytest.mark.parametrize("bulk, left_out", [
    ({}, None),
    ({"sources": ["s" * 200_000]}, ["sources"]),
    ({"annotations": {"a": "x" * 200_000}}, ["sources", "details", "annotations"]),
    ({"labels": {"service": "s" * 2000, "more": "x" * 200_000}}, ["sources", "details", "links", "labels"]),
    ({"reason": "x" * 200_000, "unheard": "y" * 200_000}, ["sources", "details", "links", "labels", "texts"]),
    ({"source": {"deep": "x" * 200_000}}, ["sources", "details", "links", "labels", "texts"]),
])
def test_entry_that_is_too_large_loses_what_matters_least(bulk, left_out):
    entry = messages.bounded({"id": "i", "revision": "r", "alert": {**alert(), **bulk}})
    assert entry.get("left_out") == left_out
    assert len(messages.transition(entry)) <= 128 * 1024
    assert all(len(page) <= 128 * 1024 for page in messages.pages([entry]))
    assert {name: entry["alert"][name] for name in ("dedup_key", "status", "severity", "time")} == {
        name: alert()[name] for name in ("dedup_key", "status", "severity", "time")}
    assert entry["alert"]["labels"]["service"][:4] in ("shop", "ssss")


def test_snapshot_of_nothing_says_that_nothing_is_open():
    assert [json.loads(each) for each in messages.pages([])] == [{"type": "snapshot", "page": 1, "last": True, "alerts": []}]


@pytest.mark.parametrize("severities, services", list(itertools.product(([], ["error"], ["error", "info"]), ([], ["shop"]))))
def test_filter_takes_what_it_names_and_survives_being_stored(severities, services):
    wanted = Filter.of_query({"severity": severities, "service": services})
    assert Filter.of_text(wanted.text) == wanted
    for severity, service in itertools.product(transition.SEVERITIES, ("shop", "other", None)):
        expected = (not severities or severity in severities) and (not services or service in services)
        assert wanted.takes(severity, service) == expected
