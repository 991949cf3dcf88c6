"""From the topic's records to the ordered topic, with a real cache, and SNS and SQS as moto simulates them."""

import json
import random

import pytest
from botocore.exceptions import EndpointConnectionError
from conftest import Context
from feed import environment, fanout
from feed.store import ALERT_SECONDS, CHANGED, REVISIONS
from feed_records import alert, batch, handed_over, key, record, recorded_feed

DONE = {"batchItemFailures": []}
NOON, LATER = "2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z"


def sent(queues):
    return [(each["alert"]["component"], each["alert"]["status"], each["alert"]["time"])
            for each in (json.loads(message["body"]) for message in queues.deliveries())]


class Expensive:
    """A call of 120 s, of which others take some: the cache or SNS, as the test says."""

    def __init__(self):
        self.milliseconds = 120_000

    def costs(self, call, milliseconds):
        def expensive(*arguments, **options):
            self.milliseconds -= milliseconds
            assert self.milliseconds > 0, "Lambda ends the call, and nothing of it counts"
            return call(*arguments, **options)
        return expensive

    def get_remaining_time_in_millis(self):
        return self.milliseconds

def test_transitions_are_published_in_order_and_kept(writer, queues, open_alerts):
    assert fanout.handler(batch(
        record(alert(), 0), record(alert("cart"), 1), record(alert("cart", status="resolved", time=LATER), 2)), Context()) == DONE
    assert sent(queues) == [("api", "open", "2026-11-20T10:05:00Z"), ("cart", "open", "2026-11-20T10:05:00Z"), ("cart", "resolved", LATER)]
    assert set(open_alerts()) == {key("api")}


def test_message_carries_what_queues_filter_by_and_has_its_alerts_group(writer, queues, monkeypatch):
    requests, real = [], environment.client("sns").publish_batch
    monkeypatch.setattr(environment.client("sns"), "publish_batch", lambda **request: requests.append(request) or real(**request))
    fanout.handler(batch(
        record(alert(service="shop\u0007"), 0), record(alert(status="resolved", time=NOON), 1), record(alert("cart"), 2)), Context())
    entries = requests[0]["PublishBatchRequestEntries"]
    assert {name: each["StringValue"] for name, each in entries[0]["MessageAttributes"].items()} == {
        "severity": "critical", "status": "open", "service": "shop?"}
    groups = [each["MessageGroupId"] for each in entries]
    assert groups[0] == groups[1] != groups[2] and len({each["MessageDeduplicationId"] for each in entries}) == 3


@pytest.mark.parametrize("late", [
    # An owner that was declared dead writes late: in event time before, or of the same time and an earlier epoch.
    record(alert(time="2026-11-20T11:59:59Z"), 0, partition=3, epoch=99),
    record(alert(time=NOON), 0, partition=3, epoch=4),
    record(alert(time=NOON), 0, partition=3),
])
def test_late_record_opens_nothing_again(writer, queues, open_alerts, late, counted):
    fanout.handler(batch(record(alert(status="resolved", time=NOON), 7, epoch=5)), Context())
    sent(queues)
    assert fanout.handler(batch(late), Context()) == DONE
    assert sent(queues) == [] and open_alerts() == {} and counted()["TransitionsSuperseded"] == 1


def test_alert_of_the_same_time_and_a_later_epoch_counts(writer, queues, open_alerts):
    fanout.handler(batch(record(alert(status="resolved", time=NOON), 7, epoch=5)), Context())
    fanout.handler(batch(record(alert(time=NOON), 8, epoch=6)), Context())
    assert set(open_alerts()) == {key()}


def test_record_that_is_read_twice_is_published_again_and_dropped_by_sns(writer, queues):
    for _ in range(2):
        assert fanout.handler(batch(record(alert())), Context()) == DONE
    assert sent(queues) == [("api", "open", "2026-11-20T10:05:00Z")]


def test_record_without_a_value_is_passed_over(writer, queues, open_alerts):
    fanout.handler(batch(record(alert(), 0, epoch=3), handed_over(key() + "/3", None, {}, 1, 0)), Context())
    assert set(open_alerts()) == {key()}


def test_unreadable_record_is_kept_with_its_place_and_holds_up_nothing(writer, queues, open_alerts, counted):
    assert fanout.handler(batch(handed_over("k", b"{", {}, 41, 2), record(alert(), 42, partition=2)), Context()) == DONE
    letters = [json.loads(each["body"]) for each in queues.rejected()]
    assert [(each["topic"], each["partition"], each["offset"], each["value"], each["value_is_whole"]) for each in letters] == [
        ("tidewatch.alerts", 2, 41, "ew==", True)]
    assert "not JSON" in letters[0]["reason"]
    assert set(open_alerts()) == {key()} and counted()["RecordsRejected"] == 1


def test_letter_of_a_large_record_fits_into_a_message(writer, queues):
    assert fanout.handler(batch(handed_over("k", b"x" * 900_000, {}, 0, 0)), Context()) == DONE
    body = queues.rejected()[0]["body"]
    assert len(body) < 256 * 1024 and json.loads(body)["value_is_whole"] is False


def test_batch_that_sns_refuses_in_part_is_read_again_from_there(writer, queues, monkeypatch):
    client = environment.client("sns")
    real, calls = client.publish_batch, []

    def refuse_third_message(**request):
        calls.append(request)
        if len(calls) > 1:
            return real(**request)
        entries = request["PublishBatchRequestEntries"]
        answer = real(**{**request, "PublishBatchRequestEntries": entries[:2] + entries[3:]})
        return {**answer, "Failed": [{"Id": entries[2]["Id"], "Code": "InternalError", "SenderFault": False}]}

    monkeypatch.setattr(client, "publish_batch", refuse_third_message)
    event = batch(*(record(alert(f"api-{n}"), 10 + n, partition=n % 2) for n in range(6)))
    assert fanout.handler(event, Context()) == {"batchItemFailures": [{"itemIdentifier": {"partition": "tidewatch.alerts-0", "offset": 14}}]}
    again = batch(record(alert("api-4"), 14))
    assert fanout.handler(again, Context()) == DONE
    assert sorted(name for name, _, _ in sent(queues)) == [f"api-{n}" for n in range(6)]


def test_nothing_is_passed_over_while_sns_is_away(writer, queues, monkeypatch):
    def away(**_):
        raise EndpointConnectionError(endpoint_url="https://sns")

    event = batch(*(record(alert(f"api-{n}"), n, partition=n % 2) for n in range(25)))
    with monkeypatch.context() as patch:
        patch.setattr(environment.client("sns"), "publish_batch", away)
        assert fanout.handler(event, Context())["batchItemFailures"] == [
            {"itemIdentifier": {"partition": f"tidewatch.alerts-{n}", "offset": n}} for n in range(2)]
    assert fanout.handler(event, Context()) == DONE
    assert len(sent(queues)) == 25


def test_all_is_read_again_while_the_cache_is_away(writer, queues, become, cache_away):
    event = batch(record(alert(), 5), record(alert("cart"), 6), record(alert("search"), 2, partition=1))
    cache_away()
    assert fanout.handler(event, Context())["batchItemFailures"] == [
        {"itemIdentifier": {"partition": "tidewatch.alerts-0", "offset": 5}}, {"itemIdentifier": {"partition": "tidewatch.alerts-1", "offset": 2}}]
    assert sent(queues) == []
    become("writer")
    assert fanout.handler(event, Context()) == DONE
    assert len(sent(queues)) == 3


def test_unreadable_record_is_read_again_where_it_could_not_be_kept(writer, queues, monkeypatch):
    monkeypatch.setenv("FEED_REJECTED_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/none")
    event = batch(record(alert(), 4), handed_over("k", b"{", {}, 5, 0), record(alert("cart"), 6))
    assert fanout.handler(event, Context()) == {"batchItemFailures": [{"itemIdentifier": {"partition": "tidewatch.alerts-0", "offset": 5}}]}
    assert [name for name, _, _ in sent(queues)] == ["api"]


def test_record_that_the_feed_itself_fails_on_holds_up_nothing(writer, queues, monkeypatch):
    real = fanout.messages.bounded
    monkeypatch.setattr(fanout.messages, "bounded", lambda entry: real(entry) if entry["alert"]["component"] != "bad" else {}["none"])
    assert fanout.handler(batch(record(alert("bad"), 0), record(alert(), 1)), Context()) == DONE
    assert [name for name, _, _ in sent(queues)] == ["api"]
    assert "KeyError" in json.loads(queues.rejected()[0]["body"])["reason"]


@pytest.mark.parametrize("cache_milliseconds, sns_milliseconds", [(1_500, 0), (4_000, 0), (0, 24_000), (4_000, 24_000)])
def test_batch_is_worked_off_however_slow_cache_and_sns_are(writer, queues, monkeypatch, cache_milliseconds, sns_milliseconds):
    """Each call gets further, and ends by itself before Lambda ends it."""
    records, calls = [record(alert(f"api-{n}"), n, partition=n % 2) for n in range(50)], 0
    put, publish = writer.put, environment.client("sns").publish_batch
    while records:
        clock, calls = Expensive(), calls + 1
        monkeypatch.setattr(writer, "put", clock.costs(put, cache_milliseconds))
        monkeypatch.setattr(environment.client("sns"), "publish_batch", clock.costs(publish, sns_milliseconds))
        failed = {each["itemIdentifier"]["partition"]: each["itemIdentifier"]["offset"]
                  for each in fanout.handler(batch(*records), clock)["batchItemFailures"]}
        left = [each for each in records if each["offset"] >= failed.get(f"{each['topic']}-{each['partition']}", 1000)]
        assert len(left) < len(records), "it reads the same again for ever"
        records = left
    assert sorted(name for name, _, _ in sent(queues)) == sorted(f"api-{n}" for n in range(50)) and calls > 1


def test_other_partitions_do_not_wait_for_one_whose_record_could_not_be_kept(writer, queues, monkeypatch, counted):
    monkeypatch.setenv("FEED_REJECTED_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/none")
    event = batch(handed_over("k", b"{", {}, 5, 0), record(alert("cart"), 6), record(alert(), 1, partition=1))
    assert fanout.handler(event, Context()) == {"batchItemFailures": [{"itemIdentifier": {"partition": "tidewatch.alerts-0", "offset": 5}}]}
    assert [name for name, _, _ in sent(queues)] == ["api"] and "RecordsRejected" not in counted()


@pytest.mark.parametrize("seed", range(5))
def test_feed_of_a_former_release_comes_to_what_it_said_in_every_order(writer, queues, open_alerts, seed):
    """Read again from anywhere and in any order, the cache holds the alerts that `tidewatch alerts list` printed then."""
    print(f"seed {seed}")
    records, standing = recorded_feed()
    numbers = random.Random(seed)
    read = records + numbers.choices(records, k=len(records) // 2)
    numbers.shuffle(read)
    for start in range(0, len(read), 10):
        assert fanout.handler(batch(*read[start:start + 10]), Context()) == DONE
    expected = {each["dedup_key"]: each for each in standing if each["status"] == "open"}
    assert expected and {name: each["alert"] for name, each in open_alerts().items()} == expected


def test_alert_is_forgotten_when_the_topic_forgets_it(writer, cache):
    now = 1_800_000_000
    writer.put("old", "1", "text", now - ALERT_SECONDS - 1)
    writer.put("kept", "1", "text", now - ALERT_SECONDS)
    writer.put("new", "1", "text", now)
    assert set(cache.administrator.hkeys(REVISIONS)) == {"kept", "new"} == set(cache.administrator.zrange(CHANGED, 0, -1))
    assert set(cache.administrator.hkeys("{feed}:open")) == {"kept", "new"}


def test_messages_together_are_no_larger_than_sns_takes(writer, queues, monkeypatch):
    sizes, real = [], environment.client("sns").publish_batch

    def measure(**request):
        sizes.append((len(request["PublishBatchRequestEntries"]), sum(len(each["Message"]) for each in request["PublishBatchRequestEntries"])))
        return real(**request)

    monkeypatch.setattr(environment.client("sns"), "publish_batch", measure)
    large = [record(alert(f"large-{n}", reason="x" * 100_000), n) for n in range(5)]
    assert fanout.handler(batch(*large, *(record(alert(f"api-{n}"), 5 + n) for n in range(25))), Context()) == DONE
    assert all(count <= 10 and size <= 256 * 1024 for count, size in sizes) and sum(count for count, _ in sizes) == 30
    assert len(sent(queues)) == 30
