"""kubectl against a cluster that is a file: what deploy and rollback ask of it, with real kustomize, real reports and a real consumer's ports.

The folder FAKE_CLUSTER has state.json: Deployments by name; `faults`, which a test plants, by verb or by what they do (`once`: that many calls of a
verb are not answered; `before`: what somebody does just before the first call of a verb; `garbage`: a verb prints what is no JSON);
`reports`, folders of `tidewatch replay` of which each `exec` takes the first and leaves the last; `ports` of the consumer that stands for every pod.
Each call is a line of calls.log.
"""

# Only what starts quickly: it is called some thousand times.
import fcntl
import json
import os
import sys
import time

FOLDER = os.environ["FAKE_CLUSTER"]


class state:
    """What the cluster holds, for one at a time; changes are kept."""

    def __enter__(self):
        self.lock = open(f"{FOLDER}/lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        with open(f"{FOLDER}/state.json") as file:
            self.text = file.read()
        self.held = json.loads(self.text)
        return self.held

    def __exit__(self, *_):
        text = json.dumps(self.held)
        if text != self.text:
            with open(f"{FOLDER}/state.new", "w") as file:
                file.write(text)
            os.rename(f"{FOLDER}/state.new", f"{FOLDER}/state.json")
        self.lock.close()


def main(words):
    with open(f"{FOLDER}/calls.log", "a") as log:
        log.write(" ".join(words) + "\n")
    if words[:1] == ["--namespace"]:
        words = words[2:]
    verb, words = words[0], words[1:]
    options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--") and "=" in word)
    with state() as held:
        faults = held["faults"]
        fault, garbage = faults.get(verb), faults.get("garbage") == verb
        unanswered = faults.get("once", {}).get(verb, 0)
        if unanswered:
            faults["once"][verb] -= 1
        before = faults.get("before", {}).pop(verb, None)
    if unanswered:
        return refuse("Unable to connect to the server: net/http: TLS handshake timeout")
    if garbage:
        return print("<html>gateway</html>")
    if before:
        import subprocess

        subprocess.run(before, check=True, capture_output=True)
    if fault == "hang" or (fault and fault in words and verb == "exec"):
        time.sleep(600)
    return globals()["do_" + verb.replace("-", "_")](words, options)


def do_kustomize(words, options):
    os.execvp(os.environ["REAL_KUBECTL"], ["kubectl", "kustomize", *words])


def do_apply(words, options):
    # Started without site packages: kubectl is called often.
    sys.path.append(os.environ["SITE_PACKAGES"])
    import yaml

    with state() as held:
        if held["faults"].get("apply"):
            return refuse("error: the server is currently unable to handle the request")
        for each in yaml.safe_load_all(sys.stdin):
            held.setdefault("kinds", []).append(each["kind"])
            if each["kind"] == "Deployment":
                meta, spec = each["metadata"], each["spec"]
                held["deployments"][meta["name"]] = {
                    "replicas": spec.get("replicas", 1), "labels": meta["labels"], "annotations": meta.get("annotations", {}),
                    "image": spec["template"]["spec"]["containers"][0]["image"]}
                touched(held, meta["name"])
                print(f"deployment.apps/{meta['name']} configured")


def do_get(words, options):
    with state() as held:
        items = []
        selected = words[words.index("--selector") + 1].split(",")
        for name, each in held["deployments"].items():
            labels = each["labels"]
            if not all(term[1:] not in labels if term[0] == "!" else labels.get(term.partition("=")[0]) == term.partition("=")[2] for term in selected):
                continue
            if words[0] == "deployments":
                unready = held["faults"].get("unready") == name
                items.append({
                    "metadata": {"name": name, "labels": labels, "annotations": each["annotations"], "resourceVersion": str(each.get("version", 0))},
                    "spec": {"replicas": each["replicas"], "template": {"spec": {"containers": [{"image": each["image"]}]}}},
                    "status": {} if unready or not each["replicas"] else {"readyReplicas": each["replicas"]}})
            else:
                items += [{"metadata": {"name": f"{name}-{number}"}} for number in range(each["replicas"] + each.get("draining", 0))]
                items += [{"metadata": {"name": f"{name}-evicted"}, "status": {"phase": "Failed"}}] * each.get("evicted", 0)
        print(json.dumps({"items": items}))


def do_rollout(words, options):
    name = words[1].partition("/")[2]
    with state() as held:
        stuck = held["faults"].get("rollout") == name
    if stuck:
        time.sleep(float(options["timeout"].rstrip("s")))
        return refuse("error: timed out waiting for the condition")
    print(f"deployment {name!r} successfully rolled out")


def do_scale(words, options):
    name = words[0].partition("/")[2]
    with state() as held:
        if name not in held["deployments"]:
            return refuse(f'Error from server (NotFound): deployments.apps "{name}" not found')
        each = held["deployments"][name]
        if options.get("resource-version", str(each.get("version", 0))) != str(each.get("version", 0)):
            return refuse(f"error: Expected resource version to be {options['resource-version']}, was {each.get('version', 0)}")
        if each["replicas"] != int(options["replicas"]):
            touched(held, name)
        # A pod that is to end drains first: `wait` sees it out.
        each["draining"] = max(0, each["replicas"] - int(options["replicas"]))
        each["replicas"] = int(options["replicas"])


def do_wait(words, options):
    names = [word.partition("/")[2].rpartition("-")[0] for word in words if word.startswith("pod/")]
    with state() as held:
        hold = held["faults"].get("drain")
    if hold == "forever":
        time.sleep(float(options["timeout"].rstrip("s")))
        return refuse("error: timed out waiting for the condition on pods")
    if hold:
        open(f"{FOLDER}/draining", "w").close()
        # Nor longer than the test, where the release was killed and can't end this.
        while os.path.exists(FOLDER) and not os.path.exists(f"{FOLDER}/go on"):
            time.sleep(0.02)
    if any(name.endswith("-evicted") for name in words):
        time.sleep(float(options["timeout"].rstrip("s")))
        return refuse("error: timed out waiting for the condition on pods")
    with state() as held:
        for name in names:
            if name in held["deployments"]:
                held["deployments"][name]["draining"] = 0


def do_annotate(words, options):
    with state() as held:
        name = words[0].partition("/")[2]
        each = held["deployments"][name]
        if options.get("resource-version", str(each.get("version", 0))) != str(each.get("version", 0)):
            return refuse(f'Error from server (Conflict): Operation cannot be fulfilled on deployments.apps "{name}": the object has been modified')
        touched(held, name)
        notes = each["annotations"]
        notes.update(word.partition("=")[::2] for word in words[1:] if not word.startswith("--"))


def do_exec(words, options):
    with state() as held:
        report = held["reports"][0]
        if len(held["reports"]) > 1:
            held["reports"].pop(0)
    asked = words[words.index("--") + 1:]
    command = [os.environ["TIDEWATCH"], *asked[1:3], "--from", report, *asked[asked.index("--format"):]]
    os.execvp(command[0], command)


def do_port_forward(words, options):
    name = words[0].partition("/")[2].rpartition("-")[0]
    with state() as held:
        health, metrics = held["ports"].get(name, held["ports"][""])
    print(f"Forwarding from 127.0.0.1:{health} -> 8080\nForwarding from [::1]:{health} -> 8080", flush=True)
    print(f"Forwarding from 127.0.0.1:{metrics} -> 9090", flush=True)
    time.sleep(600)


def touched(held, name):
    """As the API server counts: up at every change, of any object."""
    held["version"] = held["deployments"][name]["version"] = held.get("version", 0) + 1


def refuse(text):
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
