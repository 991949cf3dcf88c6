"""Strings that do something to whoever shows them, and CloudTrail events that hold them."""

import datetime
import json
import random

BEGIN = 1_768_467_600  # 2026-01-15T09:00:00Z

FRAGMENTS = {
    "escape": ["\x1b[2J", "\x1b[31m", "\x1b]0;owned\x07", "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07",
               "\x1bP1$r\x1b\\", "\x1bc", "\x1b[6n", "\x1b#8", "\x1b(0", "\x1b[?1049h", "\x1b_x\x1b\\", "\x1b^x\x1b\\"],
    "c0": [chr(code) for code in range(0x20)] + ["\x7f", "\r\n", "a\rb", "\x08\x08\x08"],
    "c1": [chr(code) for code in range(0x80, 0xa0)] + ["\x9b31m", "\x9d0;owned\x9c", "\x90q\x9c"],
    "lines": ["\n2026-01-15T09:00:00Z critical forged summary=x", "\r\n2026-01-15T09:00:00Z error forged", "\n{\"level\":\"critical\"}",
              "\u2028forged", "\u2029forged", "\n\n# Heading", "\n---\n"],
    "bidi": ["\u202emoc.live", "\u202a", "\u202b", "\u202d", "\u2066a\u2069", "\u2067", "\u2068", "\u200e", "\u200f", "\u061c"],
    "invisible": ["\u200b", "\u200c", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u180e", "\U000e0041\U000e0042", "\ufff9x\ufffb", "\U0001d173"],
    "formula": ["=1+1", "=HYPERLINK(\"http://evil.example\",\"x\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1",
                "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", ";=1+1", "\";=1+1", ",=1+1", "\",=1+1", "|=1+1", "\t@a", " =1+1",
                "%0A=1", "=\"a\"&\"b\"", "'=1"],
    "markdown": ["[x](http://evil.example)", "![x](http://evil.example/p.png)", "[x][y]\n\n[y]: http://evil.example", "<http://evil.example>",
                 "http://evil.example/a", "https://evil.example", "www.evil.example", "ftp://evil.example", "a@evil.example", "mailto:a@evil.example",
                 "# h", "## h", "> quote", "- item", "+ item", "* item", "1. item", "2) item", "    code", "```\ncode\n```", "~~~", "`code`",
                 "**bold**", "_em_", "~~gone~~", "| a | b |", "|---|---|", "===", "---", "***", "$x$", "\\", "\\[x](y)", "[ ] task", ":tada:",
                 "[x](javascript:alert(1))", "![](x)(", "](http://evil.example)", "&lt;b&gt;"],
    "mention": ["@here", "@channel", "@everyone", "@team", "<!channel>", "<!here|x>", "<@U012AB3CD>", "<#C012AB3CD>", "<!subteam^S012|x>",
                "<http://evil.example|bank>", "<mailto:a@evil.example|x>", "(@all", "#1", "##1"],
    "html": ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)", "</td></tr></table>",
             "</title><script>alert(1)</script>", "<!--", "-->", "<![CDATA[", "]]>", "&#60;b&#62;", "<svg/onload=alert(1)>", "<a href=javascript:alert(1)>x</a>",
             "</style>", "<?php ?>", "<iframe src=x>", "&amp", "<b"],
    "metrics": ["\"} 1\nforged{a=\"b", "\\", "\\n", "\"", "\n# TYPE forged counter\nforged 1\n", "\\\"} 1", "{a=\"b\"}"],
    "json": ["\",\"status\":\"met", "\\u001b[2J", "\\\"", "}", "]", "\"}\n{\"a\":\"b", "\\ud83d", "{\"a\": \"=1\"}"],
    "surrogate": ["\ud83d", "\ude80", "\ud83d\ud83d", "\ude80\ud83d", "a\ud800b", "\udfff", "\udc1b[2J"],
    "plain": ["curl/8.5", "Zoë", "日本語", "👩", "Mozilla/5.0 (X11; Linux)", "-", "-5", "+1.5e3", "0", "a b", "null", ""],
}
KINDS = sorted(FRAGMENTS)
LARGE = 6


def strings(count, seed):
    """So many strings, the last ones of a megabyte; each kind alone, each beside others, at the start and within."""
    generator = random.Random(seed)
    found = [text for kind in KINDS for text in FRAGMENTS[kind]]
    while len(found) < count - LARGE:
        # The first one decides what the string is about.
        kind = KINDS[len(found) % len(KINDS)]
        parts = [generator.choice(FRAGMENTS[kind])]
        for _ in range(generator.randrange(4)):
            parts.append(generator.choice(FRAGMENTS[generator.choice(KINDS)]))
        if generator.random() < 0.5:
            generator.shuffle(parts)
        found.append(generator.choice(["", "", " ", "a"]).join(parts) + str(generator.randrange(1000)))
    found = found[:count - LARGE]
    for number in range(LARGE):
        part = generator.choice(FRAGMENTS[KINDS[(number * 5) % len(KINDS)]]) or "x"
        found.append((part + "y" * number) * ((1 << 20) // (len(part.encode("utf-8", "replace")) + number)))
    return found


def time(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(event, ascii_only):
    """One line of JSON; half surrogates can only be written as escapes."""
    if not ascii_only:
        try:
            return json.dumps(event, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            pass
    return json.dumps(event).encode()


def event(number, seconds, texts, more=None):
    """A call that fails, with a string in every place that a tenant fills, and some that only a writer of the topic does."""
    text = texts[number % len(texts)]
    other = texts[(number * 7 + 3) % (len(texts) - LARGE)]
    short = other[:200]
    found = {
        "eventTime": time(seconds), "eventID": f"id-{number}" if number % 5 else f"id-{number}{short}", "eventVersion": "1.08",
        "eventSource": "s3.amazonaws.com" if number % 7 else short or "x", "eventName": "CreateBucket" if number % 11 else "Create" + short,
        "awsRegion": "us-east-1" if number % 13 else short, "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True,
        "userAgent": text, "errorCode": other, "errorMessage": text if len(text) < 5000 else other, "sourceIPAddress": short,
        "userIdentity": {"type": "IAMUser", "userName": other, "arn": "arn:aws:iam::1:user/" + short, "accountId": "111122223333",
                         "principalId": short},
        "requestParameters": {"bucketName": other, "name": short, short: other, "list": [short, {"x": other}]},
        "responseElements": {"message": text if len(text) < 5000 else other},
        "resources": [{"ARN": "arn:aws:s3:::" + short, "type": short}], "recipientAccountId": "111122223333",
    }
    if more:
        found.update(more)
    return written(found, number % 2 == 0)


def events(texts, start=BEGIN, seconds=3000):
    """Each string once."""
    for number in range(len(texts)):
        yield event(number, start + number * seconds // len(texts), texts)


GROUP_BYTES = 240  # Less than any bound on a group's values.


def groups(texts):
    """The strings in groups of four values each, joined by blanks as far as a value goes."""
    values, value = [], ""
    for text in texts:
        if len(text) > 1000:
            continue
        joined = f"{value} {text}" if value else text
        if value and len(joined.encode("utf-8", "replace")) > GROUP_BYTES:
            values.append(value)
            joined = text
        value = joined
    values.append(value)
    return [(values + values)[place:place + 4] for place in range(0, len(values), 4)]


def bursts(texts, start=BEGIN):
    """For each group some quiet minutes, and one that is not."""
    number = 0
    for minute, amount in enumerate([1, 2, 1, 2, 1, 5000]):
        for user_agent, message, name, region in groups(texts):
            number += 1
            yield event(number, start + minute * 60, texts, {
                "eventID": f"burst-{number}", "userAgent": user_agent, "errorMessage": message, "eventName": name or "x", "awsRegion": region,
                "additionalEventData": {"bytes": amount}})


def resources(texts):
    """An SLO whose labels and display name are hostile too, rollups by what tenants choose, a monitor of such groups."""
    def quoted(text):
        # Half surrogates are no YAML.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return '"' + "".join(each if each.isalnum() and each < "\x7f" else f"\\U{ord(each):08x}" for each in text) + '"'
    labels = ", ".join(f"l{place}: {quoted(text)}" for place, text in enumerate(texts[:300]) if text)
    return f"""\
apiVersion: openslo/v1
kind: SLO
metadata: {{name: calls, displayName: {quoted(" ".join(texts[20:60:3]))}, labels: {{{labels}}}}}
spec:
  service: platform
  timeWindow: [{{duration: 1d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{target: 0.99}}]
  indicator:
    metadata: {{name: i}}
    spec:
      ratioMetric:
        bad: {{metricSource: {{type: CloudTrail, spec: {{filter: has(event.errorCode)}}}}}}
        total: {{metricSource: {{type: CloudTrail, spec: {{}}}}}}
---
apiVersion: tidewatch/v1
kind: Rollup
metadata: {{name: agents}}
spec: {{source: CloudTrail, window: 1m, groupBy: [userAgent, errorCode, requestParameters.bucketName], measures: [{{name: n, count: true}}]}}
---
apiVersion: tidewatch/v1
kind: Rollup
metadata: {{name: bursts}}
spec:
  source: CloudTrail
  window: 1m
  filter: has(event.additionalEventData.bytes)
  groupBy: [userAgent, errorMessage, eventName, awsRegion]
  measures: [{{name: volume, sum: additionalEventData.bytes}}]
---
apiVersion: tidewatch/v1
kind: AnomalyMonitor
metadata: {{name: bursts}}
spec:
  rollup: bursts
  value: volume
  method: {{ewma: {{alpha: 0.2, threshold: 5, warmup: 3}}}}
  alert: {{severity: critical, summary: "{{volume}} by {{userAgent}} from {{awsRegion}}: {{eventName}}", direction: up}}
"""
