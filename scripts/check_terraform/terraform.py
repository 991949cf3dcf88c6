"""Terraform and a mirror of its AWS provider: where they are, and commands that run in copies."""

import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

OLDEST = (1, 11)
PROVIDER = "hashicorp/aws"
MAJOR = "5"
MIRRORS = ["/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins", "~/.terraform.d/plugins",
           "~/.local/share/terraform/plugins"]
TIME_LIMIT = 900


class Absent(Exception):
    """Terraform or its provider is not on this machine: what is missing, and how to get it."""


class Terraform:
    """Runs Terraform in folders of a scratch place, so that nothing is written into the tree."""

    def __init__(self, scratch):
        self.scratch = Path(scratch)
        self.binary = shutil.which(os.environ.get("TERRAFORM", "terraform"))
        if not self.binary:
            raise Absent("terraform is not on the PATH: install 1.11 or newer from https://developer.hashicorp.com/terraform/install")
        self.configuration = None
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("TF_", "AWS_")) or name in ("AWS_CA_BUNDLE", "TF_LOG")}
        self.environment.update(TF_IN_AUTOMATION="1", TF_INPUT="0", CHECKPOINT_DISABLE="1", AWS_EC2_METADATA_DISABLED="true")
        about = json.loads(self.run(self.scratch, "version", "-json")[1])
        self.version, self.platform = about["terraform_version"], about["platform"]
        if tuple(int(part) for part in self.version.split(".")[:2]) < OLDEST:
            raise Absent(f"{self.binary} is {self.version}, and tests with ephemeral values need 1.11 or newer: "
                         "install it from https://developer.hashicorp.com/terraform/install")
        self.provider = self.find_provider()
        self.environment["TF_CLI_CONFIG_FILE"] = str(self.configuration)

    def find_provider(self):
        """The command-line configuration that is set, else one for the first mirror that has the provider for this platform."""
        given = os.environ.get("TF_CLI_CONFIG_FILE")
        if given and Path(given).is_file():
            self.configuration = Path(given).resolve()
            return f"as {given} says"
        own = os.environ.get("TIDEWATCH_TERRAFORM_MIRROR")
        places = [Path(place).expanduser() for place in ([own] if own else []) + MIRRORS]
        for place in places:
            for found in sorted(place.glob("**/terraform-provider-aws*")) if place.is_dir() else []:
                version = re.search(r"/hashicorp/aws/(?:terraform-provider-aws_)?(\d+)(\.\d+\.\d+)", str(found))
                if version and version[1] == MAJOR and self.platform in str(found):
                    mirror = str(found)[:str(found).index(f"/{PROVIDER}/")].rpartition("/")[0]
                    self.configuration = self.scratch / "terraformrc"
                    self.configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
                                                  "disable_checkpoint = true\n")
                    return f"{version[1]}{version[2]} from {mirror}"
        wrong = f" TF_CLI_CONFIG_FILE names {given}, which is not there." if given else ""
        raise Absent(f"no mirror has {PROVIDER} {MAJOR} for {self.platform}.{wrong} Looked in {', '.join(map(str, places))}. Where the registry can "
                     "be reached, `terraform providers mirror ~/.terraform.d/plugins` in deploy/terraform/modules/kms makes one; "
                     "TIDEWATCH_TERRAFORM_MIRROR names another place, TF_CLI_CONFIG_FILE a configuration of your own.")

    def run(self, place, command, *arguments, environment=None, limit=TIME_LIMIT):
        """The exit status and what was printed, errors among it; a command that takes longer than `limit` seconds is ended."""
        plain = [] if "-json" in arguments or command == "state" else ["-no-color"]
        return running.run([self.binary, command, *plain, *arguments], place, {**self.environment, **(environment or {})}, limit)


class Running:
    """The commands that run now, which end with this process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.processes = set()
        self.stopped = False

    def run(self, command, place, environment, limit, errors=subprocess.STDOUT):
        with self.lock:
            if self.stopped:
                raise InterruptedError("stopped")
            process = subprocess.Popen(command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=errors, text=True, start_new_session=True)
            self.processes.add(process)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            end(process)
            output = f"{' '.join(map(str, command))} took longer than {limit} s, and was ended\n" + process.communicate()[0]
        finally:
            with self.lock:
                self.processes.discard(process)
        return process.returncode, output

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.processes:
                end(process)


def end(process):
    """Ends a command and what it started: Terraform's provider is a process of its own."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass


running = Running()
