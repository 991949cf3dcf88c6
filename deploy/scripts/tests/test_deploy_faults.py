"""A release where the cluster, its pods or those whom it asks do not do what they shall."""

import contextlib
import io
import os
import sys
import unittest
import unittest.mock

from releases import ReleaseCase
from world import SCRIPTS, program

sys.path.insert(0, str(SCRIPTS))
from release.cluster import Cluster, Failure, say  # noqa: E402


class FaultTests(ReleaseCase):
    def test_aFailedSmokeTestTakesItBack(self):
        world = self.world()
        self.assertWasTakenBack(world, world.deploy("--commit", "0123456789abcdef", "--smoke-timeout", "10"), 1, "it runs commit", "not 0123456789abcdef")
        self.assertFalse([line for line in world.calls("scale") if "tidewatch-blue --replicas=0" in line], "blue lost its pods")

    def test_podsThatNobodyCanAskTakeItBack(self):
        world = self.world()
        world.write(ports={**world.read()["ports"], "tidewatch-green": [1, 1]})
        self.assertWasTakenBack(world, world.deploy("--smoke-timeout", "10"), 1, "/readyz: no answer")

    def test_podsThatNeverAreReadyTakeItBack(self):
        world = self.world()
        world.write(faults={"rollout": "tidewatch-green"})
        self.assertWasTakenBack(world, world.deploy("--ready-timeout", "2"), 1, "timed out waiting for the condition")

    def test_podsThatNeverDrainTakeItBack(self):
        world = self.world()
        world.write(faults={"drain": "forever"})
        done = world.deploy("--ready-timeout", "2", "--drain-timeout", "2")
        # The way back waits for green to drain, which it does not either.
        self.assertEnds(done, 4, "timed out waiting", "THE ROLLBACK FAILED", "tidewatch-blue: live, 2 of 2 pods ready")
        self.assertIn("could not be taken back", world.events.summaries()[0])
        world.write(faults={})
        self.assertEnds(world.run("rollback"), 0, "rolled back in")
        self.assertEqual(world.phases(), {"tidewatch-blue": "live", "tidewatch-green": "failed"})

    def test_podsThatLoseTheirReadinessTakeItBack(self):
        world = self.world()
        world.write(faults={"unready": "tidewatch-green"})
        self.assertWasTakenBack(world, world.deploy(), 1, "0 of 2 pods are ready")

    def test_reportsThatCanNotBeHadTakeItBack(self):
        world = self.world(self.met, "/nowhere")
        self.assertWasTakenBack(world, world.deploy(), 1, "look 3 of 3 without an answer")

    def test_whatNobodyForesawTakesItBack(self):
        world = self.world()
        gate = program(world.folder, "gate", """#!/bin/sh
            [ -e "$FAKE_CLUSTER/asked" ] && echo 'Segmentation fault' && exit 0
            touch "$FAKE_CLUSTER/asked"; echo '{"broken": [], "reasons": [], "slos": []}'""")
        self.assertWasTakenBack(world, world.deploy("--gate", gate), 1, "JSONDecodeError")

    def test_anApplyThatFailsTouchesNothing(self):
        world = self.world()
        world.write(faults={"apply": "yes"})
        self.assertEnds(world.deploy(), 1, "unable to handle the request")
        self.assertEqual(world.pods(), {"tidewatch-blue": 2})
        self.assertEqual(world.calls("scale"), [])

    def test_anAnswerThatDoesNotComeOnceIsAskedForAgain(self):
        world = self.world()
        world.write(faults={"once": {verb: 1 for verb in ("get", "kustomize", "apply", "rollout", "scale", "wait", "annotate", "exec", "port-forward")}})
        self.assertEnds(world.deploy(), 0, "kubectl annotate", "TLS handshake timeout; asked again", "tidewatch-green is live")

    def test_answersThatAreNoneAreSaid(self):
        world = self.world()
        world.write(faults={"garbage": "get"})
        self.assertEnds(world.deploy(), 1, "kubectl get deployments: this is no list")
        self.assertEnds(world.run("rollback"), 1, "this is no list", "what is there now could not be read")
        self.assertNotIn("Traceback", world.run("smoke-test", "--timeout", "0.1").stderr)

    def test_podsThatWereEvictedAreNotWaitedFor(self):
        world = self.world()
        deployments = world.read()["deployments"]
        deployments["tidewatch-blue"]["evicted"] = 1
        world.write(deployments=deployments)
        self.assertEnds(world.deploy(), 0, "tidewatch-blue has drained")

    def test_aPagerDutyThatIsDownChangesNothing(self):
        world = self.world()
        world.environment["PAGERDUTY_CHANGE_URL"] = "http://127.0.0.1:1"
        self.assertEnds(world.deploy(), 0, "PagerDuty: no answer", "tidewatch-green is live")

    def test_theSmokeTestByItself(self):
        world = self.world()
        self.assertEnds(world.run("smoke-test", "--colour", "blue", "--traffic"), 0, "2 pods are well")
        self.assertEnds(world.run("smoke-test", "--colour", "green"), 1, "there are no pods of green")
        world.write(ports={"": [1, 1]})
        self.assertEnds(world.run("smoke-test", "--colour", "blue", "--timeout", "10"), 1, "tidewatch-blue-0: /healthz: no answer")

    def test_whatOthersWriteIsNoCommandToGitHub(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            say("answered\n::add-mask::x\r##[set-output name=y]z\x1b[31m")
        self.assertRegex(said.getvalue(), r"^\d\d:\d\d:\d\d answered ::add-mask::x # #\[set-output name=y\]z \[31m\n$")

    def test_anAPIServerThatIsSilentIsNotWaitedForForEver(self):
        world = self.world()
        world.write(faults={"get": "hang"})
        with unittest.mock.patch.dict(os.environ, world.environment):
            with self.assertRaisesRegex(Failure, "kubectl get: no answer within 0.3 s"):
                Cluster("tidewatch", pause=0, answer=0.3).run("get", "deployments")


if __name__ == "__main__":
    unittest.main()
