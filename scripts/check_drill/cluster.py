"""A Deployment of real consumers, and what answers for `kubectl`.

Like Kubernetes it restarts what ends, sends SIGTERM before SIGKILL, and calls a pod ready by /readyz. What it doesn't know it refuses.
"""

import http.client
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import yaml

# More members are for `make chaos`: of two that leave this broker's group and come back at once, its coordinator keeps both waiting.
REPLICAS = 1
GRACE_SECONDS = 120
# As Kubernetes' first wait for a container that crashes again and again. Of a member that is told to end while it joins, this broker's coordinator would wait for ever.
RESTART_SECONDS = 10
LOOK_SECONDS = 0.1


def free_ports(count):
    listeners = [socket.socket() for _ in range(count)]
    for listener in listeners:
        listener.bind(("127.0.0.1", 0))
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def awaited(condition, seconds):
    """Asks what announces nothing again and again; false when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


class Pod:
    """A process that is started anew when it ends, until it is told to end."""

    def __init__(self, cluster, number, folder: Path):
        self.cluster, self.number, self.folder = cluster, number, folder
        self.log = cluster.folder / f"pod-{number}.log"
        self.endings = []
        self.terminating = threading.Event()
        self.gone = threading.Event()
        self.process = None
        self.lock = threading.Lock()
        self.health, metrics = free_ports(2)
        settings = yaml.safe_load((folder / "settings.yaml").read_text())
        # A pod has an address of its own.
        settings["spec"]["http"] = {"host": "127.0.0.1", "healthPort": self.health, "metricsPort": metrics}
        self.settings = folder / f"pod-{number}.yaml"
        self.settings.write_text(yaml.safe_dump(settings))
        threading.Thread(target=self.supervise, daemon=True).start()

    def supervise(self):
        while not self.terminating.is_set():
            with open(self.log, "ab") as log:
                with self.lock:
                    if self.terminating.is_set():
                        break
                    self.process = subprocess.Popen(
                        [self.cluster.binary, "run", "--config", self.settings], stdout=log, stderr=log, env=self.cluster.environment)
                self.endings.append(self.process.wait())
            self.terminating.wait(RESTART_SECONDS)
        self.gone.set()

    def kill(self, number):
        with self.lock:
            if self.process and self.process.poll() is None:
                self.process.send_signal(number)

    def terminate(self, grace=GRACE_SECONDS):
        self.terminating.set()
        self.kill(signal.SIGTERM)

        def end():
            if not self.gone.wait(grace):
                self.kill(signal.SIGKILL)
        threading.Thread(target=end, daemon=True).start()

    def is_ready(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=1)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


class Cluster:
    def __init__(self, binary, folder: Path, environment):
        self.binary, self.folder, self.environment = binary, folder, environment
        self.pods, self.ending, self.revisions = [], [], []
        self.count = 0
        self.lock = threading.RLock()

    # MARK: What happens to it

    def crash(self):
        """Kills all members without a word; they are started again."""
        for pod in list(self.pods):
            pod.kill(signal.SIGKILL)

    def end(self, grace):
        for pod in self.pods + self.ending:
            pod.terminate(grace)
        for pod in self.pods + self.ending:
            pod.gone.wait()

    def is_ready(self):
        with self.lock:
            return bool(self.pods) and all(pod.is_ready() for pod in self.pods)

    def log(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("pod-*.log")))

    # MARK: kubectl

    def kubectl(self, arguments):
        rest = list(arguments)
        if rest[:1] == ["-n"]:
            rest = rest[2:]
        match rest:
            case ["scale", "deployment/tidewatch", replicas] if replicas.startswith("--replicas="):
                self.scale(int(replicas.partition("=")[2]))
            case ["apply", "-k", overlay]:
                self.apply(Path(overlay))
            case ["rollout", "restart", "deployment/tidewatch"]:
                self.roll(self.revisions[-1])
            case ["rollout", "undo", "deployment/tidewatch"]:
                self.apply(self.revisions[-2])
            case ["rollout", "status", "deployment/tidewatch", timeout]:
                if not awaited(self.is_ready, seconds_of(timeout)):
                    raise ValueError(f"deployment/tidewatch is not ready; its members ended with {[pod.endings for pod in self.pods]}")
            case ["delete", "pods", "-l", "app.kubernetes.io/name=tidewatch", grace, *more] if set(more) <= {"--ignore-not-found"}:
                for pod in self.pods + self.ending:
                    pod.terminate(grace=float(grace.partition("=")[2]))
                self.scale(len(self.pods))
            case ["wait", "--for=delete", "pod", "-l", "app.kubernetes.io/name=tidewatch", timeout]:
                if not awaited(lambda: all(pod.gone.is_set() for pod in self.ending), seconds_of(timeout)):
                    raise ValueError("pods are still there")
                self.ending = []
            case _:
                raise ValueError(f"kubectl {' '.join(rest)}: not understood by the drill")
        return ""

    def apply(self, overlay):
        if len(self.revisions) < 1 or not same(self.revisions[-1], overlay):
            revision = self.folder / f"revision-{len(self.revisions) + 1}"
            shutil.copytree(overlay, revision)
            self.revisions.append(revision)
            self.roll(revision)
        self.scale(REPLICAS)

    def scale(self, replicas):
        with self.lock:
            self.pods = [pod for pod in self.pods if not pod.terminating.is_set() or self.ending.append(pod)]
            while len(self.pods) > replicas:
                pod = self.pods.pop()
                pod.terminate()
                self.ending.append(pod)
            while len(self.pods) < replicas:
                self.count += 1
                self.pods.append(Pod(self, self.count, self.revisions[-1]))

    def roll(self, revision):
        """Member by member, each when the one before it is gone."""
        with self.lock:
            for index, pod in enumerate(self.pods):
                pod.terminate()
                pod.gone.wait()
                self.count += 1
                self.pods[index] = Pod(self, self.count, revision)


def same(one, other):
    """Whether two folders have the same settings and resources."""
    files = lambda folder: {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*")
                            if path.is_file() and not path.name.startswith("pod-")}
    return files(one) == files(other)


def seconds_of(option):
    value = option.partition("=")[2]
    return float(value[:-1]) * {"s": 1, "m": 60}[value[-1]]
