"""Ports of this machine for programs that are told where to listen."""

import random
import socket
import threading

# Below those that Linux gives to connections, and to whom any port will do (net.ipv4.ip_local_port_range): such a one may be another's before
# the program listens there.
CHOICE = range(10_000, 32_768)

_given = set()
_lock = threading.Lock()


def free_port():
    """Each once for this process."""
    with _lock:
        while True:
            port = random.choice(CHOICE)
            if port not in _given and _is_free(port):
                _given.add(port)
                return port


def free_ports(count):
    return [free_port() for _ in range(count)]


def _is_free(port):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
