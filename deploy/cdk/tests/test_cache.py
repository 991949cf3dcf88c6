"""The cache as it fails: one that hangs, that is full, whose connections end, that has no nodes for a while; and as large as it may become."""

import os
import signal
import time

import pytest
from feed.store import CACHE_ERRORS

NOW = 1_800_000_000


def put(store, revision="1"):
    return store.put("k", revision, "text", NOW)


def test_cache_that_hangs_is_given_up_in_time_for_the_shortest_call(become, cache):
    """connect has 10 s, and says then that the cache is away."""
    first_calls, next_calls = [], []
    for _ in range(2):
        store = become.anew("writer")
        assert put(store)
        os.kill(cache.process_id, signal.SIGSTOP)
        try:
            first_calls.append(seconds_given_to(store))
            next_calls.append(seconds_given_to(store))
        finally:
            os.kill(cache.process_id, signal.SIGCONT)
        assert put(store)
    # One of two may have waited for a machine that does much else.
    assert min(first_calls) < 8 and min(next_calls) < 8, (first_calls, next_calls)


def seconds_given_to(store):
    begun = time.monotonic()
    with pytest.raises(CACHE_ERRORS):
        put(store)
    return time.monotonic() - begun


def test_cache_that_had_no_nodes_is_found_again(become, cache):
    store = become.anew("writer")
    assert put(store)
    cache.administrator.flushall()
    cache.administrator.execute_command("CLUSTER", "FLUSHSLOTS")
    try:
        for _ in range(3):
            with pytest.raises(CACHE_ERRORS):
                put(store)
    finally:
        cache.serve_all_slots()
    assert put(store), "a client that stays without nodes would hold up the topic until Lambda ends its process"


def test_connections_that_ended_are_made_again(become, cache):
    store = become.anew("writer")
    assert put(store)
    cache.administrator.execute_command("CLIENT", "KILL", "USER", "test-feed-writer")
    assert put(store)


def test_cache_that_is_full_takes_nothing_and_forgets_nothing(become, cache):
    store = become("writer")
    assert put(store)
    cache.administrator.config_set("maxmemory", "1")
    try:
        with pytest.raises(CACHE_ERRORS, match="maxmemory"):
            put(store, "2")
    finally:
        cache.administrator.config_set("maxmemory", "0")
    assert cache.administrator.hgetall("{feed}:revisions") == {"k": "1"}
    assert put(store, "2")


def test_as_many_connections_as_there_may_be_are_found_remembered_and_left_at_once(become, cache):
    """A script takes some 8,000 arguments in one of its calls, and there are 5,000 connections at most."""
    ids = [f"connection-{number:04}=" for number in range(5000)]
    cache.administrator.zadd("{feed}:connections", dict.fromkeys(ids, NOW))
    cache.administrator.hset("{feed}:filters", mapping=dict.fromkeys(ids, "[[],[]]"))
    assert not become("members").join("one-more", "[[],[]]", NOW - 60, 5000)
    store = become("sender")
    assert sorted(id for id, _ in store.connections(NOW - 60)) == ids
    store.remember_sent("m", ids)
    assert store.sent("m") == set(ids) and 0 < cache.administrator.ttl("{feed}:sent:m") <= 7500
    store.leave(ids)
    assert store.connections(NOW - 60) == []


def test_snapshot_reads_all_of_many_alerts(become, cache):
    cache.administrator.hset("{feed}:open", mapping={str(number): str(number) for number in range(3000)})
    assert sorted(become("sender").open(), key=int) == [str(number) for number in range(3000)]
