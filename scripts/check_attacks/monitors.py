"""What a monitor does not see: quiet series, slow ramps, new groups, what comes in a storm of others."""

import json

from agents import agents
from inputs import BEGIN, call
from rows import ROOT, Row, Test, run, write

with open(f"{ROOT}/deploy/examples/resources/cloudtrail.yaml", encoding="utf-8") as file:
    SHIPPED = file.read()
MINUTES = agents()


def opened(resources, of=""):
    """How many alerts open."""
    def look(folder, data):
        write(folder, "resources.yaml", resources)
        done = run(folder, "replay", "--resources", "resources.yaml", "--outputs", "alerts", "--out", "out", "-", data=data)
        if done.returncode:
            return done.stderr.decode()[-200:]
        with open(f"{folder}/out/alerts.ndjson", encoding="utf-8") as file:
            alerts = [json.loads(line) for line in file]
        count = sum(alert["status"] == "open" and of in json.dumps(alert) for alert in alerts)
        return f"{len(data.splitlines())} calls, {'no alert' if count == 0 else 'alerts'} [{count}]"
    return "replay --resources resources.yaml --outputs alerts --out out -", look


def sign_ins(counts, identity="s"):
    """So many failed sign-ins to the console in each minute."""
    more = (',"errorMessage":"Failed authentication","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333",'
            '"userIdentity":{"type":"IAMUser","accountId":"111122223333","userName":"alice"},'
            '"responseElements":{"ConsoleLogin":"Failure"}')
    fine = more.replace('"errorMessage":"Failed authentication",', "").replace("Failure", "Success")
    for minute, count in enumerate(counts):
        yield call(BEGIN + 60 * minute, f"{identity}-fine-{minute}", "signin", "ConsoleLogin", more=fine)
        for number in range(count):
            yield call(BEGIN + 60 * minute + number % 60, f"{identity}-{minute}-{number}", "signin", "ConsoleLogin", more=more)


def by_agent(counts, agent="curl"):
    for minute, count in enumerate(counts):
        for number in range(count):
            yield call(BEGIN + 60 * minute + number % 60, f"{agent}-{minute}-{number}", more=f',"userAgent":"{agent}"')


ROWS = [
    Row("500 failed sign-ins a minute after half an hour without one", *opened(SHIPPED, "sign-ins"),
        "".join(sign_ins([0] * 30 + [500] * 10 + [0] * 10)), "5050 calls, alerts"),
    Row("500 failed sign-ins a minute after one every other minute", *opened(SHIPPED, "sign-ins"),
        "".join(sign_ins([0, 1] * 15 + [500] * 10 + [0] * 10)), "5065 calls, alerts"),
    Row("a ramp of 6 % a minute, to 60 times", *opened(MINUTES),
        "".join(by_agent([int(5 * 1.06 ** minute) for minute in range(71)])), "5099 calls, alerts", True),
    Row("a new group with 500 calls in each of its first five minutes", *opened(MINUTES, "fresh"),
        "".join(by_agent([2, 3] * 20)) + "".join(by_agent([0] * 30 + [500] * 5 + [0] * 5, "fresh")), "2600 calls, alerts", True),
]
TESTS = [
    Test("groups that a monitor does not watch, because it watches as many as it may have", "counted",
         ["AnomalyMonitorTests/groupsAreBoundedAndIdleOnesMakeRoom"]),
]
