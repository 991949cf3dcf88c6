"""The scripts that speak to GitHub, AWS, PagerDuty and Docker: against servers and programs that stand for them."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from world import PagerDuty, SCRIPTS, SECONDS_MAX, free_port, program, real_python, until

ROLE = "arn:aws:iam::111122223333:role/tidewatch-ci-plan"
REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/tidewatch/tidewatch"


class Tools(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        real_python(self.bin)
        self.environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "FOLDER": str(self.folder)}

    def script(self, name, *words, **environment):
        return subprocess.run([SCRIPTS / name, *map(str, words)], env={**self.environment, **environment}, capture_output=True, text=True, timeout=SECONDS_MAX)

    def stand_in(self, name, text):
        """A program that notes its words, a call a line, and then does what `text` says."""
        program(self.bin, name, f'#!/bin/bash\nprintf \'%s\' "{name}" >>"$FOLDER/calls"; printf \' %q\' "$@" >>"$FOLDER/calls"; echo >>"$FOLDER/calls"\n{text}\n')

    def calls(self):
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def assertDone(self, done, status, text):
        self.assertEqual((done.returncode, text in done.stdout + done.stderr), (status, True), done.stdout + done.stderr)


class ChangeEventTests(Tools):
    def setUp(self):
        super().setUp()
        self.pagerduty = PagerDuty()
        self.addCleanup(self.pagerduty.close)
        self.environment |= {"PAGERDUTY_CHANGE_URL": self.pagerduty.url, "PAGERDUTY_ROUTING_KEY": "secret-key"}

    def test_theEventIsOfTheEventsAPI(self):
        self.assertDone(self.script("change-event", "--summary", "x" * 2000, "--detail", "a=b=c", "--link", "https://x"), 0, "has taken")
        (_, event), = self.pagerduty.events
        self.assertEqual(set(event), {"routing_key", "payload", "links"})
        self.assertEqual(len(event["payload"]["summary"]), 1024)
        self.assertEqual(event["payload"]["custom_details"], {"a": "b=c"})
        self.assertRegex(event["payload"]["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_whatIsBusyIsTriedAgain(self):
        self.pagerduty.answers = [429, 503]
        self.assertDone(self.script("change-event", "--summary", "s", "--pause", "0.05"), 0, "has taken")
        self.assertEqual(len(self.pagerduty.events), 3)

    def test_whatIsRefusedIsNotTriedAgainAndTellsNoKey(self):
        self.pagerduty.answers = [400]
        done = self.script("change-event", "--summary", "s")
        self.assertDone(done, 1, "PagerDuty: 400")
        self.assertEqual(len(self.pagerduty.events), 1)
        self.assertNotIn("secret-key", done.stdout + done.stderr)

    def test_whoSpeaksNoHTTPHasNotTakenIt(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def answer():
                for _ in range(3):
                    with server.accept()[0] as connection:
                        connection.recv(65536)
                        connection.sendall(b"SSH-2.0-x\r\n")
            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            done = self.script("change-event", "--summary", "s", "--pause", "0.05", PAGERDUTY_CHANGE_URL=url)
            thread.join(10)
        self.assertDone(done, 1, "PagerDuty: no answer")
        self.assertNotIn("Traceback", done.stderr)

    def test_withoutAKeyNothingIsSent(self):
        self.assertDone(self.script("change-event", "--summary", "s", PAGERDUTY_ROUTING_KEY=""), 0, "no change event was sent")
        self.assertEqual(self.pagerduty.events, [])


class AssumeRoleTests(Tools):
    def setUp(self):
        super().setUp()
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers["Authorization"]))
                body = b'{"value": "identity-of-the-job"}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.variables = self.folder / "env"
        self.environment |= {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_port}/token?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request",
            "GITHUB_ENV": str(self.variables), "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "7"}

    def test_theIdentityIsExchanged(self):
        self.stand_in("aws", 'cp "${4#file://}" "$FOLDER/request"; echo \'{"Credentials": {"AccessKeyId": "id", "SecretAccessKey": "s3cr3t", '
                             '"SessionToken": "t0ken", "Expiration": "soon"}}\'')
        done = self.script("assume-role", ROLE, "--region", "us-east-1")
        self.assertDone(done, 0, f"{ROLE} until soon")
        self.assertEqual(self.asked, [("/token?v=1&audience=sts.amazonaws.com", "Bearer request")])
        request = json.loads((self.folder / "request").read_text())
        self.assertEqual((request["RoleArn"], request["RoleSessionName"], request["WebIdentityToken"]), (ROLE, "o-r-7", "identity-of-the-job"))
        self.assertIn("AWS_SECRET_ACCESS_KEY=s3cr3t\nAWS_SESSION_TOKEN=t0ken\nAWS_REGION=us-east-1", self.variables.read_text())
        # Masked before anything could print it, and in no command line.
        for secret in ("identity-of-the-job", "s3cr3t", "t0ken"):
            self.assertEqual(done.stdout.count(secret), 1)
            self.assertIn(f"::add-mask::{secret}", done.stdout)
            self.assertNotIn(secret, self.calls()[0])

    def test_aRefusalLeavesNothing(self):
        self.stand_in("aws", "echo 'AccessDenied: not authorized' >&2; exit 254")
        self.assertDone(self.script("assume-role", ROLE, "--region", "us-east-1"), 1, "AccessDenied")
        self.assertFalse(self.variables.exists())

    def test_whatIsNoRoleIsAMistake(self):
        self.assertDone(self.script("assume-role", "", "--region", "us-east-1"), 2, "is the environment's variable set?")
        self.assertDone(self.script("assume-role", ROLE, "--region", "us-east-1", ACTIONS_ID_TOKEN_REQUEST_URL=""), 2, "id-token: write")
        self.assertEqual(self.asked, [])

    @unittest.skipUnless(shutil.which("aws"), "there is no AWS CLI")
    @unittest.skipUnless(shutil.which("moto_server", path=str(Path(sys.executable).parent)), "there is no moto")
    def test_theRealCLIAndASimulatedSTSUnderstandIt(self):
        port = free_port()
        log = open(self.folder / "moto.log", "w+")
        server = subprocess.Popen([Path(sys.executable).with_name("moto_server"), "--port", str(port)], stdout=log, stderr=log)
        self.addCleanup(log.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        until(lambda: "Running on" in Path(log.name).read_text(), "moto")
        done = self.script("assume-role", ROLE, "--region", "us-east-1", "--timeout", SECONDS_MAX, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")
        self.assertDone(done, 0, ROLE)
        self.assertRegex(self.variables.read_text(), r"AWS_ACCESS_KEY_ID=ASIA\w+\n")


class PlanCommentTests(Tools):
    def setUp(self):
        super().setUp()
        self.comments = self.folder / "comments"
        self.comments.write_text("[]")
        self.stand_in("gh", 'case "$*" in *--method*) cat >"$FOLDER/sent";; *) cat "$FOLDER/comments";; esac')
        self.environment |= {"GITHUB_REPOSITORY": "o/r"}

    def shown(self, text):
        plan = self.folder / "plan"
        plan.write_text(text)
        self.assertDone(self.script("plan-comment", "--environment", "staging", "--plan", plan, "--commit", "0123456789abcdef", "--pull", 12), 0, "comment")
        return json.loads((self.folder / "sent").read_text())["body"]

    def test_thePlanIsShown(self):
        body = self.shown("  + create\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n")
        self.assertIn("The plan of 0123456789ab<", body)
        self.assertIn("**`staging`**: Plan: 1 to add, 0 to change, 0 to destroy.", body)
        self.assertIn("--method POST repos/o/r/issues/12/comments", self.calls()[-1])

    def test_theNextPushRenewsTheComment(self):
        self.comments.write_text(json.dumps([
            # Somebody else may write what looks the same.
            {"id": 1, "user": {"login": "mallory"}, "body": "<!-- plan of staging -->"},
            {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "<!-- plan of prod -->"},
            {"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- plan of staging -->\nold"}]))
        self.shown("No changes.")
        self.assertIn("--method PATCH repos/o/r/issues/comments/3", self.calls()[-1])

    def test_aPlanCanNotLeaveItsFence(self):
        body = self.shown("```\n</details>\n@everyone ````\n\x1b[31mred\x1b[0m \u202eder\x00\nPlan: 1 to add <img src=x> `code` [a](b)\n")
        self.assertIn("\n`````text\n", body)
        self.assertTrue(body.rstrip().endswith("`````\n\n</details>"))
        self.assertNotRegex(body, "[\x1b\x00\u202e]")
        self.assertNotRegex(body.splitlines()[1].removeprefix("**`staging`**"), r"[<>`\[\]]")

    def test_aLongPlanIsCut(self):
        body = self.shown("+ x\n" * 30_000 + "Plan: 3 to add\n")
        self.assertLess(len(body), 65_536)
        self.assertIn("characters more: see the job's log", body)
        self.assertIn("Plan: 3 to add", body)

    def test_withoutAPlanOrAnAnswerItFails(self):
        self.assertDone(self.script("plan-comment", "--environment", "staging", "--plan", "/nowhere", "--pull", 1), 1, "was not shown")
        self.stand_in("gh", "echo 'HTTP 403' >&2; exit 1")
        (self.folder / "plan").write_text("x")
        self.assertDone(self.script("plan-comment", "--environment", "staging", "--plan", self.folder / "plan", "--pull", 1), 1, "HTTP 403")


class ImageTests(Tools):
    DIGEST = "sha256:" + "d" * 64

    def setUp(self):
        super().setUp()
        self.stand_in("docker", f'''case "$*" in
            "buildx inspect"*) exit 1;;
            "buildx build"*) while [ $# -gt 0 ]; do [ "$1" = --metadata-file ] && echo '{{"containerimage.digest": "{self.DIGEST}"}}' >"$2"; shift; done;;
            "buildx imagetools inspect"*) cat "$FOLDER/index-${{4##*:}}";;
            "buildx imagetools create"*) cp "$FOLDER/made" "$FOLDER/index-${{5##*:}}";;
            login*) cat >"$FOLDER/password";;
        esac''')
        for name in ("aws", "cosign", "trivy"):
            self.stand_in(name, "[ ! -e \"$FOLDER/refused\" ]")
        self.index("amd64", "arm64")

    def index(self, *architectures, digest=None):
        (self.folder / "made").write_text(json.dumps({
            "digest": self.DIGEST, "manifests": [
                {"digest": digest or self.DIGEST, "platform": {"os": "linux", "architecture": each}} for each in architectures]}))

    def image(self, *words, **environment):
        return self.script("image", *words, **environment)

    def test_aBuildIsKnownByItsDigest(self):
        done = self.image("build", REPOSITORY, "linux/arm64", SWIFT_IMAGE=f"swift@{self.DIGEST}", RUNTIME_IMAGE="")
        self.assertEqual((done.returncode, done.stdout), (0, self.DIGEST + "\n"), done.stderr)
        build = self.calls()[-1]
        for word in ["--platform linux/arm64", "push-by-digest=true", f"SWIFT_IMAGE=swift@{self.DIGEST}", "TIDEWATCH_COMMIT=", "rewrite-timestamp=true"]:
            self.assertIn(word, build)
        self.assertNotIn("RUNTIME_IMAGE", build)
        self.assertNotIn("--tag", build)

    def test_aBaseWithoutADigestIsRefused(self):
        self.assertDone(self.image("build", REPOSITORY, "linux/amd64", SWIFT_IMAGE="swift:6.3-bookworm"), 2, "names no digest")
        self.assertDone(self.image("build", REPOSITORY, "linux/s390x"), 2, "neither linux/amd64 nor linux/arm64")

    def test_bothArchitecturesAreJoined(self):
        done = self.image("join", REPOSITORY, "abc", self.DIGEST, self.DIGEST)
        self.assertEqual((done.returncode, done.stdout), (0, self.DIGEST + "\n"), done.stderr)
        # A run that is repeated finds the tag, which can't be moved.
        before = len([call for call in self.calls() if "create" in call])
        self.assertEqual(self.image("join", REPOSITORY, "abc", self.DIGEST, self.DIGEST).returncode, 0)
        self.assertEqual(len([call for call in self.calls() if "create" in call]), before)

    def test_aRunThatBuiltAnewIsNotTheFormerOne(self):
        """Else what is released would be what failed the first time, and have no list of what is in it."""
        self.assertEqual(self.image("join", REPOSITORY, "abc", self.DIGEST, self.DIGEST).returncode, 0)
        other = "sha256:" + "e" * 64
        self.index("amd64", "arm64", digest=other)
        for _ in range(2):
            self.assertEqual(self.image("join", REPOSITORY, "abc", other, other).returncode, 0)
        made = [call.split()[5] for call in self.calls() if "create" in call]
        self.assertEqual(made[0], f"{REPOSITORY}:abc")
        self.assertRegex(made[1], f"^{REPOSITORY}:abc-[0-9a-f]{{8}}$")
        self.assertEqual(len(made), 2)

    def test_oneArchitectureIsNotEnough(self):
        self.index("amd64")
        self.assertDone(self.image("join", REPOSITORY, "abc", self.DIGEST, self.DIGEST), 1, "the image is for linux/amd64")

    def test_bothArchitecturesAreScannedAndAFindingFails(self):
        ref = f"{REPOSITORY}@{self.DIGEST}"
        self.assertEqual(self.image("scan", ref).returncode, 0)
        self.assertEqual([call.split()[4] for call in self.calls()], ["linux/amd64", "linux/arm64"])
        (self.folder / "refused").touch()
        self.assertEqual(self.image("scan", ref).returncode, 1)

    def test_signaturesAreOfDigestsAlone(self):
        ref = f"{REPOSITORY}@{self.DIGEST}"
        for words in (["sign", ref], ["attest", ref, "sbom.json"], ["verify", ref, "https://github.com/o/r/.github/workflows/main.yml@refs/heads/main"]):
            self.assertEqual(self.image(*words).returncode, 0)
            self.assertIn(ref, self.calls()[-1])
            self.assertDone(self.image(words[0], f"{REPOSITORY}:latest", *words[2:]), 2, "names no digest")
        (self.folder / "refused").touch()
        self.assertNotEqual(self.image("verify", ref, "https://github.com/o/r").returncode, 0)

    def test_dockerSignsInToTheRegionOfTheRegistry(self):
        self.stand_in("aws", "echo password")
        self.assertEqual(self.image("login", REPOSITORY).returncode, 0)
        self.assertIn("aws ecr get-login-password --region us-east-1", self.calls())
        self.assertEqual((self.folder / "password").read_text(), "password\n")
        self.assertDone(self.image("login", "docker.io/tidewatch"), 2, "is no repository of ECR")

    def test_anUnknownCommandShowsWhatThereIs(self):
        self.assertDone(self.image("make", "x"), 2, "image build REPOSITORY PLATFORM")
        self.assertDone(self.image(), 2, "image verify REF IDENTITY")


if __name__ == "__main__":
    unittest.main()
