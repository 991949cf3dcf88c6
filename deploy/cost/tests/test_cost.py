"""The model of costs: python3 -m unittest discover deploy/cost/tests"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))
import environments  # noqa: E402
import model  # noqa: E402

PRICES = model.Prices(HERE / "prices.csv")


def cost(*arguments):
    return subprocess.run([HERE / "cost", *arguments], capture_output=True, text=True)


class PriceTests(unittest.TestCase):
    def testTiersAreChargedEachForItsPart(self):
        self.assertAlmostEqual(PRICES.usd("flow-logs.s3", 10_000), 2_500)
        self.assertAlmostEqual(PRICES.usd("flow-logs.s3", 30_000), 2_500 + 3_000)
        self.assertAlmostEqual(PRICES.usd("flow-logs.s3", 30_001), 2_500 + 3_000 + 0.075)

    def testAnItemWithoutAPriceIsAnErrorThatNamesIt(self):
        with self.assertRaisesRegex(KeyError, "no price of ec2.unknown"):
            PRICES.usd("ec2.unknown", 1)

    def testTiersThatDoNotRiseAreRefused(self):
        for rows in ["a,GB,5,1,s,2026-01,yes", "a,GB,0,1,s,2026-01,yes\na,GB,0,2,s,2026-01,yes"]:
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
                file.write(f"item,unit,from,usd,source,as_of,confirmed\n{rows}\n")
                file.flush()
                done = cost("--prices", file.name)
                self.assertEqual(done.returncode, 2)
                self.assertIn("the tiers of a", done.stderr)

    def testEachPriceHasASourceAndADate(self):
        for row in PRICES.rows:
            self.assertRegex(row["as_of"], r"^20\d\d-\d\d$", row["item"])
            self.assertRegex(row["source"], r"^https://", row["item"])
            self.assertIn(row["confirmed"], ("yes", "no"), row["item"])


class BillTests(unittest.TestCase):
    def testEveryLineIsItsQuantityTimesItsPrice(self):
        for load in model.WORKLOADS:
            for way in model.WAYS.values():
                bill = way(PRICES, load)
                for _, item, quantity, usd, why in bill.lines:
                    self.assertAlmostEqual(usd, PRICES.usd(item, quantity))
                    self.assertTrue(why)
                self.assertAlmostEqual(bill.usd, sum(bill.parts().values()))

    def testMoreTelemetryNeverCostsLess(self):
        for way in model.WAYS.values():
            bills = [way(PRICES, load).usd for load in model.WORKLOADS]
            self.assertEqual(bills, sorted(bills), way.__name__)

    def testAWorkloadsRatesAreTheEventsInItsName(self):
        for load, events in zip(model.WORKLOADS, (1_000, 10_000, 100_000)):
            self.assertEqual(load.events, events)

    def testNoLeverSavesMoreThanThereIs(self):
        for load in model.WORKLOADS:
            bill = model.tidewatch(PRICES, load)
            for name, usd, price in model.levers(PRICES, load):
                self.assertTrue(0 < usd < bill.usd and price, name)


class EnvironmentTests(unittest.TestCase):
    def testSizesAreThoseOfTheFiles(self):
        sizes = environments.Sizes(environments.ENVIRONMENTS / "prod")
        text = sizes.path.read_text()
        self.assertEqual(len(sizes.value("network", "zones")), len(set(re.findall(r"us-east-1[a-f]", text))))
        self.assertIn(f'instance_class = "{sizes.value("aurora", "instance_class")}"', text)
        self.assertEqual(sum(count for _, count in sizes.node_groups()), sum(map(int, re.findall(r"desired_size = (\d+)", text))))

    def testEachEnvironmentThatThereIsHasABillBelowItsBudget(self):
        there = {folder.name for folder in environments.ENVIRONMENTS.iterdir() if (folder / "main.tf").exists()}
        self.assertEqual(there, set(environments.ORDER))
        for name in there:
            bill = environments.bill(PRICES, name)
            self.assertTrue(0 < bill.usd < environments.budget(name), f"{name}: {bill.usd:,.0f}")

    def testTheWayThereNamesWhatItCosts(self):
        page = (environments.ENVIRONMENTS.parents[1] / "README.md").read_text()
        named, = re.findall(r"`dev` ([\d,]+) USD a month", page)
        self.assertEqual(named, f"{environments.bill(PRICES, 'dev').usd:,.0f}")

    def testWhatIsMissingIsSaidWithItsPlace(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "main.tf").write_text('module "estate" {\n  kafka = { volume_size_gb = 1 }\n}\n')
            with self.assertRaisesRegex(ValueError, "main.tf: kafka has no instance_type"):
                environments.Sizes(Path(folder)).value("kafka", "instance_type")


class CommandTests(unittest.TestCase):
    def testAnEstateOfOnesOwn(self):
        done = cost("--events", "5000", "--slos", "10", "--lines")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Tidewatch, 5,000 events/s", done.stdout)

    def testWhatCannotBeIsRefused(self):
        for arguments in (["--events", "0"], ["--events", "10", "--metrics", "11"], ["--events", "100", "--metrics", "99", "--cloudtrail-share", "1"]):
            done = cost(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, "^cost: ")

    def testAnOptionOfAnEstateOfOnesOwnIsNotPassedOver(self):
        for arguments in (["--slos", "50"], ["--metrics", "5"], ["--cloudtrail-share", "0"]):
            done = cost(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn("say its --events too", done.stderr)

    def testAPageThatIsNotThereIsSaid(self):
        done = cost("--check", "/nowhere/cost.md")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "^cost: .*/nowhere/cost.md")

    def testAPageWithOtherTablesIsFoundAndMended(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "cost.md"
            page.write_text("before\n<!-- cost: begin -->\n| 1 |\n<!-- cost: end -->\nafter\n")
            self.assertEqual(cost("--check", page).returncode, 3)
            self.assertEqual(cost("--write", page).returncode, 0)
            self.assertEqual(cost("--check", page).returncode, 0)
            self.assertTrue(page.read_text().startswith("before\n") and page.read_text().endswith("after\n"))
            page.write_text("no markers\n")
            self.assertEqual(cost("--check", page).returncode, 2)


if __name__ == "__main__":
    unittest.main()
