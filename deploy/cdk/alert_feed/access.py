"""Who may do what in the cache, in its own terms: each function signs in as a user that reaches its keys by its commands alone.

The keys are those of functions/feed/store.py. What a script calls inside is held against the same list.
"""

# What a cluster's client asks when it connects.
_CLIENT = "-@all +ping +hello +auth +command +cluster|slots +cluster|shards +cluster|myid"

USERS = {
    # connect, disconnect
    "members": f"on ~{{feed}}:connections ~{{feed}}:filters {_CLIENT} "
               "+eval +zrangebyscore +zscore +zcard +zadd +zrem +hset +hdel",
    # fanout
    "writer": f"on ~{{feed}}:revisions ~{{feed}}:open ~{{feed}}:changed {_CLIENT} "
              "+eval +hget +hset +hdel +zadd +zrangebyscore +zrem",
    # deliver, snapshot
    "sender": f"on ~{{feed}}:connections ~{{feed}}:filters ~{{feed}}:asked:* ~{{feed}}:sent:* %R~{{feed}}:revisions %R~{{feed}}:open {_CLIENT} "
              "+eval +zrangebyscore +zscore +zrem +hget +hmget +hdel +hscan +set +sadd +expire +smembers",
}
