"""kubectl with a time limit on each call, and the Deployments of one installation."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

APP = {"app.kubernetes.io/name": "tidewatch", "app.kubernetes.io/component": "consumer"}
COLOUR = "tidewatch.dev/colour"
PHASE = "tidewatch.dev/phase"
REVISION = "tidewatch.dev/revision"
REPLACES = "tidewatch.dev/replaces"
UNJUDGED = "tidewatch.dev/unjudged-slos"
NOTE = {PHASE, REVISION, REPLACES, UNJUDGED}

# Phases, in this order. A run that ended in one of these is gone on with by the next. Beside them: `live` has the work,
# `replaced` waits for a rollback with no pods, `failed` was taken back.
UNDER_WAY = ["starting", "shifting", "observing", "going-back"]


class Failure(Exception):
    """Something that a person reads: what failed, and what to do."""


class Interrupted(BaseException):
    """SIGTERM or SIGINT: whoever cancels a workflow sends them. No `except Exception` takes it for a failure."""


def say(text):
    print(time.strftime("%H:%M:%S ", time.gmtime()) + text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Member:
    """One Deployment of the installation."""

    name: str
    replicas: int
    ready: int
    colour: str
    notes: dict

    @property
    def phase(self):
        """A Deployment that no release made, as of `kubectl apply -k`, is live while it has pods."""
        return self.notes.get(PHASE) or ("live" if self.replicas else "replaced")

    @property
    def replaces(self):
        """(name, replicas) of what was live before, or None."""
        text = self.notes.get(REPLACES)
        return (lambda name, count: (name, int(count)))(*text.split("=")) if text else None


class Cluster:
    def __init__(self, namespace, context=None):
        self.base = [os.environ.get("KUBECTL", "kubectl"), "--namespace", namespace]
        if context:
            self.base += ["--context", context]

    def run(self, *words, timeout=60, text=None):
        """What kubectl prints. The API server may be silent for ever, so that even a `get` has a limit."""
        try:
            done = subprocess.run([*self.base, *words], input=text, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"kubectl {words[0]}: no answer within {timeout:g} s") from None
        except OSError as error:
            raise Failure(f"{self.base[0]}: {error.strerror}; KUBECTL names another") from None
        if done.returncode:
            raise Failure(f"kubectl {' '.join(words[:3])}: {done.stderr.strip() or f'status {done.returncode}'}")
        return done.stdout

    def members(self):
        found = json.loads(self.run("get", "deployments", "--selector", selector(), "--output", "json"))
        return [
            Member(
                name=each["metadata"]["name"], replicas=each["spec"].get("replicas", 1),
                ready=each.get("status", {}).get("readyReplicas", 0),
                colour=each["metadata"].get("labels", {}).get(COLOUR, ""),
                notes={key: value for key, value in each["metadata"].get("annotations", {}).items() if key in NOTE})
            for each in found["items"]]

    def live(self):
        """The one that has the work, or None in an empty namespace."""
        live = [each for each in self.members() if each.phase == "live"]
        if len(live) > 1:
            raise Failure(f"{' and '.join(each.name for each in live)} are both live: annotate one of them with {PHASE}=replaced")
        return live[0] if live else None

    def under_way(self):
        return next((each for each in self.members() if each.phase in UNDER_WAY), None)

    def note(self, name, **notes):
        keys = {"phase": PHASE, "unjudged": UNJUDGED, "replaces": REPLACES}
        words = [f"{keys[key]}={value}" for key, value in notes.items()]
        self.run("annotate", f"deployment/{name}", "--overwrite", *words)

    def scale(self, name, replicas):
        self.run("scale", f"deployment/{name}", f"--replicas={replicas}")

    def wait_ready(self, name, seconds):
        """Until every pod of the newest form is ready: kubectl watches, nothing polls."""
        self.run("rollout", "status", f"deployment/{name}", f"--timeout={seconds:g}s", timeout=seconds + 15)

    def wait_gone(self, member, seconds):
        """Until the last of its pods has drained and ended. A pod that is gone already counts as deleted."""
        pods = [f"pod/{each['metadata']['name']}" for each in self.pods(member.colour)]
        if pods:
            self.run("wait", "--for=delete", *pods, f"--timeout={seconds:g}s", timeout=seconds + 15)

    def pods(self, colour):
        """The pods of one colour; without one, those that no release made."""
        own = f"{COLOUR}={colour}" if colour else f"!{COLOUR}"
        return json.loads(self.run("get", "pods", "--selector", f"{selector()},{own}", "--output", "json"))["items"]


def selector():
    return ",".join(f"{key}={value}" for key, value in APP.items())
