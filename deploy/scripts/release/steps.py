"""The steps of a release. deploy says what they are for."""

import json
import os
import subprocess
import threading
import time
from argparse import Namespace
from pathlib import Path

from .cluster import Failure, LARGE, PHASE, REPLACES, REVISION, RUN, UNJUDGED, Superseded, say
from .going_back import take_back
from .rendering import rendered, revision
from .smoke import tried

SCRIPTS = Path(__file__).resolve().parents[1]
REPORT = ["/usr/local/bin/tidewatch", "slo", "report", "--config", "/etc/tidewatch/settings.yaml", "--format", "json"]
# So many looks in a row may tell nothing. Then not knowing is taken for bad.
BLIND_LOOKS = 3


class Refused(Exception):
    """Approval or gate did not hold."""


class Release:
    def __init__(self, cluster, options):
        self.cluster, self.options = cluster, options
        self.began = False
        self.phase = None
        self.unjudged = []
        # Names in the report before; not known where an interrupted run had asked for it.
        self.before = None

    def prepare(self):
        """Up to the point at which something is changed. False where there is nothing to do."""
        options = self.options
        text = rendered(self.cluster, options.overlay, options.image)
        self.revision = revision(text)
        under_way = self.cluster.under_way()
        if under_way and under_way.phase == "going-back":
            say(f"a rollback of {under_way.name} was interrupted, and is finished first")
            take_back(self.cluster, options.ready_timeout)
            under_way = None
        if under_way and under_way.notes.get(REVISION) != self.revision:
            raise Failure(f"another release is under way ({under_way.name} is {under_way.phase}): "
                          "go on with that one, or take it back with deploy/scripts/rollback")
        live = self.cluster.live()
        if not under_way and live and live.notes.get(REVISION) == self.revision:
            if live.image == options.image:
                say(f"this release is live already: {live.name}, {live.ready} of {live.replicas} pods ready")
                return False
            say(f"{live.name} was this release, and was changed by hand: it runs {live.image}")
        self.approved()
        if under_way:
            self.target, self.phase = under_way.name, under_way.phase
            self.old = under_way.replaces
            self.unjudged = noted(under_way)
            if self.cluster.member(self.target).notes != under_way.notes:
                raise Failure(f"{self.target} is another run's just now: try again when that has ended")
            say(f"goes on with {self.target}, which was {self.phase}")
            self.cluster.take_over(under_way, self.phase)
            self.began = True
            if self.phase != "starting":
                # The old pods are going or gone: the gate would judge the new ones, as `observe` will.
                return True
        else:
            self.target = "tidewatch-green" if live and live.colour == "blue" else "tidewatch-blue"
            self.old = (live.name, live.replicas) if live else None
            if live and not live.replicas:
                raise Failure(f"{live.name} is live and has no pods, so that none could be tried: scale it to as many as the release shall have")
        if self.old:
            self.gate_before()
        else:
            say("nothing is live here: there is no report that a gate could judge")
        return True

    @property
    def colour(self):
        return self.target.removeprefix("tidewatch-")

    def approved(self):
        options = self.options
        if not options.approval:
            return
        done = subprocess.run([SCRIPTS / "approval", "--environment", options.environment], capture_output=True, text=True, timeout=90)
        say((done.stdout + done.stderr).strip())
        if done.returncode == 3:
            raise Refused(f"{options.environment} was not approved")
        if done.returncode:
            raise Failure("whether it was approved is not known")

    def gate_before(self):
        holds, broken, reasons = self.judged(self.old[0])
        self.before = self.names
        if holds:
            say("the gate holds")
            return
        if not self.options.override_gate:
            raise Refused("the error budgets allow no release: " + several(reasons))
        say(f"the gate does not hold ({several(reasons)}), and is overridden: {self.options.override_gate}")
        self.unjudged = broken

    def start(self):
        """Green beside blue."""
        options = self.options
        if self.phase is None:
            notes = {PHASE: "starting", REVISION: self.revision, UNJUDGED: json.dumps(self.unjudged), RUN: self.cluster.me}
            if self.old:
                notes[REPLACES] = "{}={}".format(*self.old)
            replicas = self.old[1] if self.old else None
            text = rendered(self.cluster, options.overlay, options.image, self.colour, replicas, notes)
            # The gate took its time.
            if other := self.cluster.under_way():
                raise Failure(f"another release has begun in the meantime: {other.name} is {other.phase}")
            # Half of an apply may have come through when it fails.
            self.began = True
            self.cluster.run("apply", "--filename", "-", text=text, times=LARGE)
            self.phase = "starting"
        if self.phase in ("starting", "shifting"):
            # Also what an interrupted run had found well: that may be days ago.
            say(f"{self.target} starts")
            self.cluster.wait_ready(self.target, options.ready_timeout)
            self.smoke_test()

    def shift(self):
        if self.phase == "starting":
            self.enter("shifting")
        if self.phase == "shifting":
            if self.old:
                self.cluster.scale(self.old[0], 0, held=self.target)
                self.cluster.wait_gone(self.cluster.member(self.old[0]), self.options.drain_timeout)
                say(f"{self.old[0]} has drained")
                self.smoke_test()
            self.enter("observing")

    def observe(self):
        """The new release alone, watched. Each look is dated by when it began, so that a slow one does not lengthen the watch."""
        options = self.options
        end = time.monotonic() + options.observe
        blind = 0
        while True:
            began = time.monotonic()
            try:
                member = self.cluster.own(self.cluster.members(), self.target)
                holds, _, reasons = self.judged(self.target)
                if member.ready < member.replicas:
                    holds, reasons = None, [f"{member.ready} of {member.replicas} pods are ready"]
            except Superseded:
                raise
            except Failure as failure:
                holds, reasons = None, [str(failure)]
            if holds is False:
                raise Refused("the SLOs burn: " + several(reasons))
            blind = 0 if holds else blind + 1
            if blind:
                say(f"look {blind} of {BLIND_LOOKS} without an answer: {several(reasons)}")
            if blind == BLIND_LOOKS:
                raise Failure("whether the release does harm is not known: " + several(reasons))
            if holds and began >= end:
                return
            threading.Event().wait(max(0.0, min(options.interval, end - time.monotonic())) if holds else options.interval)

    def finish(self):
        kept = self.old and any(each.name == self.old[0] for each in self.cluster.members())
        if kept:
            self.cluster.note(self.old[0], "replaced", held=self.target)
        self.cluster.note(self.target, "live", held=self.target)
        say(f"{self.target} is live" + (f"; {self.old[0]} is kept without pods" if kept else ""))
        if self.old and not kept:
            say(f"{self.old[0]} was deleted meanwhile: nothing is there to go back to")

    def take_back(self):
        """Seconds that it took. Where not even the Deployment was made, what is live stays untouched, as does another run's release."""
        members = self.cluster.members()
        if self.phase is None and not any(each.name == self.target and each.notes.get(RUN) == self.cluster.me for each in members):
            return 0.0
        self.cluster.own(members, self.target)
        return take_back(self.cluster, self.options.ready_timeout)[1]

    def enter(self, phase):
        self.cluster.note(self.target, phase, held=self.target)
        self.phase = phase
        say(f"{self.target}: {phase}")

    def smoke_test(self):
        options = self.options
        asked = Namespace(colour=self.colour, commit=options.commit, traffic=options.traffic, dead_letters=options.dead_letters,
                          timeout=options.smoke_timeout)
        if problems := tried(self.cluster, asked):
            raise Failure(f"{self.target} failed the smoke test: " + several(problems))

    def judged(self, name):
        """(whether the gate holds, names of SLOs that do not, reasons), by the report that a pod of `name` makes."""
        options = self.options
        report = self.cluster.run("exec", f"deployment/{name}", "--container", "tidewatch", "--", *REPORT, times=LARGE)
        command = [options.gate, "--json"] + (["--allow-incomplete"] if options.allow_incomplete else [])
        command += [f"--unjudged={slo}" for slo in self.unjudged]
        said, status = self.asked_gate(command, report)
        self.names = {each.get("slo") for each in said["slos"]}
        # What this release brings has no history yet. It must not burn as far as it is known.
        if self.before is not None and (fresh := set(said["broken"]) - self.before):
            said, status = self.asked_gate(command + [f"--allow-incomplete-of={slo}" for slo in sorted(fresh)], report)
        return status == 0, said["broken"], said["reasons"] + [
            f"{each['name']}: {each['reason']}" for each in said["slos"] if not each["holds"]]

    def asked_gate(self, command, report):
        try:
            done = subprocess.run(command, input=report, capture_output=True, text=True, timeout=LARGE * self.cluster.answer)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"the gate: no answer within {late.timeout:g} s") from None
        if done.returncode not in (0, 3):
            raise Failure(f"the gate failed: {done.stderr.strip()}")
        return json.loads(done.stdout), done.returncode

    def tell(self, result):
        """PagerDuty hears of what was changed. That it does not hear is no reason to change anything back, nor to end otherwise."""
        if result is None:
            return
        options, result = self.options, result[:2000]
        words = [SCRIPTS / "change-event", "--source", f"tidewatch-{options.environment}", f"--pause={options.pause:g}",
                 "--summary", f"tidewatch {options.commit or options.image[-12:]} in {options.environment}: {result}",
                 "--detail", f"image={options.image}", "--detail", f"result={result}"]
        if options.override_gate:
            words += ["--detail", f"gate overridden={options.override_gate}"]
        if os.environ.get("GITHUB_RUN_ID"):
            words += ["--link", "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format(**os.environ)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=90)
            say((done.stdout + done.stderr).strip())
        except (OSError, subprocess.SubprocessError) as error:
            say(f"no change event was sent: {error}")


def noted(member):
    try:
        return [str(each) for each in json.loads(member.notes.get(UNJUDGED, "[]"))]
    except (ValueError, TypeError):
        raise Failure(f"{member.name}: {UNJUDGED} is no list of names: {member.notes[UNJUDGED]!r}") from None


def several(reasons, most=5):
    """A person reads the first few, and an installation may have ten thousand SLOs."""
    return "; ".join(reasons[:most]) + (f"; and {len(reasons) - most} more" if len(reasons) > most else "")
