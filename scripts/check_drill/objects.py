"""What AWS itself would have delivered of the same telemetry to a bucket: objects in CloudTrail's, the flow logs' and Firehose's own forms."""

import fnmatch
import gzip
import json
import shutil
import subprocess
from pathlib import Path

ACCOUNT = "123456789012"
# By purpose, as Terraform puts them out: CloudTrail's objects are where they are locked.
BUCKETS = {"audit": "audit-bucket", "logs": "logs-bucket"}


def deliver(binary, spans, buckets: Path, without_one=False):
    """An object of each kind for each span. With `without_one` a call that an SLO counts is missing in the last."""
    audit, logs = (buckets / BUCKETS[purpose] for purpose in ["audit", "logs"])
    for span in spans:
        made = buckets.parent / "made"
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run([binary, "generate", *span.options(), "--out", made], check=True, capture_output=True)
        stamp = span.start.strftime("%Y%m%dT%H%MZ")
        day = span.start.strftime("us-east-1/%Y/%m/%d")
        records = [json.loads(line) for line in (made / "cloudtrail.jsonl").read_text().splitlines()]
        if without_one and span is spans[-1]:
            # Neither of what was delivered twice.
            lost = next(record["eventID"] for record in records if record["eventType"] == "AwsApiCall")
            records = [record for record in records if record["eventID"] != lost]
        write(audit / f"AWSLogs/{ACCOUNT}/CloudTrail/{day}/{ACCOUNT}_CloudTrail_us-east-1_{stamp}_0123456789abcdef.json.gz",
              json.dumps({"Records": records}).encode())
        # Beside them lie digests, which are no telemetry.
        write(audit / f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{day}/{ACCOUNT}_CloudTrail-Digest_us-east-1_{stamp}.json.gz",
              json.dumps({"awsAccountId": ACCOUNT, "digestS3Bucket": audit.name, "logFiles": [{"hashAlgorithm": "SHA-256"}]}).encode())
        write(logs / f"AWSLogs/{ACCOUNT}/vpcflowlogs/{day}/{ACCOUNT}_vpcflowlogs_us-east-1_fl-0123456789abcdef0_{stamp}.log.gz",
              (made / "vpc-flow.log").read_bytes())
        write(logs / f"metric-streams/{span.start:%Y/%m/%d/%H}/metrics-1-{stamp}.json.gz", (made / "metrics.jsonl").read_bytes())


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content))


def aws(buckets: Path):
    """Answers for `aws s3 sync s3://BUCKET/PREFIX FOLDER`, with `--exclude`."""
    def answer(arguments, place):
        match arguments:
            case ["s3", "sync", source, target, *options] if source.startswith("s3://") and options[::2] in ([], ["--exclude"]):
                copied = buckets / source.removeprefix("s3://")
                if not copied.is_dir():
                    raise ValueError(f"there is nothing at {source}")
                for path in filter(Path.is_file, copied.rglob("*")):
                    key = str(path.relative_to(copied))
                    if not any(fnmatch.fnmatch(key, pattern) for pattern in options[1::2]):
                        to = place / target / key
                        to.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy(path, to)
                return ""
        raise ValueError(f"{' '.join(arguments)}: not understood by the drill")
    return answer
