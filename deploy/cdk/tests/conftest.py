import functools
import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from moto import mock_aws
from moto.apigatewaymanagementapi.models import ApiGatewayManagementApiBackend
from moto.core.exceptions import JsonRESTError

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]
from alert_feed.access import USERS  # noqa: E402
from alert_feed.asset import function_asset  # noqa: E402

# The package as it is deployed: its code and its library.
sys.path.insert(0, function_asset())
import cache_server  # noqa: E402
from feed import environment, sign_in  # noqa: E402
from feed.filters import Filter  # noqa: E402
from signature import is_signed  # noqa: E402

REGION, SECRET = "us-east-1", "secret-of-the-tests"


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    server = cache_server.CacheServer(tmp_path_factory.mktemp("cache"))
    yield server
    server.stop()


REAL_STORE = environment.store


@pytest.fixture
def become(cache, monkeypatch):
    """Signs in as one of the stack's users: the cache takes a token where Signature Version 4 says that it is genuine, as ElastiCache does.

    Each user signs in once for all tests, unless a test wants to see it: `become.anew(role)`.
    """
    cache.administrator.flushall()

    class Examined(sign_in.IamCredentials):
        def _sign(self):
            token = super()._sign()
            assert is_signed(token, SECRET, REGION, "elasticache"), token
            cache.admit(self._user, USERS[self._user.removeprefix("test-feed-")], token)
            return token

    monkeypatch.setattr(environment, "IamCredentials", Examined)

    def anew(role):
        monkeypatch.setenv("FEED_CACHE_USER", f"test-feed-{role}")
        monkeypatch.setattr(environment, "store", REAL_STORE)
        REAL_STORE.cache_clear()
        # Its former token holds no longer.
        cache.signed_in.pop(role, None)
        return environment.store()

    def sign_in_as(role):
        if role not in cache.signed_in:
            cache.signed_in[role] = anew(role)
        monkeypatch.setattr(environment, "store", lambda: cache.signed_in[role])
        return environment.store()

    sign_in_as.anew = anew
    with mock_aws():
        # In place of those that moto sets.
        for name, value in {
            "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET,
            "FEED_NAME": "test", "FEED_CACHE_HOST": "localhost", "FEED_CACHE_PORT": str(cache.port), "FEED_CACHE_NAME": "test-alert-feed",
            "FEED_CACHE_USER": "test-feed-none", "FEED_CONNECTIONS_MAX": "3", "SSL_CERT_FILE": str(cache.authority),
            "FEED_CONNECTIONS_ENDPOINT": f"https://feed123.execute-api.{REGION}.amazonaws.com/live",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        yield sign_in_as


@pytest.fixture
def cache_away(become, monkeypatch):
    """Makes the cache one that nobody reaches."""
    def go():
        monkeypatch.setenv("FEED_CACHE_PORT", "1")
        monkeypatch.setattr(environment, "store", REAL_STORE)
        REAL_STORE.cache_clear()
    return go


@pytest.fixture
def clients(become, monkeypatch):
    """What clients got, by connection, through moto's API Gateway; and how it answers for some: 410, or 429 and 5xx for so many posts."""
    state = SimpleNamespace(got={}, closed=[], gone=set(), refusing={}, pauses=[], again=[])
    lock = threading.Lock()

    class Refusal(JsonRESTError):
        def __init__(self, status, name):
            self.code = status
            super().__init__(name, "")

    def post(self, data, connection_id):
        with lock:
            if connection_id in state.gone:
                raise Refusal(410, "GoneException")
            status, left = state.refusing.get(connection_id, (0, 0))
            if left > 0:
                state.refusing[connection_id] = (status, left - 1)
                raise Refusal(status, "LimitExceededException" if status == 429 else "InternalServerError")
            state.got.setdefault(connection_id, []).append(json.loads(data))

    def delete(self, connection_id):
        with lock:
            state.closed.append(connection_id)

    monkeypatch.setattr(ApiGatewayManagementApiBackend, "post_to_connection", post)
    monkeypatch.setattr(ApiGatewayManagementApiBackend, "delete_connection", delete)
    monkeypatch.setattr(environment.connections(), "_pause", state.pauses.append)
    return state


@pytest.fixture
def queues(become, monkeypatch):
    """The stack's topic and queues in moto, encrypted, in order, and joined as the stack joins them."""
    kms, sqs, sns = (environment.client(each) for each in ("kms", "sqs", "sns"))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    url = sqs.create_queue(QueueName="deliveries.fifo", Attributes={"FifoQueue": "true", "KmsMasterKeyId": key})["QueueUrl"]
    rejected = sqs.create_queue(QueueName="rejected", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    topic = sns.create_topic(Name="transitions.fifo", Attributes={"FifoTopic": "true", "KmsMasterKeyId": key})["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    monkeypatch.setenv("FEED_TOPIC_ARN", topic)
    monkeypatch.setenv("FEED_REJECTED_URL", rejected)
    monkeypatch.setenv("FEED_DELIVERIES_URL", url)

    def take(queue):
        """All messages, as Lambda hands them over."""
        messages = []
        while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
            for each in got:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
                messages.append({"messageId": each["MessageId"], "receiptHandle": each["ReceiptHandle"], "body": each["Body"], "attributes": {
                    "MessageGroupId": each["Attributes"].get("MessageGroupId"), "ApproximateReceiveCount": "1"}})
        return messages

    return SimpleNamespace(deliveries=functools.partial(take, url), rejected=functools.partial(take, rejected), topic=topic)


@pytest.fixture
def counted(capsys):
    """The metrics that were reported so far, summed."""
    def sums():
        totals = {}
        for line in capsys.readouterr().out.splitlines():
            entry = json.loads(line)
            for metric in entry.get("_aws", {}).get("CloudWatchMetrics", [{"Metrics": []}])[0]["Metrics"]:
                totals[metric["Name"]] = totals.get(metric["Name"], 0) + entry[metric["Name"]]
        return totals
    return sums


@pytest.fixture
def writer(become, queues):
    """The cache as fanout sees it, with the queues that it publishes to."""
    return become("writer")


@pytest.fixture
def open_alerts(cache):
    return lambda: {name: json.loads(text) for name, text in cache.administrator.hgetall("{feed}:open").items()}


@pytest.fixture
def connected(become, clients, monkeypatch):
    """Three clients: one of all, one of critical alerts, one of a service; and the function signed in as deliver."""
    members = become("members")
    for id, query in {"all": {}, "critical": {"severity": ["critical"]}, "cart": {"service": ["cart"]}}.items():
        assert members.join(id, Filter.of_query(query).text, int(time.time()) - 60, 3)
    become("sender")
    monkeypatch.setattr(environment.client("sqs"), "change_message_visibility", lambda **request: clients.again.append(request))
    monkeypatch.setenv("FEED_DELIVERIES_URL", "https://sqs/deliveries.fifo")
    return clients


class Context:
    def __init__(self, milliseconds=90_000):
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self):
        return self._milliseconds


@pytest.fixture
def context():
    return Context()
