"""The route `snapshot`: sends a client all open alerts that its filter takes.

The connection is remembered before it can ask, so what changes while the snapshot is made is sent beside it, and by its revision the
client sees which of two is later: nothing is missed in between.
"""

import json
import time

from . import environment, messages, reporting
from .filters import Filter
from .posting import Outcome

INTERVAL_SECONDS = 10


def handler(event, context):
    connection = event["requestContext"]["connectionId"]
    store, connections = environment.store(), environment.connections()
    text = store.filter(connection, int(time.time()))
    if text is None:
        # The cache was lost, or the connection is older than two hours: it would never hear of anything again.
        connections.close(connection)
        reporting.log("warning", "a connection that is not known was closed, to come anew", connection=connection)
        reporting.count(ConnectionsUnknown=1)
        return {"statusCode": 200}
    if not store.may_ask(connection, INTERVAL_SECONDS):
        connections.send(connection, messages.error(
            "too_soon", f"a snapshot may be asked for once in {INTERVAL_SECONDS} seconds", retry_after_seconds=INTERVAL_SECONDS))
        return {"statusCode": 200}
    wanted = Filter.of_text(text)
    entries = (json.loads(each) for each in store.open())
    for page in messages.pages(each for each in entries if _takes(wanted, each["alert"])):
        outcome = connections.send(connection, page)
        if outcome is not Outcome.SENT:
            if outcome is Outcome.SLOW:
                connections.close(connection)
            store.leave([connection])
            reporting.count(ConnectionsGone=outcome is Outcome.GONE, ConnectionsClosedSlow=outcome is Outcome.SLOW)
            return {"statusCode": 200}
    reporting.count(SnapshotsSent=1)
    return {"statusCode": 200}


def _takes(wanted, alert):
    return wanted.takes(alert["severity"], alert["labels"].get("service"))
