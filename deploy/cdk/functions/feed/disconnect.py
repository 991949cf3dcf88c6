"""`$disconnect`: comes for most connections that end, and not for all; the others are forgotten by their age or by the next message."""

from . import environment, reporting


def handler(event, context):
    environment.store().leave([event["requestContext"]["connectionId"]])
    reporting.count(ConnectionsClosed=1)
    return {"statusCode": 200}
