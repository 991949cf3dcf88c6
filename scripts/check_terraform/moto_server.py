"""A fresh moto server: AWS's services in memory, in a process of its own that ends with the one that started it."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping

SECONDS_TO_START = 600


class Moto:
    """For `with`. The port is one that the system has free; the server ends when its input does, however this process ends."""

    def __enter__(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        # A certificate would be issued after a minute.
        environment["MOTO_ACM_VALIDATION_WAIT"] = "0"
        self.process = subprocess.Popen([sys.executable, "-B", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)
        try:
            ready, _, _ = select.select([self.process.stdout], [], [], SECONDS_TO_START)
            port = self.process.stdout.readline().strip() if ready else ""
            if not port:
                raise RuntimeError(f"moto has no port after {SECONDS_TO_START} s (exit status {self.process.poll()})")
        except BaseException:
            self.__exit__()
            raise
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def environment(self, region):
        """What makes Terraform and boto3 speak to this server alone."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "moto", "AWS_SECRET_ACCESS_KEY": "moto", "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

    def left(self):
        """What the server holds and a new one would not: {service, region and collection: its keys}."""
        self.process.stdin.write("left\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def serve():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    for _ in sys.stdin:
        print(json.dumps(beyond_a_new_one()), flush=True)
    # The server's threads would wait for connections that Terraform's provider keeps open.
    os._exit(0)


def beyond_a_new_one():
    """By counts, since what AWS itself puts into an account, such as the default VPC, has other ids each time."""
    from moto.core.base_backend import BackendDict

    left = {}
    for service in list(BackendDict._instances):
        for account, region, backend in list(service.iter_backends()):
            fresh = dict(collections(type(backend)(region, account)))
            for name, keys in collections(backend):
                if len(keys) > len(fresh.get(name, [])):
                    left[f"{service.service_name} {region} {name}"] = keys
    return left


def collections(backend):
    """What a backend keeps, by name: the keys of a dictionary (RDS has some of its own kind) and of those in it, the entries of a list or set."""
    for name, value in vars(backend).items():
        if isinstance(value, Mapping):
            keys = []
            for key, inner in list(value.items()):
                keys += [f"{key}/{each}" for each in inner] if isinstance(inner, Mapping) else [str(key)]
            yield name, keys
        elif isinstance(value, (list, set)):
            yield name, [str(getattr(each, "name", each))[:200] for each in value]


if __name__ == "__main__":
    serve()
