"""Sends the transitions of the queue to the connections whose filters take them.

The queue keeps those of one alert in order. What a later one has replaced meanwhile is left out: a queue that has grown long is worked
off by alerts, not by changes. A client that does not take what it is sent is closed; it comes back and asks for a snapshot.
"""

import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from . import environment, messages, reporting
from .filters import Filter
from .posting import Outcome

# Posts of one message begin within so many seconds, then clients are closed for so many. Each has five more to end.
SEND_SECONDS, CLOSE_SECONDS = 20, 5
MESSAGE_MILLISECONDS = (SEND_SECONDS + CLOSE_SECONDS + 2 * 5) * 1000
# From then on, two and a half minutes later, it is the clients that are slow, and not API Gateway that is away.
ATTEMPTS_OF_ALL = 6
PAUSE_SECONDS_MAX = 300
# API Gateway calls a connection gone also before it is there: `$connect` has answered then, or is about to.
CONNECTING_SECONDS = 30


class NotTaken(Exception):
    pass


def handler(event, context):
    failures, failed_groups = [], {}
    totals = dict.fromkeys(("TransitionsSent", "TransitionsSuperseded", "ConnectionsGone", "ConnectionsClosedSlow"), 0)
    for record in event["Records"]:
        group, attempt = record["attributes"]["MessageGroupId"], int(record["attributes"]["ApproximateReceiveCount"])
        if group not in failed_groups and context.get_remaining_time_in_millis() < MESSAGE_MILLISECONDS:
            failed_groups[group] = 0
        if group not in failed_groups:
            try:
                _deliver(json.loads(record["body"]), record["messageId"], attempt, totals)
                continue
            except Exception as error:
                # Whatever it is: raised, it would send all ten messages again, and in the end put them all among the dead.
                reporting.log("error", "a transition is sent again", error=f"{type(error).__name__}: {error}", queued=record["messageId"])
                failed_groups[group] = min(PAUSE_SECONDS_MAX, 5 * 2 ** (attempt - 1))
        # What comes behind it of the same alert waits for it, and comes again with it.
        failures.append({"itemIdentifier": record["messageId"]})
        _come_again(record, failed_groups[group])
    reporting.count(**totals)
    return {"batchItemFailures": failures}


def _come_again(record, seconds):
    """By itself it would come when the queue's visibility timeout is over, which is as long as nobody knows what became of this call."""
    try:
        environment.client("sqs").change_message_visibility(
            QueueUrl=os.environ["FEED_DELIVERIES_URL"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)
    except (ClientError, BotoCoreError) as error:
        reporting.log("warning", "a transition comes again late", error=f"{type(error).__name__}: {error}", queued=record["messageId"])


def _deliver(entry, message, attempt, totals):
    store, connections, alert = environment.store(), environment.connections(), entry["alert"]
    if (store.revision(alert["dedup_key"]) or "") > entry["revision"]:
        totals["TransitionsSuperseded"] += 1
        return
    before = store.sent(message) if attempt > 1 else ()
    receivers = [id for id, text in store.connections(int(time.time())) if id not in before and _takes(Filter.of_text(text), alert)]
    # In another order each time: else those that take nothing, where they are the first, would use up the time of each attempt.
    random.shuffle(receivers)
    data, deadline = messages.transition(entry), time.monotonic() + SEND_SECONDS
    with ThreadPoolExecutor(environment.POSTS_AT_ONCE) as threads:
        outcomes = list(threads.map(lambda id: _post(connections, id, data, deadline), receivers))
    by_outcome = {each: [id for id, outcome in zip(receivers, outcomes) if outcome is each] for each in Outcome}
    # One that is on its way misses nothing: it asks for a snapshot, and the cache has had the transition before the queue.
    store.leave(by_outcome[Outcome.GONE], joined_until=int(time.time()) - CONNECTING_SECONDS)
    totals["ConnectionsGone"] += len(by_outcome[Outcome.GONE])
    totals["TransitionsSent"] += len(by_outcome[Outcome.SENT])
    if len(by_outcome[Outcome.SENT]) + len(by_outcome[Outcome.GONE]) < len(receivers):
        store.remember_sent(message, by_outcome[Outcome.SENT])
    slow, not_tried = by_outcome[Outcome.SLOW], by_outcome[Outcome.NOT_TRIED]
    if slow and not by_outcome[Outcome.SENT] and attempt < ATTEMPTS_OF_ALL:
        raise NotTaken(f"none of {len(slow)} connections took it")
    if slow:
        deadline = time.monotonic() + CLOSE_SECONDS
        with ThreadPoolExecutor(environment.POSTS_AT_ONCE) as threads:
            list(threads.map(lambda id: connections.close(id, deadline), slow))
        store.leave(slow)
        totals["ConnectionsClosedSlow"] += len(slow)
        reporting.log("warning", "connections that take nothing were closed, to come anew", count=len(slow))
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    if not_tried:
        raise NotTaken(f"there was no time for {len(not_tried)} of {len(receivers)} connections")


def _post(connections, id, data, deadline):
    """What came of it, an error too: that of one connection is no matter of the others'."""
    try:
        return connections.send(id, data, deadline)
    except (ClientError, BotoCoreError) as error:
        return error


def _takes(wanted, alert):
    """An end is for all: the alert's labels may have been others when it opened."""
    return alert["status"] == "resolved" or wanted.takes(alert["severity"], alert["labels"].get("service"))
