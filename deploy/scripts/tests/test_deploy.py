"""A release, through all its ends."""

import re
import subprocess
import unittest

from releases import ReleaseCase
from world import ROOT, SCRIPTS, SECONDS_MAX, report


class ReleaseTests(ReleaseCase):
    def test_greenTakesThePlaceOfBlue(self):
        world = self.world(report(self.folder.name, "just-made"))
        # The one that a release asks where nobody names another.
        world.gate = []
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

    def test_aDeniedApprovalTouchesNothing(self):
        for reviews, said in [
            ([("rejected", "reviewer", "production")], "denied by reviewer"), ([], "nobody has approved it"),
            ([("approved", "author", "production")], "who started the run"), ([("approved", "pusher", "production")], "who started the run"), ([("approved", "reviewer", "staging")], "nobody has approved it"),
            ([("approved", "reviewer", "production"), ("rejected", "other", "production")], "denied by other"),
        ]:
            with self.subTest(said):
                world = self.world()
                # What `pusher` pushed, `author` has run again.
                world.environment["GITHUB_ACTOR"] = "pusher"
                world.approve(*reviews)
                self.assertEnds(world.deploy("--approval"), 3, said, "production was not approved")
                self.assertEqual(world.calls("apply") + world.calls("scale"), [])
                self.assertEqual(world.events.events, [])

    def test_anApprovedReleaseGoesOut(self):
        world = self.world()
        world.approve(("approved", "reviewer", "production"))
        self.assertEnds(world.deploy("--approval"), 0, "approved by reviewer")
        self.assertIn("repos/o/r/actions/runs/7/approvals", (world.folder / "gh.log").read_text())

    def test_whatIsLiveWithoutPodsIsNoMeasure(self):
        world = self.world()
        deployments = world.read()["deployments"]
        deployments["tidewatch-blue"]["replicas"] = 0
        world.write(deployments=deployments)
        self.assertEnds(world.deploy(), 1, "tidewatch-blue is live and has no pods")
        self.assertEqual(world.calls("apply"), [])

    def test_aTimeThatNeverEndsIsRefused(self):
        for text in ("nan", "inf", "-1"):
            done = self.world().run("deploy", "--overlay", "x", "--image", "x", f"--observe={text}")
            self.assertEqual((done.returncode, "is no time that ends" in done.stderr), (2, True), done.stderr)

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
                                      input='{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}', capture_output=True, timeout=SECONDS_MAX)
                self.assertRegex(done.stderr, "connection (to the server .* was )?refused")

    def test_anSLOThatTheReleaseBringsMayHaveNoHistory(self):
        fresh = report(self.folder.name, "fresh", slo="fresh", window="30d")
        self.assertEnds(self.world(self.met, fresh).deploy(), 0, "tidewatch-green is live")
        # One that was there before and has lost its data is another thing, as is one that burns.
        lost = report(self.folder.name, "lost", window="30d")
        world = self.world(self.met, lost)
        self.assertWasTakenBack(world, world.deploy(), 3, "api: incomplete, which is not met")
        bad = report(self.folder.name, "bad", slo="fresh", target=0.999)
        world = self.world(self.met, bad)
        self.assertWasTakenBack(world, world.deploy(), 3, "fresh: violated")

    def test_theWorkflowLastsAsLongAsAReleaseAndItsWayBack(self):
        """Whoever runs out of time or of credentials in the middle could not go back."""
        waits = {name: int(value) for name, value in re.findall(r'"--([\w-]+)", type=seconds, default=(\d+)', (SCRIPTS / "deploy").read_text())}
        longest = 3 * waits["ready-timeout"] + waits["drain-timeout"] + 3 * waits["smoke-timeout"] + waits["observe"]
        workflow = (ROOT / ".github/workflows/release.yml").read_text()
        limit, = re.findall(r"timeout-minutes: (\d+)", workflow)
        session, = re.findall(r"assume-role .* --seconds (\d+)", workflow)
        self.assertIn(f"max_session_duration = {session}\n", (ROOT / "deploy/terraform/bootstrap/github.tf").read_text())
        # Twenty minutes more for kubectl's own limits, and what comes before.
        self.assertLessEqual(longest + 1200, 60 * int(limit))
        self.assertLessEqual(60 * int(limit), int(session))

    def test_aTagIsNoImage(self):
        done = self.world().run("deploy", "--overlay", "x", "--image", "registry/tidewatch:latest")
        self.assertEqual(done.returncode, 2)
        self.assertIn("names no digest", done.stderr)


if __name__ == "__main__":
    unittest.main()
