"""kubectl with a time limit on each call, and the Deployments of one installation."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

APP = {"app.kubernetes.io/name": "tidewatch", "app.kubernetes.io/component": "consumer"}
COLOUR = "tidewatch.dev/colour"
PHASE = "tidewatch.dev/phase"
REVISION = "tidewatch.dev/revision"
REPLACES = "tidewatch.dev/replaces"
UNJUDGED = "tidewatch.dev/unjudged-slos"
RUN = "tidewatch.dev/run"
NOTE = {PHASE, REVISION, REPLACES, UNJUDGED, RUN}

# Phases, in this order. A run that ended in one of these is gone on with by the next. Beside them: `live` has the work,
# `replaced` waits for a rollback with no pods, `failed` was taken back.
UNDER_WAY = ["starting", "shifting", "observing", "going-back"]

TRIES = 3
# Seconds for which kubectl, or a pod, may say nothing: --answer-timeout.
ANSWER = 20
# A call that carries a whole release or a report may take so many times as long.
LARGE = 3
# What kubectl says where somebody, be it the cluster itself, has written to the object since it was read.
CONFLICT = re.compile(r"\(Conflict\)|object has been modified|Expected resource version")
# An answer, by which asking again changes nothing.
FINAL = re.compile(rf"{CONFLICT.pattern}|timed out waiting|progress deadline|\((NotFound|Forbidden|Invalid|BadRequest)\)")


class Failure(Exception):
    """Something that a person reads: what failed, and what to do."""


class Superseded(Failure):
    """Another run has taken the release over. This one changes nothing any more."""


class Interrupted(BaseException):
    """SIGTERM or SIGINT: whoever cancels a workflow sends them. No `except Exception` takes it for a failure."""


def say(text):
    """A line, whatever is in it: a pod, kubectl and whoever names an SLO write into it, and GitHub obeys lines that begin with `::` or hold `##[`."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).replace("##[", "# #[")
    print(time.strftime("%H:%M:%S ", time.gmtime()) + text, file=sys.stderr, flush=True)


def interruptible():
    """The first signal ends what is under way; a second one does not end the telling of it."""
    def interrupt(number, frame):
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signal.Signals(number).name)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, interrupt)


def own_name():
    """Who this run is, for people and for telling two runs apart."""
    run = os.environ.get("GITHUB_RUN_ID")
    return f"{f'workflow-{run}' if run else socket.gethostname()}-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Member:
    """One Deployment of the installation."""

    name: str
    replicas: int
    ready: int
    colour: str
    image: str
    version: str
    notes: dict

    @property
    def phase(self):
        """A Deployment that no release made, as of `kubectl apply -k`, is live while it has pods."""
        return self.notes.get(PHASE) or ("live" if self.replicas else "replaced")

    @property
    def replaces(self):
        """(name, replicas) of what was live before, or None."""
        text = self.notes.get(REPLACES)
        if not text:
            return None
        found = re.fullmatch(r"([^=]+)=(\d+)", text)
        if not found:
            raise Failure(f"{self.name}: {REPLACES} is {text!r}, and no NAME=REPLICAS: annotate it with what was live before")
        return found[1], int(found[2])


class Cluster:
    def __init__(self, namespace, context=None, pause=2, answer=ANSWER):
        self.base = [os.environ.get("KUBECTL", "kubectl"), "--namespace", namespace]
        self.pause, self.answer, self.me = pause, answer, own_name()
        if context:
            self.base += ["--context", context]

    def run(self, *words, text=None, times=1):
        """What kubectl prints. The API server may be silent for ever, so that even a `get` has a limit, `times` the usual one. All that is asked
        of it here may be asked twice, so that one answer that does not come ends no release."""
        return self.tried(lambda: self.once(words, times * self.answer, text))

    def awaited(self, seconds, *words):
        """What kubectl watches until it is so, for no longer than `seconds`, however often the API server ends the watch."""
        end = time.monotonic() + seconds
        def once():
            left = max(1.0, end - time.monotonic())
            return self.once([*words, f"--timeout={left:g}s"], left + self.answer, None)
        return self.tried(once, end)

    def tried(self, once, end=None):
        for number in range(1, TRIES + 1):
            try:
                return once()
            except Failure as failure:
                if number == TRIES or FINAL.search(str(failure)) or (end and time.monotonic() >= end):
                    raise
                say(f"{failure}; asked again")
            threading.Event().wait(self.pause)

    def once(self, words, timeout, text):
        try:
            done = subprocess.run([*self.base, *words], input=text, capture_output=True, text=True, errors="replace", timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"kubectl {words[0]}: no answer within {timeout:g} s") from None
        except OSError as error:
            raise Failure(f"{self.base[0]}: {error.strerror}; KUBECTL names another") from None
        if done.returncode:
            raise Failure(f"kubectl {' '.join(words[:3])}: {done.stderr.strip() or f'status {done.returncode}'}")
        return done.stdout

    def listed(self, *words):
        text = self.run("get", *words, "--output", "json")
        try:
            return json.loads(text)["items"]
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(f"kubectl get {words[0]}: this is no list: {type(error).__name__}: {text[:80]!r}") from None

    def members(self):
        try:
            return [
                Member(
                    name=each["metadata"]["name"], version=each["metadata"]["resourceVersion"], replicas=each["spec"].get("replicas", 1),
                    ready=each.get("status", {}).get("readyReplicas", 0), colour=each["metadata"].get("labels", {}).get(COLOUR, ""),
                    image=image(each["spec"]["template"]["spec"]["containers"]),
                    notes={key: value for key, value in each["metadata"].get("annotations", {}).items() if key in NOTE})
                for each in self.listed("deployments", "--selector", selector())]
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise Failure(f"kubectl get deployments: these are no Deployments: {type(error).__name__} {error}") from None

    def member(self, name):
        return named(self.members(), name)

    def own(self, members, name):
        """The Deployment, if its release is this run's still."""
        found = named(members, name)
        if found.notes.get(RUN) != self.me:
            raise Superseded(f"{name} ({found.phase}) was taken over by {found.notes.get(RUN, 'somebody')}")
        return found

    def live(self):
        """The one that has the work, or None in an empty namespace."""
        live = [each for each in self.members() if each.phase == "live"]
        if len(live) > 1:
            raise Failure(f"{' and '.join(each.name for each in live)} are both live: annotate one of them with {PHASE}=replaced")
        return live[0] if live else None

    def under_way(self):
        return next((each for each in self.members() if each.phase in UNDER_WAY), None)

    def take_over(self, member, phase):
        """From here on this run, and no other, changes the release."""
        self.run("annotate", f"deployment/{member.name}", "--overwrite", f"{PHASE}={phase}", f"{RUN}={self.me}")

    def note(self, name, phase, held):
        self.write(name, held, "annotate", "--overwrite", f"{PHASE}={phase}")

    def scale(self, name, replicas, held):
        self.write(name, held, "scale", f"--replicas={replicas}")

    def write(self, name, held, verb, *words):
        """One change of a Deployment, while the release of `held` is this run's: between looking and changing nobody else has changed it. It is
        tried as often as the cluster itself may come in between by counting pods."""
        for _ in range(20):
            # One list of both: what was changed after it is a conflict.
            found = self.members()
            self.own(found, held)
            try:
                return self.run(verb, f"deployment/{name}", f"--resource-version={named(found, name).version}", *words)
            except Failure as failure:
                if not CONFLICT.search(str(failure)):
                    raise
                conflict = failure
        raise conflict

    def wait_ready(self, name, seconds):
        """Until every pod of the newest form is ready: kubectl watches, nothing polls."""
        self.awaited(seconds, "rollout", "status", f"deployment/{name}")

    def wait_gone(self, member, seconds):
        """Until the last of its pods has drained and ended. A pod that is gone already counts as deleted."""
        if pods := [f"pod/{each['metadata']['name']}" for each in self.pods(member.colour)]:
            self.awaited(seconds, "wait", "--for=delete", *pods)

    def pods(self, colour):
        """The pods of one colour; without one, those that no release made. One that was evicted has ended, although it is listed for weeks."""
        own = f"{COLOUR}={colour}" if colour else f"!{COLOUR}"
        return [each for each in self.listed("pods", "--selector", f"{selector()},{own}")
                if each.get("status", {}).get("phase") not in ("Succeeded", "Failed")]

    def left(self):
        """Says what there is, for a person who has to go on."""
        try:
            for member in self.members():
                say(f"{member.name}: {member.phase}, {member.ready} of {member.replicas} pods ready")
        except Failure as failure:
            say(f"what is there now could not be read: {failure}")


def image(containers):
    """The consumer's, whatever runs beside it."""
    return next((each for each in containers if each.get("name") == "tidewatch"), containers[0])["image"]


def named(members, name):
    found = next((each for each in members if each.name == name), None)
    if found is None:
        raise Failure(f"{name} is gone")
    return found


def selector():
    return ",".join(f"{key}={value}" for key, value in APP.items())
