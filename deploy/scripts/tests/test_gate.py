"""budget-gate over reports that `tidewatch` made of an hour of calls."""

import json
import subprocess
import tempfile
import unittest

from world import SCRIPTS, SECONDS_MAX, TIDEWATCH, burning, report, run

NOTHING = 'event.eventType == "Nothing"'


class GateTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        folder = cls.folder.name
        cls.reports = {
            name: run(TIDEWATCH, "slo", "report", "--from", out, "--format", "json") for name, out in {
                "met": report(folder, "met"), "violated": report(folder, "violated", target=0.999), "burning": burning(folder, "burning"),
                "incomplete": report(folder, "incomplete", window="30d"),
                "no_data": report(folder, "no_data", total=NOTHING, bad=NOTHING)}.items()}

    def gate(self, name, *words):
        # The reports are made once for all tests, which may take a while.
        return subprocess.run([SCRIPTS / "budget-gate", "--max-age", "86400", *words], input=self.reports.get(name, name), capture_output=True, text=True, timeout=SECONDS_MAX)

    def assertGate(self, name, status, text, *words):
        done = self.gate(name, *words)
        self.assertEqual((done.returncode, text in done.stdout + done.stderr), (status, True), done.stdout + done.stderr)

    def test_whatIsMetHolds(self):
        self.assertGate("met", 0, "holds: api: met")

    def test_whatIsViolatedDoesNotHold(self):
        self.assertGate("violated", 3, "api: violated")
        self.assertGate("violated", 3, "api: violated", "--allow-incomplete")

    def test_whatContradictsItselfDoesNotHold(self):
        # Its own selectors can't make one: this is one of another kind, with its status changed.
        self.assertGate(self.reports["met"].replace('"met"', '"invalid"'), 3, "api: invalid", "--allow-incomplete")

    def test_whatBurnsDoesNotHoldAlthoughItIsNotViolated(self):
        self.assertEqual(json.loads(self.reports["burning"])["slos"][0]["status"], "at_risk")
        self.assertGate("burning", 3, "times too fast over 1h, above 14.4")
        self.assertGate("burning", 0, "api: at_risk", "--max-burn", "1h=100")
        self.assertGate("met", 3, "times too fast over 1h, above 0.01", "--max-burn", "1h=0.01")

    def test_whatIsNotKnownIsNotMet(self):
        for name in ("no_data", "incomplete"):
            self.assertGate(name, 3, f"api: {name}, which is not met")
            self.assertGate(name, 0, f"api: {name}, which was allowed", "--allow-incomplete")

    def test_aLimitOfWhatIsLeft(self):
        self.assertGate("met", 3, "of the budget left, below 99.0%", "--min-budget", "0.99")

    def test_aReportThatIsOldDoesNotHold(self):
        self.assertGate("met", 3, "is anything counted?", "--max-age", "0")
        self.assertGate("met", 0, "api: met", "--max-age", "0", "--allow-incomplete")
        self.assertGate("violated", 3, "api: violated", "--max-age", "0", "--allow-incomplete")

    def test_aReportOfNoTimeOrOfTheFutureDoesNotHold(self):
        report = json.loads(self.reports["met"])
        self.assertGate(json.dumps({**report, "at": None}), 3, "nothing was counted yet")
        self.assertGate("met", 3, "is a clock wrong", "--now", "2020-01-01T00:00:00Z")

    def test_whatIsNoNumberIsNotGood(self):
        """No comparison with NaN holds, so that every bound would."""
        for was, now in [('"remaining_ratio":0.', '"remaining_ratio":NaN,"x":0.'), ('"rate":0.', '"rate":NaN,"x":0.'), ('"remaining_ratio":0.', '"remaining_ratio":1e999,"x":0.')]:
            text = self.reports["met"]
            self.assertIn(was, text)
            self.assertGate(text.replace(was, now), 1, "is no number")
        for option in ("--max-burn=1h=nan", "--min-budget=nan", "--max-age=inf"):
            self.assertGate("met", 2, "invalid", option)

    def test_aBurnRateThatIsNotThereIsNotGood(self):
        report = json.loads(self.reports["met"])
        report["slos"][0]["burn_rates"] = []
        self.assertGate(json.dumps(report), 1, "there is no burn rate over 1h")
        report["slos"][0]["window"] = "1800s"
        self.assertGate(json.dumps(report), 0, "api: met")

    def test_anSLOThatIsNotJudgedMayBeGone(self):
        self.assertGate("met", 0, "api: met", "--unjudged", "removed")

    def test_aReportWithoutSLOsDoesNotHold(self):
        self.assertGate(json.dumps({**json.loads(self.reports["met"]), "slos": []}), 3, "has no SLO")

    def test_anSLOThatDidNotHoldBeforeIsNotJudged(self):
        self.assertGate("violated", 0, "did not hold before either", "--unjudged", "api")

    def test_aNameThatIsNotThereIsAMistake(self):
        self.assertGate("met", 2, "no SLO apy; it has api", "--slo", "apy")
        self.assertGate("met", 2, "is none of 1h=N", "--max-burn", "2h=3")

    def test_whatIsNoReportFails(self):
        for text in ["", "{}", "[]", '{"slos": [{}], "at": null}', "[" * 100_000, self.reports["met"].replace('"met"', '"splendid"')]:
            done = self.gate(text)
            self.assertEqual(done.returncode, 1, text + done.stderr)
        self.assertEqual(self.gate("met", "--report", "/nowhere").returncode, 1)

    def test_programsReadTheSame(self):
        said = json.loads(self.gate("violated", "--json").stdout)
        self.assertEqual((said["holds"], said["broken"]), (False, ["api"]))


if __name__ == "__main__":
    unittest.main()
