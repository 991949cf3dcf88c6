"""What is asked of the pods of one colour. smoke-test says why."""

import threading
import time

from .cluster import Failure, say
from .probing import Pod

# Above 0 each says that something is wrong with this member or with what it meets.
ZERO = {
    "tidewatch_clock_off": "its host's clock is off by more than a minute",
    "tidewatch_partitions_waiting": "partitions that nobody counts, as their leaders do not answer",
    "tidewatch_chains_superseded_total": "partitions that the registers say are another owner's",
    "tidewatch_state_records_unauthentic_total": "records of its own topics without a right authentication code",
}


def tried(cluster, options):
    """What is wrong still when the time is over, or nothing as soon as nothing is."""
    deadline = time.monotonic() + options.timeout
    opened = {}
    try:
        while True:
            try:
                problems = look(cluster, opened, options)
            except Failure as failure:
                problems = [str(failure)]
            if not problems:
                say(f"smoke test: {len(opened)} pods are well")
            if not problems or not opened or time.monotonic() >= deadline:
                return problems
            # Nothing announces that a pod has changed its mind.
            threading.Event().wait(min(1, max(0.05, deadline - time.monotonic())))
    finally:
        for pod in opened.values():
            pod.close()


def look(cluster, opened, options):
    """Asks the pods that there are now: one may have been replaced since the last look, or its connection lost."""
    names = [each["metadata"]["name"] for each in cluster.pods(options.colour) if not each["metadata"].get("deletionTimestamp")]
    for name in [name for name, pod in opened.items() if name not in names or pod.is_lost()]:
        opened.pop(name).close()
    if not names:
        return [f"there are no pods of {options.colour or 'a Deployment without a colour'}"]
    for name in names:
        opened.setdefault(name, Pod(cluster, name)).open()
    return asked(list(opened.values()), options)


def asked(pods, options):
    problems, read = [], 0
    for pod in pods:
        found = []
        for path in ["/healthz", "/readyz"]:
            status, text = pod.get(8080, path)
            if status != 200:
                found.append(f"{path}: {status or 'no answer'} {text}".strip())
        try:
            samples = pod.metrics()
        except Failure as failure:
            return problems + [f"{pod.name}: {each}" for each in found] + [str(failure)]
        read += total(samples, "tidewatch_messages_consumed_total")
        found += judged(samples, options)
        problems += [f"{pod.name}: {each}" for each in found]
    if options.traffic and not read:
        problems.append("no pod has read a message")
    return problems


def judged(samples, options):
    for name, what in ZERO.items():
        # NaN too is not 0.
        if value := total(samples, name):
            yield f"{name} is {value:g}: {what}"
    names = {name for name, _, _ in samples}
    if "tidewatch_last_restore_seconds" not in names:
        yield "its history is not restored yet"
    commits = {labels.get("commit", "") for name, labels, _ in samples if name == "tidewatch_build_info"}
    if options.commit and not any(same(each, options.commit) for each in commits):
        yield f"it runs commit {', '.join(commits) or 'unknown'}, not {options.commit}"
    dead, decoded = total(samples, "tidewatch_events_dead_lettered_total"), total(samples, "tidewatch_events_decoded_total")
    if not dead <= options.dead_letters * (dead + decoded):
        yield f"{dead:g} of {dead + decoded:g} records went to the dead letters"


def same(built, wanted):
    """A build names the beginning of its commit."""
    length = min(len(built), len(wanted))
    return length >= 7 and built[:length] == wanted[:length]


def total(samples, name):
    return sum(value for each, _, value in samples if each == name)
