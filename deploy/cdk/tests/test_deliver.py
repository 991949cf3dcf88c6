"""From the queue to clients, with a real cache, and API Gateway as moto simulates it."""

import json
import os
import time
from types import SimpleNamespace

import pytest
from conftest import Context
from feed import connect, deliver, environment, fanout, posting
from feed_records import alert, batch, record
from test_connections import ask, event

DONE = {"batchItemFailures": []}


def message(value, revision="2", group="g", id="m1", attempt=1):
    return {
        "messageId": id, "receiptHandle": f"handle of {id}", "body": json.dumps({"id": "i", "revision": revision, "alert": value}),
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(attempt)}}


def present():
    return sorted(id for id, _ in environment.store().connections(int(time.time())))


def again(clients):
    """In how many seconds which message comes again."""
    return {each["ReceiptHandle"].removeprefix("handle of "): each["VisibilityTimeout"] for each in clients.again}


def test_transition_goes_to_those_whose_filters_take_it(connected, context, counted):
    assert deliver.handler({"Records": [
        message(alert(severity="warning"), id="1"), message(alert("cart", service="cart"), id="2", group="h")]}, context) == DONE
    names = {id: [each["alert"]["component"] for each in got] for id, got in connected.got.items()}
    assert names == {"all": ["api", "cart"], "critical": ["cart"], "cart": ["cart"]}
    assert connected.got["all"][0] == {"type": "transition", "id": "i", "revision": "2", "alert": alert(severity="warning")}
    assert counted()["TransitionsSent"] == 4


def test_end_goes_to_all_because_labels_may_have_changed(connected, context):
    deliver.handler({"Records": [message(alert(status="resolved", severity="info"))]}, context)
    assert sorted(connected.got) == ["all", "cart", "critical"]


def test_client_that_is_gone_is_forgotten(connected, context, counted):
    connected.gone.add("all")
    assert deliver.handler({"Records": [message(alert())]}, context) == DONE
    assert present() == ["cart", "critical"] and connected.closed == [] and counted()["ConnectionsGone"] == 1


def test_client_that_is_about_to_be_there_is_not_gone(become, connected, context):
    """While many alerts change nobody could connect else: each transition that falls into a handshake would forget the client."""
    members = become("members")
    connected.gone.add("new")
    members.leave(["cart"])
    assert connect.handler(event("new"), None) == {"statusCode": 200}
    become("sender")
    assert deliver.handler({"Records": [message(alert())]}, context) == DONE
    assert present() == ["all", "critical", "new"]
    connected.gone.clear()
    ask("new")
    assert [each["type"] for each in connected.got["new"]] == ["snapshot"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_post_that_is_refused_for_now_is_tried_again_with_growing_pauses(connected, context, status):
    connected.refusing["all"] = (status, 2)
    assert deliver.handler({"Records": [message(alert())]}, context) == DONE
    assert len(connected.got["all"]) == 1 and connected.pauses == [0.2, 0.4] and present() == ["all", "cart", "critical"]


def test_slow_client_is_closed_and_holds_up_no_other(connected, context, counted):
    connected.refusing["all"] = (429, 100)
    assert deliver.handler({"Records": [message(alert())]}, context) == DONE
    assert connected.closed == ["all"] and present() == ["cart", "critical"]
    assert list(connected.got) == ["critical"] and counted()["ConnectionsClosedSlow"] == 1


def test_where_nobody_takes_it_it_is_sent_again_and_nobody_is_closed(connected, context):
    for id in ("all", "critical"):
        connected.refusing[id] = (500, 3)
    records = {"Records": [message(alert()), message(alert(time="2026-11-20T12:00:00Z"), id="m2"), message(alert("cart", service="cart"), id="m3", group="h")]}
    assert deliver.handler(records, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    assert connected.closed == [] and present() == ["all", "cart", "critical"]
    assert again(connected) == {"m1": 5, "m2": 5}, "what is behind it of the same alert comes again with it, and not before"
    assert [each["alert"]["component"] for each in connected.got["all"]] == ["cart"], "another alert waits for nothing"
    assert deliver.handler({"Records": [message(alert(), attempt=2)]}, context) == DONE
    assert len(connected.got["critical"]) == 2


def test_pauses_grow_up_to_five_minutes(connected, context):
    pauses = []
    for attempt in (1, 2, 3, 5, 9):
        connected.refusing["critical"] = connected.refusing["all"] = (403, 100)
        deliver.handler({"Records": [message(alert(), attempt=attempt)]}, context)
        pauses.append(again(connected)["m1"])
    assert pauses == [5, 10, 20, 80, 300]


def test_message_that_failed_is_in_the_queue_again_and_one_that_was_sent_is_not(become, clients, queues, context):
    """By SQS itself: what is left for want of time is there at once."""
    become("writer")
    fanout.handler(batch(record(alert(), 0)), Context())
    sqs, url = environment.client("sqs"), os.environ["FEED_DELIVERIES_URL"]

    def receive():
        return [{"messageId": each["MessageId"], "receiptHandle": each["ReceiptHandle"], "body": each["Body"],
                 "attributes": {"MessageGroupId": each["Attributes"]["MessageGroupId"], "ApproximateReceiveCount": "1"}}
                for each in sqs.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", [])]

    become("sender")
    first = receive()
    assert len(first) == 1 and receive() == []
    assert len(deliver.handler({"Records": first}, Context(0))["batchItemFailures"]) == 1
    assert [each["messageId"] for each in receive()] == [first[0]["messageId"]]


def test_connections_that_time_does_not_suffice_for_get_it_at_the_next_attempt(connected, context, monkeypatch):
    """Who took it, or was too slow, is done with; so each attempt comes further."""
    monkeypatch.setattr(deliver, "SEND_SECONDS", 0)
    assert deliver.handler({"Records": [message(alert())]}, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert connected.got == {} and connected.closed == [] and present() == ["all", "cart", "critical"]
    monkeypatch.setattr(deliver, "SEND_SECONDS", 20)
    assert deliver.handler({"Records": [message(alert(), attempt=2)]}, context) == DONE
    assert sorted(connected.got) == ["all", "critical"]


def test_where_nobody_takes_it_for_minutes_they_are_closed(connected, context):
    connected.refusing["critical"] = connected.refusing["all"] = (429, 100)
    assert deliver.handler({"Records": [message(alert(), attempt=deliver.ATTEMPTS_OF_ALL)]}, context) == DONE
    assert sorted(connected.closed) == ["all", "critical"] and present() == ["cart"]


def test_missing_rights_are_an_error_and_close_nobody(connected, context):
    for id in ("all", "critical"):
        connected.refusing[id] = (403, 100)
    assert deliver.handler({"Records": [message(alert())]}, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert connected.closed == [] and present() == ["all", "cart", "critical"]


def test_what_time_does_not_suffice_for_is_left_to_the_next_call(connected):
    records = {"Records": [message(alert()), message(alert("cart"), id="m2", group="h")]}
    assert deliver.handler(records, Context(deliver.MESSAGE_MILLISECONDS - 1)) == {
        "batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    assert connected.got == {} and again(connected) == {"m1": 0, "m2": 0}


def test_who_took_it_does_not_get_it_again_with_the_others(connected, context, monkeypatch):
    """However many connections there are, each attempt comes further: of three that take 15 s each, two have time at once."""
    now = [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], time=time.time)
    for module in (deliver, posting):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(environment, "POSTS_AT_ONCE", 1)
    real = environment.connections()._client.post_to_connection

    def slow(**request):
        now[0] += 15
        return real(**request)

    monkeypatch.setattr(environment.connections()._client, "post_to_connection", slow)
    end = alert(status="resolved")
    assert deliver.handler({"Records": [message(end)]}, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert len(connected.got) == 2
    assert deliver.handler({"Records": [message(end, attempt=2)]}, context) == DONE
    assert {id: len(got) for id, got in connected.got.items()} == {"all": 1, "cart": 1, "critical": 1}


def test_connection_that_api_gateway_refuses_is_no_matter_of_the_others(connected, context):
    connected.refusing["critical"] = (400, 100)
    for attempt in (1, 2, 3):
        assert deliver.handler({"Records": [message(alert(), attempt=attempt)]}, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
        # Not by counting what came: posts begin together, and one that fails may take back others or not.
        assert "all" in environment.store().sent("m1")
    assert len(connected.got["all"]) == 1 and connected.closed == []


@pytest.mark.parametrize("body", ["{", "[]", "{}", "null", json.dumps({"revision": "2", "alert": {"dedup_key": "k", "status": "open"}})])
def test_message_that_is_none_of_the_feed_fails_alone(connected, context, body):
    poison = {**message(alert(), id="poison"), "body": body}
    assert deliver.handler({"Records": [poison, message(alert("cart"), id="m2", group="h")]}, context) == {
        "batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert [each["alert"]["component"] for each in connected.got["all"]] == ["cart"] and again(connected) == {"poison": 5}


def test_all_is_sent_again_while_the_cache_is_away(connected, context, cache_away):
    cache_away()
    assert deliver.handler({"Records": [message(alert())]}, context) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert connected.got == {}


def test_whole_way_from_the_topic_to_a_client(become, clients, queues, context):
    """A client that connects early, one that connects late, and one that comes back: at last all know the same."""
    become("members")
    connect.handler(event("early"), None)
    become("writer")
    fanout.handler(batch(record(alert(), 0, epoch=1), record(alert("cart"), 1, epoch=1)), Context())
    become("members")
    connect.handler(event("late"), None)
    become("sender")
    ask("late")
    become("writer")
    fanout.handler(batch(record(alert("cart", status="resolved", time="2026-11-20T11:00:00Z"), 2, epoch=1)), Context())
    become("sender")
    assert deliver.handler({"Records": queues.deliveries()}, context) == DONE
    ask("early")

    assert knows(clients.got["early"]) == knows(clients.got["late"]) == ["api"]


def knows(got):
    """What a client takes for open that does as README.md says."""
    held, over, unnamed = {}, set(), set()
    for item in got:
        is_snapshot = item["type"] == "snapshot"
        if is_snapshot and item["page"] == 1:
            unnamed = set(held)
        for each in item["alerts"] if is_snapshot else [item]:
            name = each["alert"]["dedup_key"]
            is_later = name not in held or held[name]["revision"] < each["revision"]
            if is_later:
                held[name] = each
                over.discard(name)
            if is_later or is_snapshot:
                unnamed.discard(name)
        if is_snapshot and item["last"]:
            over |= unnamed
    return sorted(each["alert"]["component"] for name, each in held.items() if each["alert"]["status"] == "open" and name not in over)


def test_client_that_missed_an_end_learns_it_from_the_next_snapshot(become, clients, queues, context):
    """It was away when the alert ended, and what is sent again late does not open the alert anew."""
    become("members")
    connect.handler(event("c1"), None)
    become("writer")
    fanout.handler(batch(record(alert(), 0), record(alert("cart"), 1)), Context())
    become("sender")
    opened = queues.deliveries()
    deliver.handler({"Records": opened}, context)
    become("members").leave(["c1"])
    become("writer")
    fanout.handler(batch(record(alert(status="resolved", time="2026-11-20T11:00:00Z"), 2)), Context())
    become("sender")
    deliver.handler({"Records": queues.deliveries()}, context)
    assert knows(clients.got["c1"]) == ["api", "cart"]
    become("members")
    connect.handler(event("c1"), None)
    become("sender")
    ask("c1")
    assert knows(clients.got["c1"]) == ["cart"]
    clients.got["c1"].append(clients.got["c1"][0])
    assert knows(clients.got["c1"]) == ["cart"]


def test_what_a_later_transition_has_replaced_is_not_sent(become, clients, queues, context, counted):
    """A queue that has grown long is worked off by alerts, and not by changes."""
    become("members")
    connect.handler(event("c1"), None)
    become("writer")
    changes = [record(alert(status="resolved" if n % 2 else "open", time=f"2026-11-20T12:00:{n:02}Z"), n) for n in range(20)]
    fanout.handler(batch(*changes), Context())
    become("sender")
    assert deliver.handler({"Records": queues.deliveries()}, context) == DONE
    assert [each["alert"]["time"] for each in clients.got["c1"]] == ["2026-11-20T12:00:19Z"]
    assert counted()["TransitionsSuperseded"] == 19
