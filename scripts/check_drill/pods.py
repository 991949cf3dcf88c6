"""Pods and Deployments: processes that are restarted when they end, and ended as Kubernetes would."""

import http.client
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ports import free_ports  # noqa: E402

GRACE_SECONDS = 120
# As Kubernetes' first wait for a container that crashes again and again. Of a member that is told to end while it joins, this broker's coordinator would wait for ever.
RESTART_SECONDS = 10
LOOK_SECONDS = 0.1
APP = {"app.kubernetes.io/name": "tidewatch", "app.kubernetes.io/component": "consumer"}
# No registry has what an overlay names before somebody writes an image into it.
NOWHERE = "sha256:" + 64 * "0"
COLOUR = "tidewatch.dev/colour"


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

    def __init__(self, cluster, name, labels, template):
        self.cluster, self.name, self.labels, self.image = cluster, name, labels, template["image"]
        self.log = cluster.folder / f"{name}.log"
        self.endings = []
        self.terminating = threading.Event()
        self.gone = threading.Event()
        self.process = None
        self.lock = threading.Lock()
        self.health, metrics = free_ports(2)
        # /etc/tidewatch, in which Secrets are where this pod has them.
        self.folder = cluster.folder / name
        for path, text in cluster.config_maps[template["settings"]].items():
            write(self.folder / path, cluster.mounted(text))
        for path, text in cluster.config_maps[template["resources"]].items():
            write(self.folder / "resources" / path, text)
        settings = yaml.safe_load((self.folder / "settings.yaml").read_text())
        # A pod has an address of its own.
        settings["spec"]["http"] = {"host": "127.0.0.1", "healthPort": self.health, "metricsPort": metrics}
        write(self.folder / "own.yaml", yaml.safe_dump(settings))
        threading.Thread(target=self.supervise, daemon=True).start()

    def supervise(self):
        while not self.terminating.is_set():
            # An image that can't be pulled is tried again and again.
            if not self.image.endswith(NOWHERE):
                with open(self.log, "ab") as log:
                    with self.lock:
                        if self.terminating.is_set():
                            break
                        self.process = subprocess.Popen(
                            [self.cluster.binary, "run", "--config", self.folder / "own.yaml"], stdout=log, stderr=log, env=self.cluster.environment)
                    self.endings.append(self.process.wait())
            self.terminating.wait(RESTART_SECONDS)
        self.gone.set()

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, number):
        with self.lock:
            if self.runs():
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


class Deployment:
    def __init__(self, cluster, name, colour=None, annotations=None):
        self.cluster, self.name, self.annotations = cluster, name, annotations or {}
        self.labels = APP | ({COLOUR: colour} if colour else {})
        self.replicas, self.count = 0, 0
        # Forms of the pods: the newest is the last.
        self.templates, self.pods, self.ending = [], [], []

    def is_ready(self):
        return len(self.pods) == self.replicas and all(pod.is_ready() for pod in self.pods)

    def scale(self, replicas):
        self.replicas = replicas
        self.pods = [pod for pod in self.pods if not pod.terminating.is_set() or self.ending.append(pod)]
        while len(self.pods) > replicas:
            pod = self.pods.pop()
            pod.terminate()
            self.ending.append(pod)
        while len(self.pods) < replicas:
            self.pods.append(self.started())

    def started(self):
        self.count += 1
        return Pod(self.cluster, f"{self.name}-{self.count}", self.labels, self.templates[-1])

    def take(self, template, again=False):
        """Its pods get this form, member by member, each when the one before it is gone."""
        if self.templates[-1:] == [template] and not again:
            return
        self.templates.append(template)
        for index, pod in enumerate(self.pods):
            pod.terminate()
            pod.gone.wait()
            self.pods[index] = self.started()

    def shown(self):
        return {"metadata": {"name": self.name, "labels": self.labels, "annotations": self.annotations},
                "spec": {"replicas": self.replicas, "template": {"spec": {"containers": [{"name": "tidewatch", "image": self.templates[-1]["image"]}]}}},
                "status": {"readyReplicas": sum(pod.is_ready() for pod in self.pods)}}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
