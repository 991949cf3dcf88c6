"""A front before the embedded broker that says when a record was appended, as brokers do where a topic asks for it."""

import socket
import struct
import threading
import time

PRODUCE, METADATA, FIND_COORDINATOR = 0, 3, 10
# What librdkafka's mock cluster says instead of a time.
NO_TIME = struct.pack(">q", 1234)


class Front:
    """Passes everything on, under an address of its own that stands in the broker's answers too."""

    def __init__(self, address):
        host, port = address.split(",")[0].rsplit(":", 1)
        self.host, self.port = host, int(port)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.socket.getsockname()[1]
        self.address = f"{host}:{self.own_port}"
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            client, _ = self.socket.accept()
            try:
                broker = socket.create_connection((self.host, self.port))
            except OSError:
                client.close()
                continue
            self.connect(client, broker)

    def connect(self, client, broker):
        # A connection's own: what stands in `take` is the newest connection's for all of them.
        asked = {}
        for words in ((client, broker, lambda frame: self.note(frame, asked)), (broker, client, lambda frame: self.changed(frame, asked))):
            threading.Thread(target=pass_on, args=words, daemon=True).start()

    @staticmethod
    def note(frame, asked):
        kind, _, number = struct.unpack_from(">hhi", frame)
        asked[number] = kind
        return frame

    def changed(self, frame, asked):
        kind = asked.pop(struct.unpack_from(">i", frame)[0], None)
        if kind == PRODUCE:
            return frame.replace(NO_TIME, struct.pack(">q", int(time.time() * 1000)))
        if kind in (METADATA, FIND_COORDINATOR):
            return frame.replace(struct.pack(">i", self.port), struct.pack(">i", self.own_port))
        return frame


def pass_on(source, target, change):
    try:
        with source.makefile("rb") as stream:
            while size := stream.read(4):
                frame = change(stream.read(struct.unpack(">i", size)[0]))
                target.sendall(struct.pack(">i", len(frame)) + frame)
    except (OSError, struct.error):
        pass
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
