#!/usr/bin/env python3
"""Stands for `kubectl`, `aws` and Kafka's commands, by the name under which it is called: hands its arguments to the drill, which has the pods, the objects
and the broker, prints what it answers and ends with its status."""

import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(os.environ["TIDEWATCH_DRILL_SOCKET"])
    with connection.makefile("rw") as stream:
        stream.write(json.dumps([os.path.basename(sys.argv[0]), os.getcwd(), *sys.argv[1:]]) + "\n")
        stream.flush()
        answer = json.loads(stream.readline())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["status"])
