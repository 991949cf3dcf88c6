"""deploy/argocd: what the ApplicationSet makes, and whether the project allows what an overlay renders."""

import copy
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy/argocd"
DIGEST = r"[\w.-]+(/[\w.-]+)+@sha256:[0-9a-f]{64}"


def load(name):
    return yaml.safe_load((FOLDER / name).read_text())


def filled(text, element):
    """The part of Go's templates that the file uses; what is not there is an error, as with missingkey=error."""
    text = re.sub(r"\{\{- if \.(\w+) \}\}(.*?)\{\{- end \}\}", lambda found: found[2] if element[found[1]] else "", text, flags=re.S)
    word = lambda value: str(value).lower() if isinstance(value, bool) else value  # noqa: E731
    return re.sub(r"\{\{ ?\.(\w+) ?\}\}", lambda found: word(element[found[1]]), text)


def applications(whole):
    """By environment, as Argo CD would make them."""
    made = {}
    for element in whole["spec"]["generators"][0]["list"]["elements"]:
        application = yaml.safe_load(filled(yaml.safe_dump(whole["spec"]["template"], width=1000), element))
        patch = yaml.safe_load(filled(whole["spec"]["templatePatch"], element)) or {}
        application["spec"]["syncPolicy"] |= patch.get("spec", {}).get("syncPolicy", {})
        made[element["environment"]] = application
    return made


def problems(whole, project):
    for environment, application in applications(whole).items():
        spec = application["spec"]
        automated = spec["syncPolicy"].get("automated")
        if environment.startswith("prod") and automated:
            yield f"{environment} would be released by a commit alone"
        if not environment.startswith("prod") and not automated:
            yield f"{environment} waits for somebody"
        for image in spec["source"]["kustomize"]["images"]:
            if not re.fullmatch("tidewatch=" + DIGEST, image):
                yield f"{environment}: {image} names no digest"
        if spec["destination"] not in project["spec"]["destinations"] or spec["source"]["repoURL"] not in project["spec"]["sourceRepos"]:
            yield f"{environment}: the project does not allow it"
        if spec["source"]["path"] != f"deploy/kubernetes/overlays/{environment}":
            yield f"{environment}: another's overlay"


def rendered(image):
    """The example overlay, after what `kustomize edit set image` does for `kustomize.images`."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(ROOT / "deploy/kubernetes", Path(scratch) / "kubernetes")
        overlay = Path(scratch) / "kubernetes/overlays/example"
        layer = yaml.safe_load((overlay / "kustomization.yaml").read_text())
        name, _, reference = image.partition("=")
        new, _, digest = reference.partition("@")
        layer["images"] = [each for each in layer.get("images", []) if each["name"] != name] + [{"name": name, "newName": new, "digest": digest}]
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(layer))
        text = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True, check=True, timeout=600).stdout
    return list(yaml.safe_load_all(text))


class ArgoCDTests(unittest.TestCase):
    def setUp(self):
        self.whole, self.project = load("applicationset.yaml"), load("project.yaml")

    def test_everyEnvironmentHasItsApplication(self):
        self.assertEqual(list(applications(self.whole)), ["dev", "staging", "uat", "prod", "prod-dr"])
        self.assertEqual(list(problems(self.whole, self.project)), [])

    def test_choicesAreByEnvironment(self):
        choices = {name: each["spec"]["syncPolicy"].get("automated") for name, each in applications(self.whole).items()}
        self.assertEqual(choices["dev"], {"prune": True, "selfHeal": True})
        self.assertEqual(choices["uat"], {"prune": False, "selfHeal": False})
        self.assertIsNone(choices["prod"])

    def test_mistakesAreFound(self):
        def element(place, **values):
            whole = copy.deepcopy(self.whole)
            whole["spec"]["generators"][0]["list"]["elements"][place] |= values
            return whole
        for whole, said in [
            (element(3, automated=True), "prod would be released by a commit alone"),
            (element(0, image="registry.example.com/tidewatch:latest"), "names no digest"),
            (element(0, environment="elsewhere"), "the project does not allow it"),
        ]:
            self.assertTrue(any(said in each for each in problems(whole, self.project)), said)
        whole = copy.deepcopy(self.whole)
        del whole["spec"]["generators"][0]["list"]["elements"][0]["prune"]
        with self.assertRaises(KeyError):
            applications(whole)

    def test_theListsDigestIsTheImage(self):
        digest = "sha256:" + "e" * 64
        deployment, = [each for each in rendered(f"tidewatch=registry.example.com/other@{digest}") if each["kind"] == "Deployment"]
        self.assertEqual(deployment["spec"]["template"]["spec"]["containers"][0]["image"], f"registry.example.com/other@{digest}")

    def test_theProjectAllowsWhatAnOverlayIsMadeOfAndNoMore(self):
        allowed = {(each["group"], each["kind"]) for part in ("clusterResourceWhitelist", "namespaceResourceWhitelist") for each in self.project["spec"][part]}
        image = applications(self.whole)["dev"]["spec"]["source"]["kustomize"]["images"][0]
        made = {("" if "/" not in each["apiVersion"] else each["apiVersion"].partition("/")[0], each["kind"]) for each in rendered(image)
                if "config.kubernetes.io/local-config" not in each["metadata"].get("annotations", {})}
        self.assertEqual(made, allowed)

    def test_theFirstApplicationBringsTheOthers(self):
        first = load("application.yaml")
        include = first["spec"]["source"]["directory"]["include"]
        names = re.fullmatch(r"\{([\w,]+)\}\.yaml", include)[1].split(",")
        self.assertEqual(sorted([*names, "application"]), sorted(path.stem for path in FOLDER.glob("*.yaml")))
        self.assertFalse(first["spec"]["syncPolicy"]["automated"]["prune"])


if __name__ == "__main__":
    unittest.main()
