"""What a file of settings can do to who checks it, and what it gives away."""

import os
import shutil
import subprocess

from rows import BINARY, Row, Test, write
from safety import ROWS as SAFETY

SECRET = "hunter2"
# Runs as soon as somebody loads it.
LIBRARY = """\
int creat(const char *, unsigned);
__attribute__((constructor)) static void begin(void) { creat("ran", 0600); }
int conf_init(void) { return 0; }
"""
OPTIONS = [
    "plugin.library.paths: ./logo.png", "ssl.engine.location: ./logo.png", "ssl.providers: legacy", "interceptors: x",
    "test.mock.num.brokers: 3", "test.mock.broker.rtt: 9", "internal.termination.signal: 15", "sasl.kerberos.kinit.cmd: touch ran",
    "sasl.oauthbearer.config: x", "log.queue: true", "dr_cb: x"]
UNVERIFIED = [
    ("options: {enable.ssl.certificate.verification: false}", "ssl"), ("options: {ssl.endpoint.identification.algorithm: none}", "ssl"),
    ("security: {protocol: ssl, verifyHostname: false}", None)]


def checked(folder, kafka, more="", environment=None):
    write(folder, "settings.yaml", "apiVersion: tidewatch/v1\nkind: Settings\nmetadata: {name: s}\nspec:\n"
          f"  kafka: {{{kafka}}}\n  inputs: [{{topic: t}}]\n{more}")
    done = subprocess.run([BINARY, "config", "check", "settings.yaml"], cwd=folder, capture_output=True, check=False,
                          env={**os.environ, **(environment or {})}, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode()


def code(folder, data):
    """A library that makes a file when it is loaded, if there is a compiler; else a file that is none."""
    write(folder, "library.c", LIBRARY)
    compiler = shutil.which("clang") or shutil.which("cc")
    made = compiler and subprocess.run(
        [compiler, "-shared", "-fPIC", "-nostdlib", "-o", "logo.png", "library.c"], cwd=folder, capture_output=True,
        check=False).returncode == 0
    if made:
        # It has to act where it is loaded, or this would show nothing.
        subprocess.run(["python3", "-c", "import ctypes; ctypes.CDLL('./logo.png')"], cwd=folder, capture_output=True, check=False)
        if not os.path.exists(f"{folder}/ran"):
            return "the library does nothing"
        os.remove(f"{folder}/ran")
    else:
        write(folder, "logo.png", "x")
    statuses = [checked(folder, f"bootstrapServers: 'b:9092', options: {{{option}}}")[0] for option in OPTIONS]
    return f"{statuses.count(2)} of {len(OPTIONS)} refused; {'code ran' if os.path.exists(f'{folder}/ran') else 'no code ran'}"


def unverified(folder, data):
    """Switches that turn the verification of TLS off: whether they are warned of."""
    said = 0
    for words, protocol in UNVERIFIED:
        security = f", security: {{protocol: {protocol}}}" if protocol else ""
        status, text = checked(folder, f"bootstrapServers: 'b:9092', {words}{security}")
        said += status == 0 and "warning" in text.lower()
    return f"{said} of {len(UNVERIFIED)} warned of"


def insecure(folder, data):
    """Connections that anyone on the way can read: whether they are warned of."""
    user = "mechanism: PLAIN, username: u, password: p"
    texts = [checked(folder, f"bootstrapServers: '{server}'{security}")[1].lower() for server, security in [
        ("b:9092", ""), ("b:9092", ", security: {protocol: plaintext}"),
        ("b:9092", f", security: {{protocol: sasl_plaintext, {user}}}")]]
    return f"{sum('warning' in text for text in texts)} of {len(texts)} warned of"


# Where a secret may come by mistake: each has ${SECRET} or the secret itself in a place that messages are about.
SPILLS = [
    "bootstrapServers: '${SECRET}'", "bootstrapServers: 'b:9092', groupID: [ '${SECRET}' ]", "bootstrapServers: 'b:9092', clientID: {a: '${SECRET}'}",
    "bootstrapServers: 'b:9092', security: hunter2", "bootstrapServers: 'b:9092', security: '${SECRET}'",
    "bootstrapServers: 'b:9092', security: {protocol: '${SECRET}'}", "bootstrapServers: 'b:9092', security: {protocol: ssl, caFile: '${SECRET}'}",
    "bootstrapServers: 'b:9092', security: {protocol: sasl_ssl, mechanism: '${SECRET}', username: u, password: p}",
    "bootstrapServers: 'b:9092', security: {protocol: sasl_ssl, mechanism: PLAIN, username: u, password: ['${SECRET}']}",
    "bootstrapServers: 'b:9092', security: {protocol: sasl_ssl, mechanism: PLAIN, username: u, passwordFile: '${SECRET}'}",
    "bootstrapServers: 'b:9092', options: {debug: '${SECRET}'}", "bootstrapServers: 'b:9092', options: {debug: hunter2}",
    "bootstrapServers: 'b:9092', options: {ssl.key.pem: [hunter2]}", "bootstrapServers: 'b:9092', options: hunter2",
    "bootstrapServers: 'b:9092', options: {client.rack: '${SECRET'}"]
LATER_SPILLS = [
    "  pagerDuty: {routingKey: '${SECRET}'}\n", "  pagerDuty: {routingKeyFile: '${SECRET}'}\n", "  pagerDuty: hunter2\n",
    "  pagerDuty: {routingKey: %s, endpoint: '${SECRET}'}\n" % ("a" * 32), "  sinks: [{name: '${SECRET}'}]\n",
    "  sinks: [{name: a, webhook: {url: '${SECRET}', secret: '${SECRET}'}}]\n", "  logging: {level: '${SECRET}'}\n",
    "  resources: ['${SECRET}']\n", "  outputs: {prefix: '${SECRET} '}\n", "  http: {host: '${SECRET} x', healthPort: '${SECRET}'}\n"]


def spilled(folder, data):
    shown = passed = 0
    cases = [(kafka, "") for kafka in SPILLS] + [("bootstrapServers: 'b:9092'", more) for more in LATER_SPILLS]
    for kafka, more in cases:
        status, text = checked(folder, kafka, more, {"SECRET": SECRET + " SECRET"})
        shown += SECRET in text
        passed += status == 0
    return f"{len(cases)} settings, {shown} messages with a secret"


ROWS = [
    Row("options that load code, run commands, or make brokers up", "config check settings.yaml", code, "",
        "11 of 11 refused; no code ran"),
    Row("switches that turn the verification of TLS off", "config check settings.yaml", unverified, "", "3 of 3 warned of"),
    Row("plain text, and a password in plain text", "config check settings.yaml", insecure, "", "3 of 3 warned of"),
    Row("secrets in places where messages show what stands there", "config check settings.yaml", spilled, "",
        "25 settings, 0 messages with a secret"),
    *[row for row in SAFETY if row.command.startswith("config check settings.yaml")],
]
TESTS = [
    Test("settings that nest, repeat, or never end", "refused within a second or two", ["MutationTests/mutatedFilesNeverTrapAndAreTakenOrRefused"]),
    Test("options of librdkafka", "those of a list alone", ["TrustTests/schemaHasTheSameOptions", "TrustTests/valuesInTheirRangesAreTaken"]),
]
