"""What the feed keeps in ElastiCache: who is connected, and how each alert stands.

All keys have one hash tag, and so one slot: a script may touch several of them, and what it does is done at once or not at all.
"""

from redis.exceptions import RedisClusterException, RedisError, ResponseError

# What a call may raise where the cache is away. The second is no kind of the first.
CACHE_ERRORS = (RedisError, RedisClusterException)

PREFIX = "{feed}:"
CONNECTIONS, FILTERS = PREFIX + "connections", PREFIX + "filters"
REVISIONS, OPEN, CHANGED = PREFIX + "revisions", PREFIX + "open", PREFIX + "changed"
ASKED, SENT = PREFIX + "asked:", PREFIX + "sent:"

# API Gateway ends a connection after two hours; what is older is gone, whether its end was seen or not.
CONNECTION_SECONDS = 2 * 3600 + 300
# As long as the topic remembers an alert.
ALERT_SECONDS = 90 * 86400

_JOIN = """
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, 500)
if #gone > 0 then
  redis.call('ZREM', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
end
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[5]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
"""

_LEAVE = """
for index = 2, #ARGV do
  local ends_at = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if ends_at and tonumber(ends_at) <= tonumber(ARGV[1]) then
    redis.call('ZREM', KEYS[1], ARGV[index])
    redis.call('HDEL', KEYS[2], ARGV[index])
  end
end
return 1
"""

# Revisions are digits of one width, so texts compare as numbers do. An equal one is taken again: it is a record that is read twice.
_PUT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held > ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] == '' then redis.call('HDEL', KEYS[2], ARGV[1]) else redis.call('HSET', KEYS[2], ARGV[1], ARGV[3]) end
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
local forgotten = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[5], 'LIMIT', 0, 100)
if #forgotten > 0 then
  redis.call('HDEL', KEYS[1], unpack(forgotten))
  redis.call('HDEL', KEYS[2], unpack(forgotten))
  redis.call('ZREM', KEYS[3], unpack(forgotten))
end
return 1
"""

_REMEMBER_SENT = """
redis.call('SADD', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""


class Store:
    """Times are seconds since 1970. Every call may raise `CACHE_ERRORS`, and then nothing or all of it was done."""

    def __init__(self, connect):
        self._connect = connect
        self._client = connect()

    def _run(self, command, *arguments, **options):
        """A client that heard of no nodes once, while the cache fails over, never asks again: it is made anew where it can't reach the cache."""
        try:
            if self._client is None:
                self._client = self._connect()
            return getattr(self._client, command)(*arguments, **options)
        except ResponseError:
            raise
        except (*CACHE_ERRORS, IndexError) as error:
            self._client = None
            if isinstance(error, IndexError):
                # redis-py chose one of no nodes.
                raise RedisError("the cache names no nodes") from error
            raise

    def join(self, connection, filter_text, now, connections_max):
        """Whether there was room for the connection."""
        return self._run(
            "eval", _JOIN, 2, CONNECTIONS, FILTERS, connection, filter_text, now, now + CONNECTION_SECONDS, connections_max) == 1

    def leave(self, connections, joined_until=float("inf")):
        """Forgets those connections that have joined by a time."""
        if connections:
            self._run("eval", _LEAVE, 2, CONNECTIONS, FILTERS, joined_until + CONNECTION_SECONDS, *connections)

    def connections(self, now):
        """Pairs of connection and filter text; in two steps, between which a connection may come or go."""
        present = self._run("zrangebyscore", CONNECTIONS, f"({now}", "+inf")
        texts = self._run("hmget", FILTERS, present) if present else []
        return [(id, text) for id, text in zip(present, texts) if text is not None]

    def filter(self, connection, now):
        """The connection's filter text; None where it is not connected."""
        ends_at = self._run("zscore", CONNECTIONS, connection)
        return self._run("hget", FILTERS, connection) if ends_at is not None and ends_at > now else None

    def may_ask(self, connection, seconds):
        """Whether the connection has asked for nothing within so many seconds."""
        return bool(self._run("set", ASKED + connection, 1, nx=True, ex=seconds))

    def put(self, key, revision, open_text, now):
        """Takes how an alert stands, with an empty text where it is over; False where what is held is later."""
        return self._run(
            "eval", _PUT, 3, REVISIONS, OPEN, CHANGED, key, revision, open_text, now, now - ALERT_SECONDS) == 1

    def revision(self, key):
        return self._run("hget", REVISIONS, key)

    def open(self):
        """The texts of all open alerts, in no order; one that changes meanwhile may come as it was or as it is."""
        cursor = 0
        while True:
            cursor, found = self._run("hscan", OPEN, cursor, count=200)
            yield from found.values()
            if cursor == 0:
                return

    def remember_sent(self, message, connections):
        """Which connections took a message that is sent again for others: as long as a connection may last."""
        if connections:
            self._run("eval", _REMEMBER_SENT, 1, SENT + message, CONNECTION_SECONDS, *connections)

    def sent(self, message):
        return set(self._run("smembers", SENT + message))
