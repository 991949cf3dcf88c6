"""What the functions find in their environment, made once for each of Lambda's processes."""

import functools
import os

import boto3
import botocore.session
from botocore.config import Config
from redis.backoff import ExponentialBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from .posting import Connections
from .sign_in import IamCredentials
from .store import Store

POSTS_AT_ONCE = 32


@functools.cache
def store():
    credentials = IamCredentials(
        botocore.session.get_session(), os.environ["FEED_CACHE_NAME"], os.environ["FEED_CACHE_USER"], os.environ["AWS_REGION"])
    return Store(functools.partial(
        RedisCluster, host=os.environ["FEED_CACHE_HOST"], port=int(os.environ["FEED_CACHE_PORT"]), ssl=True,
        credential_provider=credentials, decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
        # What a serverless cache says of itself is one address, and it is the one that was connected to.
        require_full_coverage=False, retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2)))


@functools.cache
def connections():
    return Connections(boto3.client(
        "apigatewaymanagementapi", endpoint_url=os.environ["FEED_CONNECTIONS_ENDPOINT"],
        # Its own attempts are counted in posting.
        config=Config(connect_timeout=2, read_timeout=3, max_pool_connections=POSTS_AT_ONCE, retries={"total_max_attempts": 1})))


@functools.cache
def client(service):
    return boto3.client(service, config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}))
