"""Deployments of real consumers, and what answers for `kubectl`.

Like Kubernetes it restarts what ends, sends SIGTERM before SIGKILL, calls a pod ready by /readyz, and says NotFound of what is not there. What it
doesn't know it refuses.
"""

import hashlib
import json
import signal
import subprocess
import threading
from pathlib import Path

import yaml

from pods import COLOUR, Deployment, awaited

# More members are for `make chaos`: of two that leave this broker's group and come back at once, its coordinator keeps both waiting.
REPLICAS = 1
# As deploy/scripts/release writes it.
PHASE = "tidewatch.dev/phase"
IMAGE = "registry.example.com/tidewatch@sha256:" + 64 * "1"


class Cluster:
    def __init__(self, binary, folder: Path, environment, secrets):
        """`secrets`: the folder that settings name for Secrets, and where the pods have them."""
        self.binary, self.folder, self.environment, self.secrets = binary, folder, environment, secrets
        self.deployments, self.config_maps = {}, {}
        self.lock = threading.RLock()

    pods = property(lambda self: [pod for each in self.deployments.values() for pod in each.pods + each.ending])

    def mounted(self, text):
        return text.replace(*map(str, self.secrets))

    # MARK: What happens to it

    def crash(self):
        """Kills all members without a word; they are started again."""
        for pod in self.pods:
            pod.kill(signal.SIGKILL)

    def end(self, grace):
        for pod in self.pods:
            pod.terminate(grace)
        for pod in self.pods:
            pod.gone.wait()

    def log(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def release(self, overlay):
        """What deploy/scripts/deploy leaves: one colour is live, and the former one waits without pods. How colours change is tried by its own tests:
        of two members that overlap this broker's coordinator gives partitions to neither."""
        for colour, phase, replicas in [("green", "replaced", 0), ("blue", "live", REPLICAS)]:
            each = self.deployments[f"tidewatch-{colour}"] = Deployment(self, f"tidewatch-{colour}", colour, {PHASE: phase})
            each.take(self.rendered(overlay) | {"image": IMAGE})
            each.scale(replicas)

    def rendered(self, overlay):
        """The form of pods that an overlay asks for. Its ConfigMaps are named by what is in them."""
        image = yaml.safe_load((overlay / "kustomization.yaml").read_text())["images"][0]
        named = {}
        for kind, files in {"settings": {"settings.yaml": overlay / "config/settings.yaml"},
                            "resources": {path.name: path for path in (overlay / "config/resources").iterdir()}}.items():
            content = {name: path.read_text() for name, path in files.items()}
            named[kind] = f"tidewatch-{kind}-{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]}"
            self.config_maps[named[kind]] = content
        return {"image": f"{image['newName']}@{image['digest']}", **named}

    # MARK: kubectl

    def kubectl(self, arguments):
        words, options, command = read(arguments)
        selector = options.pop("-l", None)
        match words:
            case ["wait", "pod"] if options.pop("--for", None) == "delete":
                ending, seconds = self.selected(selector), seconds_of(options.pop("--timeout"))
                if not awaited(lambda: all(pod.gone.is_set() for pod in ending), seconds):
                    raise ValueError("timed out waiting for the condition on pods")
            case ["rollout", "status", *target]:
                seconds = seconds_of(options.pop("--timeout"))
                for each in self.chosen(target, selector):
                    if not awaited(each.is_ready, seconds):
                        raise ValueError(f"timed out waiting for {each.name}; its members ended with {[pod.endings for pod in each.pods]}")
            case ["exec", target]:
                return self.execute(self.chosen([target], None)[0], command)
            case _:
                with self.lock:
                    out = self.changed(words, options, selector)
                refuse(options)
                return out
        refuse(options)
        return ""

    def changed(self, words, options, selector):
        match words:
            case ["get", "deployments"]:
                found = [each.shown() for each in self.chosen(["deployment"], selector)]
                if options.pop("-o", None) == "json":
                    return json.dumps({"items": found})
                return "NAME READY\n" + "".join(f"{each['metadata']['name']} {each['status']['readyReplicas']}/{each['spec']['replicas']}\n" for each in found)
            case ["scale", *target]:
                replicas = int(options.pop("--replicas"))
                for each in self.chosen(target, selector):
                    each.scale(replicas)
            case ["apply"]:
                template = self.rendered(Path(options.pop("-k")))
                each = self.deployments.setdefault("tidewatch", Deployment(self, "tidewatch"))
                each.take(template)
                each.scale(REPLICAS)
            case ["create", "configmap", name]:
                if name in self.config_maps:
                    raise ValueError(f'(AlreadyExists): configmaps "{name}" already exists')
                self.config_maps[name] = {key: Path(path).read_text() for key, path in (each.split("=", 1) for each in options.pop("--from-file"))}
            case ["patch", target]:
                volume, = json.loads(options.pop("-p"))["spec"]["template"]["spec"]["volumes"]
                each, = self.chosen([target], None)
                each.take(each.templates[-1] | {volume["name"]: volume["configMap"]["name"]})
            case ["set", "image", target, image]:
                each, = self.chosen([target], None)
                each.take(each.templates[-1] | {"image": image.removeprefix("tidewatch=")})
            case ["rollout", "restart", *target]:
                for each in self.chosen(target, selector):
                    each.take(each.templates[-1], again=True)
            case ["rollout", "undo", target]:
                each, = self.chosen([target], None)
                each.take(each.templates[-2])
            case ["delete", "pods"]:
                options.pop("--ignore-not-found", None)
                grace = float(options.pop("--grace-period"))
                for pod in self.selected(selector):
                    pod.terminate(grace)
                for each in self.deployments.values():
                    each.scale(each.replicas)
            case _:
                raise ValueError(f"kubectl {' '.join(words)}: not understood by the drill")
        return ""

    def chosen(self, target, selector):
        """Deployments by name or by labels."""
        match target:
            case ["deployment" | "deployments"] if selector:
                return [each for each in self.deployments.values() if matches(each.labels, selector)]
            case [name] if name.startswith("deployment/"):
                name = name.removeprefix("deployment/")
                if name not in self.deployments:
                    raise ValueError(f'Error from server (NotFound): deployments.apps "{name}" not found')
                return [self.deployments[name]]
        raise ValueError(f"{' '.join(target)}: not understood by the drill")

    def selected(self, selector):
        return [pod for pod in self.pods if not pod.gone.is_set() and matches(pod.labels, selector)]

    def execute(self, deployment, command):
        pod = next((pod for pod in deployment.pods if pod.runs()), None)
        if pod is None:
            raise ValueError(f"deployment/{deployment.name} has no pod that runs")
        if command[:1] != ["tidewatch"]:
            raise ValueError(f"{command}: not understood by the drill")
        done = subprocess.run([self.binary, *(word.replace("/etc/tidewatch", str(pod.folder)) for word in command[1:])],
                              env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"{done.stderr}command terminated with exit code {done.returncode}")
        return done.stdout


def read(arguments):
    """(words, options, the command behind `--`). An option that may be given again is a list."""
    rest, words, options = list(arguments), [], {}
    while rest and (word := rest.pop(0)) != "--":
        name, is_joined, value = word.partition("=")
        if not word.startswith("-"):
            words.append(word)
        elif name == "--ignore-not-found":
            options[name] = True
        elif name == "--from-file":
            options.setdefault(name, []).append(value)
        else:
            options[name] = value if is_joined else rest.pop(0)
    options.pop("-n", None)
    return words, options, rest


def refuse(options):
    if options:
        raise ValueError(f"{', '.join(options)}: not understood by the drill")


def matches(labels, selector):
    name, _, value = selector.partition("=")
    return labels.get(name) == value


def seconds_of(option):
    return float(option[:-1]) * {"s": 1, "m": 60}[option[-1]]
