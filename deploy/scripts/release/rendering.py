"""An overlay as one colour of a release: kustomize's output with another name, image and label."""

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from .cluster import COLOUR, Failure


def rendered(cluster, overlay, image, colour=None, replicas=None, notes=None):
    """The objects as YAML; without a colour as the overlay has them, but for the image."""
    overlay = Path(overlay).resolve()
    if not (overlay / "kustomization.yaml").is_file():
        raise Failure(f"{overlay}: there is no kustomization.yaml; deploy/kubernetes/overlays/example is one to copy")
    patch = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "tidewatch"},
        "spec": {"template": {"spec": {"containers": [{"name": "tidewatch", "image": image}]}}},
    }
    if colour:
        patch["metadata"] = {"name": f"tidewatch-{colour}", "labels": {COLOUR: colour}, "annotations": notes}
        patch["spec"]["selector"] = {"matchLabels": {COLOUR: colour}}
        patch["spec"]["template"]["metadata"] = {"labels": {COLOUR: colour}}
    if replicas is not None:
        patch["spec"]["replicas"] = replicas
    with tempfile.TemporaryDirectory() as folder:
        layer = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": [os.path.relpath(overlay, Path(folder).resolve())],
            "patches": [{
                "target": {"kind": "Deployment", "name": "tidewatch"}, "patch": json.dumps(patch),
                "options": {"allowNameChange": True}}],
        }
        # JSON is YAML.
        (Path(folder) / "kustomization.yaml").write_text(json.dumps(layer))
        text = cluster.run("kustomize", folder)
    # A patch without a target is no error to kustomize.
    if colour and not re.search(rf"^  name: tidewatch-{colour}$", text, re.M) or f"image: {image}\n" not in text:
        raise Failure(f"{overlay}: there is no Deployment `tidewatch` with a container `tidewatch`, of which a release could be made")
    # The namespace is made once, by who may; a release needs no right to it.
    return "\n---\n".join(each for each in text.split("\n---\n") if not re.search(r"^kind: Namespace$", each, re.M))


def revision(text):
    """Tells two releases apart, by image and configuration alike."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
