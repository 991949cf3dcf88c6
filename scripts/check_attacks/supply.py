"""What a build, an image and a deployment are made of, as the sources say it; scripts/check-deploy looks at more."""

import glob
import os
import re
import struct

from inputs import CALLS
from rows import BINARY, ROOT, Row, run, write


def read(path):
    with open(f"{ROOT}/{path}", encoding="utf-8") as file:
        return file.read()


def packages(folder, data):
    every = re.findall(r"\.package\(url: \"\S+\", (\w+):", read("Package.swift"))
    return f"{every.count('exact')} of {len(every)} exact; what they bring in {'listed' if os.path.exists(f'{ROOT}/deploy/packages.txt') else 'not listed'}"


def images(folder, data):
    text = read("deploy/Dockerfile")
    every = re.findall(r"^FROM (\S+)", text, re.M)
    arguments = [base for base in every if re.fullmatch(r"\$\{\w+\}", base)]
    paths = "-file-prefix-map" in text and "-no-toolchain-stdlib-rpath" in text
    return f"{len(arguments)} of {len(every)} by an argument that takes a digest; {'no path of the build' if paths else 'paths of the build'}"


def actions(folder, data):
    text = "".join(read(os.path.relpath(path, ROOT)) for path in glob.glob(f"{ROOT}/.github/workflows/*.yml"))
    # What begins with $/ is this repository's, at the commit that runs.
    every = re.findall(r"uses: (?!\$/)(\S+)", text)
    checkouts = len(re.findall(r"uses: actions/checkout@", text))
    loose = sum(not re.search(r"@[0-9a-f]{40}$", action) for action in every)
    return (f"{loose} not named by a commit{'' if every else ' of none'}, "
            f"{checkouts - text.count('persist-credentials: false')} tokens kept; "
            f"{'dependabot' if os.path.exists(f'{ROOT}/.github/dependabot.yml') else 'nobody'} looks for newer ones")


def binary(folder, data):
    """What of the binary's memory can be written or run, by its headers."""
    with open(BINARY, "rb") as file:
        head = file.read(1 << 20)
        kind, = struct.unpack_from("<H", head, 16)
        place, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        headers = [struct.unpack_from("<IIQQQQQQ", head, place + size * number) for number in range(count)]
        dynamic = next(header for header in headers if header[0] == 2)
        file.seek(dynamic[2])
        entries = dict(struct.iter_unpack("<QQ", file.read(dynamic[5])))
    # GNU_RELRO; BIND_NOW in FLAGS, or NOW in FLAGS_1; GNU_STACK without the right to run.
    is_full = any(header[0] == 0x6474E552 for header in headers) and (entries.get(30, 0) & 8 or entries.get(0x6FFFFFFB, 0) & 1)
    stack = next(header for header in headers if header[0] == 0x6474E551)
    return (f"{'PIE' if kind == 3 else 'no PIE'}, {'full' if is_full else 'no full'} RELRO, "
            f"{'no stack' if not stack[1] & 1 else 'a stack'} that runs")


def paths_in_messages(folder, data):
    """Where this tree stands, in what the binary says of errors."""
    write(folder, "broken.yaml", "{")
    write(folder, "slo.yaml", CALLS)
    texts = [run(folder, *words).stderr.decode() for words in (
        ("config", "check", "broken.yaml"), ("decode", "nothing"), ("slo", "report", "--from", "nothing"), ("decode", "--no-option"),
        ("replay", "--resources", "slo.yaml", "--out", "/proc/nothing", "slo.yaml"), ("run", "--config", "broken.yaml"))]
    return f"{sum('Sources/' in text or ROOT in text for text in texts)} of {len(texts)} messages"


def open_addresses(folder, data):
    """Ports that the network policy opens to every address."""
    text = read("deploy/kubernetes/base/network-policy.yaml")
    rules = re.split(r"\n    - ", text[text.index("egress:"):])
    wide = sorted({port for rule in rules if "0.0.0.0/0" in rule or "to:" not in rule for port in re.findall(r"port: (\d+)", rule)})
    network = read("deploy/kubernetes/overlays/example/network.env")
    return f"every address: {', '.join(wide)}; parameters: {', '.join(re.findall(r'^([a-z]+)=', network, re.M))}"


def pod(folder, data):
    text = read("deploy/kubernetes/base/deployment.yaml")
    asked = ["runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]",
             "type: RuntimeDefault", "automountServiceAccountToken: false", "enableServiceLinks: false", "memory: 1Gi", "defaultMode: 0440"]
    return f"{sum(word in text for word in asked)} of {len(asked)}"


def evidence(folder, data):
    """The version and the commit, where somebody who was not there looks for them."""
    said = run(folder, "--version").stdout.decode()
    return f"{'version and commit' if re.fullmatch(r'[0-9.]+ [(][0-9a-f]{7,}.*[)]', said.strip()) else said.strip()}"


ROWS = [
    Row("packages of others", "Package.swift", packages, "", "7 of 7 exact; what they bring in listed"),
    Row("base images", "deploy/Dockerfile", images, "", "2 of 2 by an argument that takes a digest; no path of the build"),
    Row("actions of the workflows", ".github", actions, "", "0 not named by a commit, 0 tokens kept; dependabot looks for newer ones"),
    Row("the binary's memory", "its ELF headers", binary, "", "PIE, full RELRO, no stack that runs"),
    Row("paths of the build in messages", "config check, decode, run, …", paths_in_messages, "", "0 of 6 messages"),
    Row("addresses that a pod may reach", "deploy/kubernetes/base/network-policy.yaml", open_addresses, "",
        "every address: 443; parameters: brokers, endpoints, scrapers"),
    Row("what a pod may do", "deploy/kubernetes/base/deployment.yaml", pod, "", "9 of 9"),
    Row("what a binary says it is", "--version", evidence, "", "version and commit"),
]
TESTS = []
