"""Sending to one connection, and what came of it."""

import enum
import time

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.2


class Outcome(enum.Enum):
    SENT = "sent"
    # The client is no longer there.
    GONE = "gone"
    # It does not take what it is sent, or API Gateway takes no more for it.
    SLOW = "slow"
    # The time was over before its turn.
    NOT_TRIED = "not tried"


class Connections:
    """API Gateway's side of the connections. Any number of threads may use it.

    Deadlines are of the monotonic clock, in seconds; what has begun by then takes five more at the most.
    """

    def __init__(self, client, pause=time.sleep):
        self._client, self._pause = client, pause

    def send(self, connection, data, deadline=float("inf")):
        """Raises what is neither the client's fault nor a matter of time: rights that are missing, or an address that is wrong."""
        for attempt in range(ATTEMPTS):
            if time.monotonic() >= deadline:
                return Outcome.SLOW if attempt else Outcome.NOT_TRIED
            try:
                self._client.post_to_connection(ConnectionId=connection, Data=data)
                return Outcome.SENT
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                if status == 410:
                    return Outcome.GONE
                if status != 429 and status < 500:
                    raise
            except (ConnectionError, HTTPClientError):
                pass
            if attempt + 1 < ATTEMPTS:
                self._pause(FIRST_PAUSE_SECONDS * 2**attempt)
        return Outcome.SLOW

    def close(self, connection, deadline=float("inf")):
        """Whether or not it is still there: what can't be closed is closed when it asks for a snapshot, or ends within two hours."""
        if time.monotonic() >= deadline:
            return
        try:
            self._client.delete_connection(ConnectionId=connection)
        except (ClientError, ConnectionError, HTTPClientError):
            return
