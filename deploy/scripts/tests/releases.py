"""What the tests of releases have in common."""

import re
import tempfile
import unittest

from world import Consumer, World, report


class ReleaseCase(unittest.TestCase):
    """Releases against a cluster that is a file, with real reports and a real consumer's ports."""

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
