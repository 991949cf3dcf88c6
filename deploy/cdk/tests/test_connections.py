"""connect, disconnect and snapshot, with a real cache under the stack's rights."""

import json
import time

import pytest
from conftest import Context
from feed import connect, disconnect, environment, fanout, snapshot, store as store_module
from feed.store import CACHE_ERRORS
from feed_records import alert, batch, key, record


def event(connection, **query):
    return {
        "requestContext": {"connectionId": connection, "identity": {"userArn": "arn:aws:sts::123456789012:assumed-role/viewer/someone"}},
        "multiValueQueryStringParameters": query or None}


def ask(connection):
    return snapshot.handler({"requestContext": {"connectionId": connection}}, None)


def test_connection_is_known_until_it_ends(become):
    become("members")
    assert connect.handler(event("c1", severity=["critical"]), None) == {"statusCode": 200}
    assert become("sender").connections(int(time.time())) == [("c1", '[["critical"],[]]')]
    become("members")
    disconnect.handler(event("c1"), None)
    assert become("sender").connections(int(time.time())) == []


def test_connection_whose_end_was_not_seen_is_forgotten_after_two_hours(become):
    members, now = become("members"), int(time.time())
    assert members.join("old", "[[],[]]", now - store_module.CONNECTION_SECONDS, 3)
    assert become("sender").connections(now) == []
    assert become("sender").filter("old", now) is None
    assert become("members").join("new", "[[],[]]", now, 1), "the room of the one that is gone is free"


def test_connection_beyond_the_bound_is_refused(become, counted):
    become("members")
    assert [connect.handler(event(f"c{n}"), None)["statusCode"] for n in range(4)] == [200, 200, 200, 503]
    assert connect.handler(event("c1", service=["shop"]), None) == {"statusCode": 200}, "who is known already takes no more room"
    assert counted()["ConnectionsRefused"] == 1


def test_connection_is_refused_while_the_cache_is_away(become, cache_away):
    cache_away()
    answer = connect.handler(event("c1"), None)
    assert answer["statusCode"] == 503 and "cache is away" in answer["body"]


@pytest.mark.parametrize("query, words", [
    ({"severity": ["fatal"]}, "severity is one of info, warning, error, critical"),
    ({"severty": ["error"]}, "there is no parameter 'severty'"),
    ({"service": [""]}, "1 to 256 characters"),
    ({"service": [str(n) for n in range(51)]}, "at most 50 services"),
])
def test_wrong_filter_is_refused_with_the_reason(become, query, words):
    become("members")
    answer = connect.handler(event("c1", **query), None)
    assert answer["statusCode"] == 400 and words in answer["body"]
    assert become("sender").connections(int(time.time())) == []


def test_parameters_of_a_signed_address_are_no_filter(become):
    become("members")
    signed = {"X-Amz-Algorithm": ["AWS4-HMAC-SHA256"], "X-Amz-Signature": ["00"], "service": ["shop"]}
    assert connect.handler(event("c1", **signed), None) == {"statusCode": 200}
    assert become("sender").connections(int(time.time())) == [("c1", '[[],["shop"]]')]


def test_late_client_gets_what_is_open_and_passes_its_filter(become, clients, queues):
    become("writer")
    fanout.handler(batch(
        record(alert("api"), 0), record(alert("search", severity="warning"), 1), record(alert("cart"), 2),
        record(alert("cart", status="resolved", time="2026-11-20T11:00:00Z"), 3)), Context())
    become("members")
    connect.handler(event("all"), None)
    connect.handler(event("some", severity=["warning", "error"]), None)
    become("sender")
    ask("all")
    ask("some")
    pages = {id: [(page["type"], page["page"], page["last"], sorted(each["alert"]["component"] for each in page["alerts"]))
                  for page in got] for id, got in clients.got.items()}
    assert pages == {"all": [("snapshot", 1, True, ["api", "search"])], "some": [("snapshot", 1, True, ["search"])]}


def test_snapshot_is_sent_in_pages_of_whole_alerts(become, clients):
    writer = become("writer")
    for n in range(200):
        entry = {"id": str(n), "revision": "1", "alert": alert(f"api-{n}")}
        writer.put(key(f"api-{n}"), "1", json.dumps(entry), 0)
    become("members")
    connect.handler(event("c1"), None)
    become("sender")
    ask("c1")
    got = clients.got["c1"]
    assert len(got) > 1 and [page["page"] for page in got] == list(range(1, len(got) + 1))
    assert [page["last"] for page in got] == [False] * (len(got) - 1) + [True]
    assert sorted(each["alert"]["component"] for page in got for each in page["alerts"]) == sorted(f"api-{n}" for n in range(200))
    assert max(len(json.dumps(page, separators=(",", ":"))) for page in got) <= 32 * 1024


def test_snapshot_again_at_once_is_refused(become, clients):
    become("members")
    connect.handler(event("c1"), None)
    become("sender")
    ask("c1")
    ask("c1")
    assert [(each["type"], each.get("code")) for each in clients.got["c1"]] == [("snapshot", None), ("error", "too_soon")]


def test_connection_that_the_cache_does_not_know_is_closed(become, clients):
    become("sender")
    ask("stranger")
    assert clients.closed == ["stranger"] and clients.got == {}


@pytest.mark.parametrize("trouble, closed", [("gone", []), ("slow", ["c1"])])
def test_client_that_takes_no_snapshot_is_forgotten(become, clients, trouble, closed):
    become("members")
    connect.handler(event("c1"), None)
    become("sender")
    if trouble == "gone":
        clients.gone.add("c1")
    else:
        clients.refusing["c1"] = (429, 100)
    ask("c1")
    assert environment.store().connections(int(time.time())) == [] and clients.closed == closed


@pytest.mark.parametrize("role, forbidden", [
    ("members", lambda store: store.put("k", "1", "x", 0)),
    ("members", lambda store: list(store.open())),
    ("writer", lambda store: store.join("c", "[[],[]]", 0, 1)),
    ("writer", lambda store: store.connections(0)),
    ("sender", lambda store: store.put("k", "1", "x", 0)),
    ("sender", lambda store: store._client.hset(store_module.OPEN, "k", "x")),
    ("sender", lambda store: store._client.flushall()),
])
def test_user_reaches_no_more_than_its_function_needs(become, role, forbidden):
    with pytest.raises(CACHE_ERRORS) as error:
        forbidden(become(role))
    assert "permission" in str(error.value).lower() or "NOPERM" in str(error.value)
