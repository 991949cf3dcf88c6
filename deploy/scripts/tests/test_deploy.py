"""A release, through all its ends, against a cluster that is a file, with real reports and a real consumer's ports."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

from world import Consumer, SCRIPTS, World, program, report, until

sys.path.insert(0, str(SCRIPTS))
from release.cluster import Cluster, Failure  # noqa: E402


class ReleaseTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.consumer = Consumer(cls.folder.name)
        cls.addClassCleanup(cls.consumer.close)
        cls.met = report(cls.folder.name, "met")
        cls.violated = report(cls.folder.name, "violated", target=0.999)

    def world(self, *reports, **parts):
        world = World(self.consumer, list(reports or [self.met]), **parts)
        self.addCleanup(world.close)
        return world

    def assertEnds(self, done, status, *texts):
        self.assertEqual(done.returncode, status, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)

    def assertWasTakenBack(self, world, done, status, *texts):
        """Blue has its pods, green none, and the time of the way back is said: to people and to PagerDuty."""
        self.assertEnds(done, status, *texts)
        self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})
        self.assertEqual(world.phases(), {"tidewatch-blue": "live", "tidewatch-green": "failed"})
        took = re.search(r"rolled back in ([\d.]+) s", done.stderr)
        self.assertTrue(took, done.stderr)
        self.assertIn("in production: rolled back in", world.events.summaries()[-1])
        print(f"\n  {self.id().rpartition('.')[2]}: rolled back in {took[1]} s")

    def test_greenTakesThePlaceOfBlue(self):
        world = self.world()
        done = world.deploy("--traffic")
        self.assertEnds(done, 0, "smoke test: 2 pods are well", "tidewatch-blue has drained", "tidewatch-green is live")
        self.assertEqual(world.pods(), {"tidewatch-blue": 0, "tidewatch-green": 2})
        self.assertEqual(world.phases(), {"tidewatch-blue": "replaced", "tidewatch-green": "live"})
        self.assertIn("@sha256:" + "b" * 64, world.read()["deployments"]["tidewatch-green"]["image"])
        (path, event), = world.events.events
        self.assertEqual(path, "/v2/change/enqueue")
        self.assertIn("deployed", event["payload"]["summary"])
        self.assertEqual(event["links"][0]["href"], "https://github.example/o/r/actions/runs/7")
        self.assertEqual(set(world.read()["kinds"]), {"ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"})
        # Blue kept its pods until green had passed.
        calls = (world.folder / "calls.log").read_text()
        self.assertLess(calls.index("port-forward"), calls.index("scale deployment/tidewatch-blue"))

    def test_theNextReleaseGoesToTheOtherColour(self):
        world = self.world()
        self.assertEnds(world.deploy(), 0)
        self.assertEnds(world.deploy(image="c"), 0, "tidewatch-blue is live")
        self.assertEqual(world.pods(), {"tidewatch-blue": 2, "tidewatch-green": 0})

    def test_whatIsLiveIsNotReleasedAgain(self):
        world = self.world()
        world.deploy()
        self.assertEnds(world.deploy(), 0, "live already")
        self.assertEqual(len(world.calls("apply")), 1)

    def test_theFirstReleaseReplacesNothing(self):
        world = self.world(deployments={})
        self.assertEnds(world.deploy(), 0, "nothing is live here")
        self.assertEqual(world.phases(), {"tidewatch-blue": "live"})

    def test_aDeploymentWithoutAColourIsReplaced(self):
        plain = {"replicas": 3, "labels": {"app.kubernetes.io/name": "tidewatch", "app.kubernetes.io/component": "consumer"},
                 "image": "tidewatch:0.2.0", "annotations": {}}
        world = self.world(deployments={"tidewatch": plain})
        self.assertEnds(world.deploy(), 0)
        self.assertEqual(world.pods(), {"tidewatch": 0, "tidewatch-blue": 3})

    def test_aFailedSmokeTestTakesItBack(self):
        world = self.world()
        self.assertWasTakenBack(world, world.deploy("--commit", "0123456789abcdef"), 1, "it runs commit", "not 0123456789abcdef")
        self.assertFalse([line for line in world.calls("scale") if "tidewatch-blue --replicas=0" in line], "blue lost its pods")

    def test_podsThatNobodyCanAskTakeItBack(self):
        world = self.world()
        world.write(ports={**world.read()["ports"], "tidewatch-green": [1, 1]})
        self.assertWasTakenBack(world, world.deploy(), 1, "/readyz: no answer")

    def test_aBurningSLOTakesItBack(self):
        world = self.world(self.met, self.met, self.violated)
        self.assertWasTakenBack(world, world.deploy(), 3, "the SLOs burn: api: violated", "tidewatch-blue has its 2 pods again")

    def test_anSLOThatBurnsBeforeAllowsNoRelease(self):
        world = self.world(self.violated)
        self.assertEnds(world.deploy(), 3, "the error budgets allow no release: api: violated")
        self.assertEqual(world.calls("apply"), [])
        self.assertEqual(world.events.events, [])

    def test_aFixMayOverrideTheGate(self):
        world = self.world(self.violated)
        self.assertEnds(world.deploy("--override-gate", "fixes the outage"), 0, "overridden: fixes the outage")
        self.assertEqual(world.events.events[0][1]["payload"]["custom_details"]["gate overridden"], "fixes the outage")

    def test_podsThatNeverAreReadyTakeItBack(self):
        world = self.world()
        world.write(faults={"rollout": "tidewatch-green"})
        self.assertWasTakenBack(world, world.deploy(), 1, "timed out waiting for the condition")

    def test_podsThatNeverDrainTakeItBack(self):
        world = self.world()
        world.write(faults={"drain": "forever"})
        done = world.deploy()
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

    def test_aDeniedApprovalTouchesNothing(self):
        for reviews, said in [
            ([("rejected", "reviewer", "production")], "denied by reviewer"), ([], "nobody has approved it"),
            ([("approved", "author", "production")], "who started the run"), ([("approved", "reviewer", "staging")], "nobody has approved it"),
            ([("approved", "reviewer", "production"), ("rejected", "other", "production")], "denied by other"),
        ]:
            with self.subTest(said):
                world = self.world()
                world.approve(*reviews)
                self.assertEnds(world.deploy("--approval"), 3, said, "production was not approved")
                self.assertEqual(world.calls("apply") + world.calls("scale"), [])
                self.assertEqual(world.events.events, [])

    def test_anApprovedReleaseGoesOut(self):
        world = self.world()
        world.approve(("approved", "reviewer", "production"))
        self.assertEnds(world.deploy("--approval"), 0, "approved by reviewer")
        self.assertIn("repos/o/r/actions/runs/7/approvals", (world.folder / "gh.log").read_text())

    def test_whoIsKilledInTheShiftSaysWhatIsLeftAndTheNextRunGoesOn(self):
        world = self.world()
        world.write(faults={"drain": "until killed"})
        process = world.start("deploy", *world.words())
        until((world.folder / "draining").exists, "the drain")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
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
        process.communicate(timeout=10)
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

    def test_aRollbackThatWasInterruptedIsFinishedFirst(self):
        world = self.world()
        world.deploy()
        deployments = world.read()["deployments"]
        deployments["tidewatch-green"]["annotations"]["tidewatch.dev/phase"] = "going-back"
        world.write(deployments=deployments)
        self.assertEnds(world.deploy(image="c"), 0, "a rollback of tidewatch-green was interrupted", "tidewatch-green is live")

    def test_theSmokeTestByItself(self):
        world = self.world()
        self.assertEnds(world.run("smoke-test", "--colour", "blue", "--traffic"), 0, "2 pods are well")
        self.assertEnds(world.run("smoke-test", "--colour", "green"), 1, "there are no pods of green")
        world.write(ports={"": [1, 1]})
        self.assertEnds(world.run("smoke-test", "--colour", "blue", "--timeout", "0.3"), 1, "tidewatch-blue-0: /healthz: no answer")

    def test_anAPIServerThatIsSilentIsNotWaitedForForEver(self):
        world = self.world()
        world.write(faults={"get": "hang"})
        with unittest.mock.patch.dict(os.environ, world.environment):
            with self.assertRaisesRegex(Failure, "kubectl get: no answer within 0.3 s"):
                Cluster("tidewatch").run("get", "deployments", timeout=0.3)

    def test_theRealKubectlUnderstandsEveryCommand(self):
        """There is no API server at port 1: what is wrong with a command is said before that is noticed."""
        world = self.world()
        world.deploy()
        world.run("rollback")
        commands = {words[2]: words for words in map(str.split, (world.folder / "calls.log").read_text().splitlines())}
        commands["apply"] += ["--validate=false"]
        verbs = {"get", "kustomize", "apply", "rollout", "wait", "scale", "annotate", "exec", "port-forward"}
        self.assertEqual(set(commands), verbs)
        for verb in sorted(verbs - {"kustomize"}):
            with self.subTest(verb):
                done = subprocess.run([world.environment["REAL_KUBECTL"], "--server=http://127.0.0.1:1", *commands[verb]], text=True,
                                      input='{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}', capture_output=True, timeout=60)
                self.assertRegex(done.stderr, "connection (to the server .* was )?refused")

    def test_aTagIsNoImage(self):
        done = self.world().run("deploy", "--overlay", "x", "--image", "registry/tidewatch:latest")
        self.assertEqual(done.returncode, 2)
        self.assertIn("names no digest", done.stderr)


if __name__ == "__main__":
    unittest.main()
