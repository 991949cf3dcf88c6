"""Reads `tidewatch.alerts`: keeps how each alert stands, and publishes what is later than what was known.

A record may be read twice, and an evaluator that was declared dead may write late. So the cache decides, by event time and epoch, what is
later; a record that is known already is published again, because nobody knows whether it was the first time: SNS drops the second within
five minutes, and a client by the revision.
"""

import hashlib
import json
import os
import time

from botocore.exceptions import BotoCoreError, ClientError

from . import environment, messages, reporting, transition
from .store import CACHE_ERRORS
from .transition import UnreadableRecord

# SNS takes ten messages at once, and 256 KB of them.
BATCH_MAX = 10
BATCH_BYTES_MAX = 240 * 1024
# A queue's message has 256 KB; what is cut off is still in Kafka.
REJECTED_VALUE_CHARACTERS_MAX = 200_000
# Reading ends, and a part of the batch is begun, with so much time left: else a cache that is slow would end each call by its timeout,
# with nothing done, for ever. A call of the cache takes 4 s at most, one of SNS or SQS 24 s: three attempts of 7 s, and pauses.
READ_MILLISECONDS_LEFT = 60_000
PUBLISH_MILLISECONDS_LEFT = 25_000


class OutOfTime(Exception):
    pass


def handler(event, context):
    """Names the first offset of each partition that is to be read again, and nothing that was done."""
    batch, remaining = _Batch(), context.get_remaining_time_in_millis
    failed, superseded, rejected, trouble, is_over = {}, 0, 0, None, False
    for partition, records in sorted(event["records"].items()):
        for record in sorted(records, key=lambda each: each["offset"]):
            place = (partition, record["offset"])
            if is_over:
                failed.setdefault(*place)
                break
            try:
                if remaining() < READ_MILLISECONDS_LEFT:
                    raise OutOfTime("the rest is read again")
                change, entry, open_text = _understood(record)
                if change is None:
                    continue
                if environment.store().put(change.key, change.revision, open_text, int(time.time())):
                    batch.add(place, change, entry)
                else:
                    superseded += 1
            except UnreadableRecord as error:
                if problem := _reject(record, error):
                    # The other partitions don't wait for the queue of what is rejected.
                    trouble = problem
                    failed.setdefault(*place)
                    break
                rejected += 1
            except (*CACHE_ERRORS, OutOfTime) as error:
                # The rest would wait for the cache record by record.
                trouble, is_over = error, True
                failed.setdefault(*place)
                break
    published, publish_trouble = batch.publish(failed, remaining)
    trouble = trouble or publish_trouble
    if trouble:
        reporting.log("error", "records are read again", error=f"{type(trouble).__name__}: {trouble}", partitions=sorted(failed))
    reporting.count(TransitionsPublished=published, TransitionsSuperseded=superseded, RecordsRejected=rejected)
    return {"batchItemFailures": [
        {"itemIdentifier": {"partition": partition, "offset": offset}} for partition, offset in sorted(failed.items())]}


def _understood(record):
    """The transition, the entry that clients get, and its text where the alert is open; all without the world outside.

    So whatever goes wrong is the record's fault. Anything but `UnreadableRecord` is a mistake here, and would hold up the partition for ever.
    """
    try:
        change = transition.read(record)
        if change is None:
            return None, None, None
        entry = messages.bounded(change.entry)
        return change, entry, json.dumps(entry) if change.is_open else ""
    except UnreadableRecord:
        raise
    except Exception as error:
        raise UnreadableRecord(f"the feed fails on it ({type(error).__name__}), which is a mistake of the feed") from error


class _Batch:
    def __init__(self):
        self._entries = []

    def add(self, place, change, entry):
        text = messages.encoded(entry).decode()
        attributes = {"severity": change.severity, "status": entry["alert"]["status"], "service": _attribute(change.service)}
        self._entries.append((place, len(text) + 512, {
            "Message": text,
            # Of one alert in order; of others nothing waits for it.
            "MessageGroupId": hashlib.sha256(change.key.encode()).hexdigest(),
            "MessageDeduplicationId": hashlib.sha256(f"{entry['id']}/{change.revision}".encode("utf-8", "replace")).hexdigest(),
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}}))

    def publish(self, failed, remaining):
        """How many were published, and what went wrong; adds the first offset of each partition that was not."""
        count, trouble = 0, None
        for part in self._parts():
            entries = [{"Id": str(index), **request} for index, (_, _, request) in enumerate(part)]
            try:
                if remaining() < PUBLISH_MILLISECONDS_LEFT:
                    raise OutOfTime("the rest is published when it is read again")
                answer = environment.client("sns").publish_batch(TopicArn=os.environ["FEED_TOPIC_ARN"], PublishBatchRequestEntries=entries)
                refused = {each["Id"] for each in answer.get("Failed", [])}
                if refused:
                    trouble = trouble or RuntimeError(f"SNS refused {len(refused)} of {len(part)}: {answer['Failed'][0].get('Code')}")
            except (ClientError, BotoCoreError, OutOfTime) as error:
                refused, trouble = {each["Id"] for each in entries}, error
            count += len(part) - len(refused)
            for index, ((partition, offset), _, _) in enumerate(part):
                if str(index) in refused:
                    failed[partition] = min(offset, failed.get(partition, offset))
        return count, trouble

    def _parts(self):
        part, size = [], 0
        for each in self._entries:
            if part and (len(part) == BATCH_MAX or size + each[1] > BATCH_BYTES_MAX):
                yield part
                part, size = [], 0
            part.append(each)
            size += each[1]
        if part:
            yield part


def _attribute(text):
    """SNS refuses control characters in attributes, and a batch with them."""
    return "".join(each if each.isprintable() else "?" for each in text or "")[:256]


def _reject(record, error):
    """Keeps a record that can't be read, with its place, where people look, and returns what went wrong with that, if anything."""
    value = record["value"]
    letter = {
        "topic": record["topic"], "partition": record["partition"], "offset": record["offset"], "reason": str(error),
        "value": value[:REJECTED_VALUE_CHARACTERS_MAX], "value_is_whole": len(value) <= REJECTED_VALUE_CHARACTERS_MAX}
    try:
        environment.client("sqs").send_message(QueueUrl=os.environ["FEED_REJECTED_URL"], MessageBody=json.dumps(letter))
    except (ClientError, BotoCoreError) as failure:
        return failure
    reporting.log("error", "a record can't be read, and is in the queue of rejected ones", reason=str(error),
                  place=f"{record['topic']}/{record['partition']}/{record['offset']}")
    return None
