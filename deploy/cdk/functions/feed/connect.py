"""`$connect`: a client that IAM let in is remembered with its filter."""

import os
import time

from . import environment, reporting
from .filters import Filter, InvalidFilter
from .store import CACHE_ERRORS


def handler(event, context):
    connection = event["requestContext"]["connectionId"]
    caller = event["requestContext"].get("identity", {}).get("userArn")
    try:
        wanted = Filter.of_query(event.get("multiValueQueryStringParameters"))
    except InvalidFilter as error:
        reporting.log("info", "a connection was refused", reason=str(error), caller=caller)
        reporting.count(ConnectionsRefused=1)
        return {"statusCode": 400, "body": str(error)}
    connections_max = int(os.environ["FEED_CONNECTIONS_MAX"])
    try:
        has_room = environment.store().join(connection, wanted.text, int(time.time()), connections_max)
    except CACHE_ERRORS as error:
        reporting.log("error", "a connection was refused", reason="the cache is away", error=f"{type(error).__name__}: {error}")
        reporting.count(ConnectionsRefused=1)
        return {"statusCode": 503, "body": "the feed's cache is away; try again later"}
    if not has_room:
        reporting.log("warning", "a connection was refused", reason=f"there are {connections_max} already", caller=caller)
        reporting.count(ConnectionsRefused=1)
        return {"statusCode": 503, "body": f"there are {connections_max} connections already; try again later"}
    reporting.log("info", "connected", connection=connection, caller=caller)
    reporting.count(ConnectionsOpened=1)
    return {"statusCode": 200}
