"""Sends the transitions of the queue to the connections whose filters take them.

The queue keeps those of one alert in order. What a later one has replaced meanwhile is left out: a queue that has grown long is worked
off by alerts, not by changes. A client that does not take what it is sent is closed; it comes back and asks for a snapshot.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from . import environment, messages, reporting
from .filters import Filter
from .posting import Outcome
from .store import CACHE_ERRORS

# What one message may need: three attempts of five seconds, and their pauses.
MESSAGE_MILLISECONDS = 17_000
# From then on it is the clients that are slow, and not API Gateway that is away.
ATTEMPTS_OF_ALL = 3


class NothingTaken(Exception):
    pass


def handler(event, context):
    failures, failed_groups = [], set()
    totals = dict.fromkeys(("TransitionsSent", "TransitionsSuperseded", "ConnectionsGone", "ConnectionsClosedSlow"), 0)
    for record in event["Records"]:
        group = record["attributes"]["MessageGroupId"]
        if group in failed_groups or context.get_remaining_time_in_millis() < MESSAGE_MILLISECONDS:
            # What comes behind it of the same alert has to wait for it.
            failed_groups.add(group)
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            _deliver(json.loads(record["body"]), int(record["attributes"]["ApproximateReceiveCount"]), totals)
        except (*CACHE_ERRORS, ClientError, BotoCoreError, NothingTaken) as error:
            reporting.log("error", "a transition is sent again", error=f"{type(error).__name__}: {error}", queued=record["messageId"])
            failed_groups.add(group)
            failures.append({"itemIdentifier": record["messageId"]})
    reporting.count(**totals)
    return {"batchItemFailures": failures}


def _deliver(entry, attempt, totals):
    store, connections, alert = environment.store(), environment.connections(), entry["alert"]
    if (store.revision(alert["dedup_key"]) or "") > entry["revision"]:
        totals["TransitionsSuperseded"] += 1
        return
    receivers = [id for id, text in store.connections(int(time.time())) if _takes(Filter.of_text(text), alert)]
    data = messages.transition(entry)
    with ThreadPoolExecutor(environment.POSTS_AT_ONCE) as threads:
        outcomes = dict(zip(receivers, threads.map(lambda id: connections.send(id, data), receivers)))
    by_outcome = {each: [id for id, outcome in outcomes.items() if outcome is each] for each in Outcome}
    store.leave(by_outcome[Outcome.GONE])
    totals["ConnectionsGone"] += len(by_outcome[Outcome.GONE])
    totals["TransitionsSent"] += len(by_outcome[Outcome.SENT])
    slow = by_outcome[Outcome.SLOW]
    if not slow:
        return
    if not by_outcome[Outcome.SENT] and attempt < ATTEMPTS_OF_ALL:
        raise NothingTaken(f"none of {len(slow)} connections took it")
    with ThreadPoolExecutor(environment.POSTS_AT_ONCE) as threads:
        list(threads.map(connections.close, slow))
    store.leave(slow)
    totals["ConnectionsClosedSlow"] += len(slow)
    reporting.log("warning", "connections that take nothing were closed, to come anew", count=len(slow))


def _takes(wanted, alert):
    """An end is for all: the alert's labels may have been others when it opened."""
    return alert["status"] == "resolved" or wanted.takes(alert["severity"], alert["labels"].get("service"))
