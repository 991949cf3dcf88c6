"""Runs a runbook's commands in a shell, in which `tidewatch` is the real one and the cluster's commands are answered here."""

import json
import os
import socketserver
import subprocess
import threading
from pathlib import Path


class Failed(Exception):
    pass


class Commands:
    STAND_INS = ["kubectl", "kafka-topics", "kafka-get-offsets", "aws"]

    def __init__(self, folder: Path, binary, handlers, environment):
        """`handlers` answer a command's arguments and place with what it prints, or raise what it says."""
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        for name in self.STAND_INS:
            (tools / name).symlink_to(Path(__file__).with_name("stand_in.py"))
        (tools / "tidewatch").symlink_to(binary)
        # What is done to this machine is done below the drill's folder, for which nobody has to be root.
        (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (tools / "sudo").chmod(0o755)
        path = str(folder / "commands")
        self.environment = {**os.environ, **environment, "PATH": f"{tools}:{os.environ['PATH']}", "TIDEWATCH_DRILL_SOCKET": path}

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                name, place, *arguments = json.loads(self.rfile.readline())
                answer = {"out": "", "err": "", "status": 0}
                try:
                    answer["out"] = handlers[name](arguments, Path(place))
                except (KeyError, ValueError, OSError, subprocess.CalledProcessError) as error:
                    answer.update(err=f"{name}: {error}\n", status=1)
                self.wfile.write(json.dumps(answer).encode() + b"\n")

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self.server = Server(path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.transcript = []

    def run(self, text):
        """Stops at the first command that fails, as a person would."""
        self.transcript.append(text)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"a command of the runbook ended with status {done.returncode}:\n{text}{done.stderr}")
        return done.stdout

    def end(self):
        self.server.shutdown()
