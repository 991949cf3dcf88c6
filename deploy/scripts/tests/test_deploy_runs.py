"""Runs that are killed, that meet each other, and that find what somebody else has changed."""

import signal
import sys
import unittest

from releases import ReleaseCase
from world import PATIENT, SCRIPTS, SECONDS_MAX, program, until


class RunTests(ReleaseCase):
    def test_whoIsKilledInTheShiftSaysWhatIsLeftAndTheNextRunGoesOn(self):
        world = self.world()
        world.write(faults={"drain": "until killed"})
        process = world.start("deploy", *world.words())
        until((world.folder / "draining").exists, "the drain")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 4, said)
        for text in ["interrupted by SIGTERM", "tidewatch-green: shifting, 2 of 2", "tidewatch-blue: live, 0 of 0"]:
            self.assertIn(text, said)
        world.write(faults={})
        self.assertEnds(world.deploy(image="c"), 1, "another release is under way (tidewatch-green is shifting)")
        self.assertEnds(world.deploy(), 0, "goes on with tidewatch-green, which was shifting", "tidewatch-green is live")
        self.assertEqual(len(world.calls("apply")), 1)
        self.assertEqual(world.phases(), {"tidewatch-blue": "replaced", "tidewatch-green": "live"})

    def test_whoIsKilledInTheShiftCanBeTakenBack(self):
        world = self.world()
        world.write(faults={"drain": "until killed"})
        process = world.start("deploy", *world.words())
        until((world.folder / "draining").exists, "the drain")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_MAX)
        world.write(faults={})
        self.assertEnds(world.run("rollback"), 0, "rolled back in", "tidewatch-blue is live")
        self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})

    def test_aLiveReleaseCanBeTakenBack(self):
        world = self.world()
        world.deploy()
        self.assertEnds(world.run("rollback"), 0, "tidewatch-blue has its 2 pods again")
        self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})
        self.assertEqual(world.phases(), {"tidewatch-blue": "live", "tidewatch-green": "failed"})
        self.assertEnds(world.run("rollback"), 1, "replaced nothing")

    def test_aRollbackNeverGoesToWhatWasTakenBackItself(self):
        world = self.world()
        world.deploy()
        world.deploy(image="c")
        self.assertEnds(world.run("rollback"), 0, "tidewatch-green is live")
        self.assertEnds(world.run("rollback"), 1, "tidewatch-blue was taken back itself")
        self.assertEqual(world.pods(), {"tidewatch-blue": 0, "tidewatch-green": 2})
        self.assertEqual(world.phases(), {"tidewatch-blue": "failed", "tidewatch-green": "live"})

    def test_aRollbackThatWasInterruptedIsFinishedFirst(self):
        world = self.world()
        world.deploy()
        deployments = world.read()["deployments"]
        deployments["tidewatch-green"]["annotations"]["tidewatch.dev/phase"] = "going-back"
        world.write(deployments=deployments)
        self.assertEnds(world.deploy(image="c"), 0, "a rollback of tidewatch-green was interrupted", "tidewatch-green is live")

    def test_aRollbackByHandEndsARunThatIsUnderWay(self):
        world = self.world()
        world.write(faults={"drain": "until it goes on"})
        process = world.start("deploy", *world.words())
        until((world.folder / "draining").exists, "the drain")
        world.write(faults={})
        self.assertEnds(world.run("rollback"), 0, "tidewatch-blue is live")
        (world.folder / "go on").touch()
        _, said = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 4, said)
        self.assertIn("tidewatch-green (failed) was taken over by", said)
        self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})
        self.assertEqual(world.phases(), {"tidewatch-blue": "live", "tidewatch-green": "failed"})

    def test_aRollbackJustBeforeTheShiftFindsNoPodsTaken(self):
        """Whatever call of the release the rollback comes before, one of the colours has its pods, and is live."""
        for verb, number in [("scale", 0), ("annotate", 0), ("rollout", 0), ("wait", 0), ("exec", 0)]:
            with self.subTest(verb):
                world = self.world()
                back = ["env", *(f"{key}={world.environment[key]}" for key in ("PATH", "KUBECTL", "FAKE_CLUSTER")), str(SCRIPTS / "rollback"), *PATIENT]
                before = {verb: back} if verb != "exec" else {}
                world.write(faults={"before": before})
                if verb == "exec":
                    gate = program(world.folder, "gate", f"""#!/bin/sh
                        if [ -e "$FAKE_CLUSTER/asked" ]; then {SCRIPTS}/rollback {' '.join(PATIENT)}; fi
                        touch "$FAKE_CLUSTER/asked"; echo '{{"broken": [], "reasons": [], "slos": []}}'""")
                    done = world.deploy("--gate", gate)
                else:
                    done = world.deploy()
                self.assertEnds(done, 4, "was taken over by")
                self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})
                self.assertEqual(world.phases(), {"tidewatch-blue": "live", "tidewatch-green": "failed"})

    def test_anotherReleaseThatBeginsMeanwhileIsLeftAlone(self):
        world = self.world()
        other = {**world.read()["deployments"]["tidewatch-blue"], "labels": {**world.read()["deployments"]["tidewatch-blue"]["labels"], "tidewatch.dev/colour": "green"},
                 "annotations": {"tidewatch.dev/phase": "starting", "tidewatch.dev/run": "somebody", "tidewatch.dev/replaces": "tidewatch-blue=2"}}
        gate = program(world.folder, "gate", f"""#!{sys.executable}
import json, pathlib
path = pathlib.Path({str(world.folder / "state.json")!r})
held = json.loads(path.read_text())
held["deployments"]["tidewatch-green"] = {other!r}
path.write_text(json.dumps(held))
print(json.dumps(dict(broken=[], reasons=[], slos=[])))""")
        self.assertEnds(world.deploy("--gate", gate), 1, "another release has begun in the meantime: tidewatch-green is starting")
        self.assertEqual(world.phases()["tidewatch-green"], "starting")
        self.assertEqual(world.calls("apply") + world.calls("scale"), [])

    def test_whatCanNotGoBackSaysBothWaysOut(self):
        world = self.world()
        world.deploy()
        world.write(faults={"rollout": "tidewatch-blue"})
        self.assertEnds(world.run("rollback", "--timeout", "0.2"), 1, "tidewatch-green keeps its pods until tidewatch-blue is ready", "To keep tidewatch-green instead")
        self.assertEqual(world.pods()["tidewatch-green"], 2)

    def test_whatWasChangedByHandIsReleasedAgain(self):
        world = self.world()
        world.deploy()
        deployments = world.read()["deployments"]
        deployments["tidewatch-green"]["image"] = "registry.example.com/tidewatch:debug"
        world.write(deployments=deployments)
        self.assertEnds(world.deploy(), 0, "was changed by hand: it runs registry.example.com/tidewatch:debug", "tidewatch-blue is live")

    def test_whatSomebodyDeletesMeanwhileIsNoReasonToGoBack(self):
        world = self.world()
        path = str(world.folder / "state.json")
        gate = program(world.folder, "gate", f"""#!{sys.executable}
import json, pathlib
path = pathlib.Path({path!r})
held = json.loads(path.read_text())
if held["deployments"].get("tidewatch-green", {{}}).get("annotations", {{}}).get("tidewatch.dev/phase") == "observing":
    held["deployments"].pop("tidewatch-blue", None)
    path.write_text(json.dumps(held))
print(json.dumps(dict(broken=[], reasons=[], slos=[])))""")
        self.assertEnds(world.deploy("--gate", gate), 0, "tidewatch-blue was deleted meanwhile", "tidewatch-green is live")

    def test_anOverlayWithoutTheDeploymentIsRefused(self):
        world = self.world()
        (world.folder / "kustomization.yaml").write_text('{"namePrefix": "our-", "resources": ["service.yaml"]}')
        (world.folder / "service.yaml").write_text('{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}}')
        self.assertEnds(world.deploy("--overlay", str(world.folder)), 1, "there is no Deployment `tidewatch` with a container `tidewatch`")

    def test_notesThatSomebodySpoiledAreNamed(self):
        for note, said in [("replaces", "is 'blue', and no NAME=REPLICAS"), ("unjudged-slos", "is no list of names")]:
            with self.subTest(note):
                world = self.world()
                world.write(faults={"drain": "until killed"})
                process = world.start("deploy", *world.words())
                until((world.folder / "draining").exists, "the drain")
                process.kill()
                process.communicate(timeout=SECONDS_MAX)
                deployments = world.read()["deployments"]
                deployments["tidewatch-green"]["annotations"]["tidewatch.dev/" + note] = "blue"
                world.write(deployments=deployments, faults={})
                self.assertEnds(world.deploy(), 1, said)

    def test_whoIsKilledAtAnyStepIsGoneOnWith(self):
        """SIGKILL before each kind of call: the next run ends as the first would have."""
        for verb in ("apply", "rollout", "annotate", "scale", "wait"):
            with self.subTest(verb):
                world = self.world()
                # The parent of kubectl's process is the release.
                world.write(faults={"before": {verb: ["sh", "-c", 'kill -9 $(ps -o ppid= -p $PPID)']}})
                self.assertEqual(world.deploy().returncode, -signal.SIGKILL)
                self.assertEnds(world.deploy(), 0, "tidewatch-green is live")
                self.assertEqual(world.pods(), {"tidewatch-blue": 0, "tidewatch-green": 2})
                self.assertEqual(world.phases(), {"tidewatch-blue": "replaced", "tidewatch-green": "live"})


if __name__ == "__main__":
    unittest.main()
