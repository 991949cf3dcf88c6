"""As much of Kafka's protocol as it takes to send records with times of one's own, and to read what a topic holds."""

import socket
import struct

PRODUCE, FETCH = 0, 1


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ValueError("the broker closed the connection")
        data += part
    return data


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def varint(value):
    value = (value << 1) ^ (value >> 63)
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def asked(address, api, version, body):
    """The answer of the first broker of an address, behind its correlation number."""
    request = struct.pack(">hhi", api, version, 1) + string("check") + body
    host, port = address.split(",")[0].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        return receive(connection, struct.unpack(">i", receive(connection, 4))[0])[4:]


def produce(address, topic, partition, records):
    batch = record_batch(records)
    answer = asked(address, PRODUCE, 3, struct.pack(">hhi", -1, 1, 10_000) + struct.pack(">i", 1) + string(topic) + struct.pack(
        ">iii", 1, partition, len(batch)) + batch)
    # One topic, its name, one partition, its number, the error.
    error = struct.unpack_from(">h", answer, 4 + 2 + len(topic) + 4 + 4)[0]
    if error:
        raise ValueError(f"the broker refused the records: {error}")


def fetched(address, topic, partition=0):
    """What a partition holds: of each record its key, `None` for one without, its value, `None` for a tombstone, and its time."""
    found, place = [], 0
    while True:
        body = struct.pack(">iiiib", -1, 100, 0, 50 << 20, 0) + struct.pack(">i", 1) + string(topic) + struct.pack(
            ">iiqi", 1, partition, place, 50 << 20)
        answer = asked(address, FETCH, 4, body)
        # Throttling, one topic, its name, one partition, its number.
        begin = 4 + 4 + 2 + len(topic) + 4 + 4
        error, end, _, aborted = struct.unpack_from(">hqqi", answer, begin)
        if error:
            raise ValueError(f"the broker refused to tell the records: {error}")
        begin += 22 + 16 * max(0, aborted)
        size = struct.unpack_from(">i", answer, begin)[0]
        read = list(records_of(answer[begin + 4:begin + 4 + size]))
        found += [record for offset, *record in read if offset >= place]
        place = max([place, *[offset + 1 for offset, *_ in read]])
        if place >= end:
            return found
        if not read:
            raise ValueError("the broker tells no more records")


def records_of(data):
    """Offset, key, value and time of each record of batches that are not compressed."""
    place = 0
    while place + 61 <= len(data):
        base, size = struct.unpack_from(">qi", data, place)
        if place + 12 + size > len(data):
            return
        attributes, _, first = struct.unpack_from(">hiq", data, place + 21)
        if attributes & 7:
            raise ValueError("a compressed batch")
        count, = struct.unpack_from(">i", data, place + 57)
        at = place + 61
        for _ in range(count):
            length, at = read_varint(data, at)
            end = at + length
            delta, at = read_varint(data, at + 1)
            offset, at = read_varint(data, at)
            key, at = read_bytes(data, at)
            value, at = read_bytes(data, at)
            yield base + offset, key, value, first + delta
            at = end
        place += 12 + size


def read_varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), place


def read_bytes(data, place):
    length, place = read_varint(data, place)
    return (None, place) if length < 0 else (data[place:place + length], place + length)


def record_batch(records):
    """Kafka's record batch, version 2."""
    base, newest = records[0][0], max(record[0] for record in records)
    body = b""
    for offset, (moment, value, *key) in enumerate(records):
        value = value.encode() if isinstance(value, str) else value
        key = varint(len(key[0])) + key[0] if key else varint(-1)
        value = varint(-1) if value is None else varint(len(value)) + value
        record = b"\0" + varint(moment - base) + varint(offset) + key + value + varint(0)
        body += varint(len(record)) + record
    tail = struct.pack(">hiqqqhii", 0, len(records) - 1, base, newest, -1, -1, -1, len(records)) + body
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def crc32c(data, table=[]):  # pylint: disable=dangerous-default-value
    if not table:
        for start in range(256):
            value = start
            for _ in range(8):
                value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
            table.append(value)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
