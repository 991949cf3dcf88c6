"""What Tidewatch needs of its image and of its Kubernetes objects. Called by scripts/check-deploy."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
GRACE_SECONDS = 120
# The keys of the Secrets that the settings may name, by where the pod has them.
SECRETS = {"password": "/var/run/secrets/kafka", "routing-key": "/var/run/secrets/pagerduty", "mac.key": "/var/run/secrets/tidewatch-mac"}
problems = []


def expect(condition, text):
    if not condition:
        problems.append(text)


def main(rendered):
    objects = {}
    for each in yaml.safe_load_all(Path(rendered).read_text()):
        expect((each["kind"], each["metadata"]["name"]) not in objects, f"{each['kind']} {each['metadata']['name']} twice")
        objects[each["kind"], each["metadata"]["name"]] = each
    kinds = sorted(kind for kind, _ in objects)
    for kind in ["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"]:
        expect(kind in kinds, f"there is no {kind}")
    deployment = next(each for (kind, _), each in objects.items() if kind == "Deployment")
    check_deployment(deployment, objects)
    check_selectors(deployment, objects)
    check_network_policy(objects)
    check_dockerfile(deployment)
    check_supply_chain()
    check_examples()
    checked = check_configuration(deployment, objects)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    print(f"own checks passed; {checked}")
    return 0


def check_deployment(deployment, objects):
    spec = deployment["spec"]
    pod = spec["template"]["spec"]
    expect(spec["replicas"] > 1, "one member would be a gap at every restart")
    expect(spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, "a member must be there while another is replaced")
    expect(pod["terminationGracePeriodSeconds"] == GRACE_SECONDS, f"the grace period is not {GRACE_SECONDS} s")
    expect(pod["automountServiceAccountToken"] is False, "the account's token is mounted")
    expect(("ServiceAccount", pod["serviceAccountName"]) in objects, "there is no such ServiceAccount")
    expect(pod["securityContext"]["runAsNonRoot"] is True, "the pod may run as root")
    expect(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, "there is no seccomp profile")
    expect(pod["topologySpreadConstraints"], "nothing spreads the pods")
    for container in pod["containers"]:
        name = container["name"]
        security = container["securityContext"]
        expect(security["readOnlyRootFilesystem"] is True, f"{name}: the root file system can be written")
        expect(security["allowPrivilegeEscalation"] is False, f"{name}: privileges can be gained")
        expect(security["capabilities"] == {"drop": ["ALL"]}, f"{name}: capabilities are kept")
        expect(not container["image"].endswith(":latest") and ":" in container["image"], f"{name}: no version of the image")
        expect({"cpu", "memory"} <= set(container["resources"]["requests"]), f"{name}: no requests")
        expect("memory" in container["resources"]["limits"], f"{name}: no limit of memory")
        for probe, path in [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]:
            expect(container[probe]["httpGet"] == {"path": path, "port": "health"}, f"{name}: {probe} does not ask {path}")
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        expect(ports == {"health": 8080, "metrics": 9090}, f"{name}: the ports are {ports}")
        volumes = {volume["name"] for volume in pod["volumes"]}
        for mount in container["volumeMounts"]:
            expect(mount["name"] in volumes and mount["readOnly"] is True, f"{name}: volume {mount['name']}")
    for volume in pod["volumes"]:
        if "configMap" in volume:
            expect(("ConfigMap", volume["configMap"]["name"]) in objects, f"there is no ConfigMap {volume['configMap']['name']}")
        if "secret" in volume:
            expect(volume["secret"]["optional"] is True, f"the secret {volume['secret']['secretName']} is not optional")
            expect(volume["secret"]["defaultMode"] == 0o440, "a secret's files have the wrong mode")
    annotations = spec["template"]["metadata"]["annotations"]
    expect(annotations["prometheus.io/scrape"] == "true" and annotations["prometheus.io/port"] == "9090", "it is not scraped")


def check_selectors(deployment, objects):
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for (kind, name), each in objects.items():
        selector = {
            "Service": lambda: each["spec"]["selector"],
            "PodDisruptionBudget": lambda: each["spec"]["selector"]["matchLabels"],
            "NetworkPolicy": lambda: each["spec"]["podSelector"]["matchLabels"],
            "Deployment": lambda: each["spec"]["selector"]["matchLabels"],
        }.get(kind, dict)()
        expect(selector.items() <= labels.items(), f"{kind} {name} selects other pods")
        if kind == "PodDisruptionBudget":
            expect(each["spec"].get("maxUnavailable") == 1, "the disruption budget would keep a node from being emptied")


def check_network_policy(objects):
    policy = next(each["spec"] for (kind, _), each in objects.items() if kind == "NetworkPolicy")
    expect(policy["policyTypes"] == ["Ingress", "Egress"], "the network policy leaves a direction open")
    opened = {(p["port"], p.get("endPort")) for rule in policy["egress"] for p in rule["ports"]}
    expect(opened == {(53, None), (9092, 9098), (443, None)}, f"egress is open to {sorted(map(str, opened))}")
    expect(all(rule.get("to") for rule in policy["egress"]), "egress is open to every address")
    network = next((each["data"] for (kind, name), each in objects.items() if name == "tidewatch-network"), None)
    if network:
        addresses = [peer["ipBlock"]["cidr"] for rule in policy["egress"][1:] for peer in rule["to"]]
        expect(addresses == [network["brokers"], network["endpoints"]], f"the parameters are not in the policy: {addresses}")
    opened = {p["port"] for rule in policy["ingress"] for p in rule["ports"]}
    expect(opened == {"health", "metrics"}, f"ingress is open to {opened}")


def check_dockerfile(deployment):
    text = (ROOT / "deploy/Dockerfile").read_text()
    final = text[text.rindex("\nFROM "):]
    user = re.search(r"^USER (\d+):(\d+)$", final, re.M)
    security = deployment["spec"]["template"]["spec"]["securityContext"]
    expect(user and int(user[1]) == security["runAsUser"] and int(user[2]) == security["runAsGroup"],
           "the Dockerfile's USER is not the Deployment's")
    expect(re.search(r'^ENTRYPOINT \["/', final, re.M), "the entry point is a shell")
    expect("swift" not in final.splitlines()[1], "the runtime image has the toolchain")
    command = re.search(r"^CMD \[(.*)\]$", final, re.M)
    args = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    expect(command and re.findall(r'"([^"]+)"', command[1]) == args, "CMD and the Deployment's args differ")
    expect("-file-prefix-map -Xswiftc /source=" in text and "-ffile-prefix-map=/source=" in text, "the binary has paths of its build")
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    expect(bases == ["${SWIFT_IMAGE}", "${RUNTIME_IMAGE}"], f"base images that no digest can pin: {bases}")
    version = re.search(r"^ARG VERSION=(\S+)$", final, re.M)
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    sources = re.search(r'enum TidewatchVersion \{\s*static let text = "([^"]+)"',
                        (ROOT / "Sources/tidewatch/TidewatchCommand.swift").read_text())
    released = version and sources and version[1] == sources[1]
    expect(released and (image == f"tidewatch:{version[1]}" or re.search(r"/tidewatch@sha256:[0-9a-f]{64}$", image)),
           "the versions of Dockerfile, Deployment and binary differ")


def check_supply_chain():
    """What others wrote is named exactly: packages by version, actions by commit."""
    loose = re.findall(r"\.package\(url: \"(\S+)\", (?!exact:)", (ROOT / "Package.swift").read_text())
    expect(not loose, f"packages without an exact version: {loose}")
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text())
        expect(workflow["permissions"] == {"contents": "read"}, f"{path.name}: more than reading is permitted")
        # A workflow that calls another of this repository, at the same commit, has no steps.
        for step in [step for job in workflow["jobs"].values() for step in job.get("steps", [job])]:
            action = step.get("uses", "")
            expect(not action or re.search(r"@[0-9a-f]{40}$|^[$]/", action), f"{path.name}: {action} is not named by its commit")
            if action.startswith("actions/checkout@"):
                expect(step.get("with", {}).get("persist-credentials") is False, f"{path.name}: the checkout keeps its token")


def check_examples():
    """deploy/examples shows the base's own files: links, so that there is one copy."""
    base = ROOT / "deploy/kubernetes/base/config"
    wanted = {path.relative_to(base) for path in base.rglob("*.yaml")}
    examples = ROOT / "deploy/examples"
    for path in wanted:
        expect((examples / path).is_symlink() and (examples / path).resolve() == (base / path).resolve(),
               f"deploy/examples/{path} is no link to the base's file")
    extra = {path.relative_to(examples) for path in examples.rglob("*.yaml")} - wanted
    expect(not extra, f"deploy/examples has files of its own: {sorted(map(str, extra))}")
    generated = yaml.safe_load((ROOT / "deploy/kubernetes/base/kustomization.yaml").read_text())["configMapGenerator"]
    files = {Path(file).relative_to("config") for each in generated for file in each["files"]}
    expect(files == wanted, f"kustomization.yaml lists {sorted(map(str, files))}, there are {sorted(map(str, wanted))}")


def check_configuration(deployment, objects):
    """What the pod would see below /etc/tidewatch, through `tidewatch config check`."""
    binary = Path(os.environ.get("TIDEWATCH_BINARY", ROOT / ".build/debug/tidewatch")).resolve()
    if not binary.is_file():
        return f"neither the binary nor the ConfigMaps' contents were checked, because there is no {binary}"
    headers = subprocess.run(["readelf", "--wide", "--dynamic", "--program-headers", binary], capture_output=True, text=True, check=True).stdout
    expect("BIND_NOW" in headers and "GNU_RELRO" in headers, "the binary's addresses can be written while it runs")
    expect("Flags: NOW PIE" in headers, "the binary can't be moved in memory")
    expect(re.search(r"GNU_STACK.* RW +0x", headers), "the binary's stack can be executed")
    pod = deployment["spec"]["template"]["spec"]
    container = pod["containers"][0]
    maps = {volume["name"]: volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    with tempfile.TemporaryDirectory() as root:
        for mount in container["volumeMounts"]:
            folder = Path(root + mount["mountPath"])
            folder.mkdir(parents=True, exist_ok=True)
            if mount["name"] in maps:
                for name, text in objects["ConfigMap", maps[mount["name"]]]["data"].items():
                    # Secrets are where they are mounted, below a root of the check's own.
                    (folder / name).write_text(text.replace("/var/run/secrets", f"{root}/var/run/secrets"))
        for name, mount in SECRETS.items():
            if Path(root + mount).is_dir():
                Path(f"{root}{mount}/{name}").write_text("0" * 64)
        settings = Path(root + container["args"][-1])
        environment = {each["name"]: each["value"] for each in container["env"]}
        result = subprocess.run(
            [binary, "config", "check", str(settings)], capture_output=True, text=True, timeout=900,
            env={**os.environ, **environment})
        expect(result.returncode == 0, f"the pod's settings are refused:\n{result.stderr.replace(root, '')}")
        loaded = yaml.safe_load(settings.read_text())["spec"]
        # A backlog must not end in the kernel's killer: 128 MiB of prefetch for each worker, 256 MiB of results under way,
        # and a quarter of the limit for everything else.
        limit = int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024
        expect(128 * loaded["workers"]["count"] + 256 <= limit * 3 // 4, "the limit of memory is too small for the workers")
        expect(loaded["http"] == {"healthPort": 8080, "metricsPort": 9090}, "the settings' ports are not the pod's")
    return "the ConfigMaps' contents pass tidewatch config check"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
