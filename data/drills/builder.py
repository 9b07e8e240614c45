"""What the `python:` samples of drills are written with: a few bytes of the real formats, nothing hostile.

Every sample writes its bytes with `emit`. Numbers are the same on every machine.
"""

import base64
import json
import marshal
import random
import struct
import sys


def emit(content):
    sys.stdout.buffer.write(content)


def gaussian(count, seed):
    source = random.Random(seed)
    return [struct.unpack("<f", struct.pack("<f", source.gauss(0, 0.03)))[0] for _ in range(count)]


def safetensors(tensors, metadata=None):
    """tensors: {name: (shape, values)}, all float32."""
    header, body = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (shape, values) in tensors.items():
        packed = struct.pack("<%df" % len(values), *values)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(body), len(body) + len(packed)]}
        body += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


# Protocol Buffers, as far as ONNX needs them.

def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, content):
    if isinstance(content, str):
        content = content.encode()
    return varint(field << 3 | 2) + varint(len(content)) + content


def value_info(name, size):
    dimension = message(1, number(1, size))
    return message(1, name) + message(2, message(1, number(1, 1) + message(2, dimension)))


def onnx(inputs, outputs, nodes, tensors):
    """nodes: [(op, inputs, outputs)]; tensors: {name: (shape, values)}; inputs and outputs: {name: size}."""
    graph = b""
    for index, (op, takes, gives) in enumerate(nodes):
        node = b"".join(message(1, name) for name in takes) + b"".join(message(2, name) for name in gives)
        node += message(3, "node%d" % index) + message(4, op)
        if op == "Cast":
            node += message(5, message(1, "to") + number(3, 1) + number(20, 2))
        graph += message(1, node)
    graph += message(2, "graph")
    for name, (shape, values) in tensors.items():
        tensor = b"".join(number(1, size) for size in shape) + number(2, 1) + message(8, name)
        graph += message(5, tensor + message(9, struct.pack("<%df" % len(values), *values)))
    graph += b"".join(message(11, value_info(name, size)) for name, size in inputs.items())
    graph += b"".join(message(12, value_info(name, size)) for name, size in outputs.items())
    return number(1, 8) + message(2, "drill") + message(7, graph) + message(8, message(1, "") + number(2, 17))


def marshalled(source):
    """Code of a lambda as Keras stores it: made by the Python that will load it, whose byte code differs."""
    code = eval(source).__code__
    return base64.b64encode(marshal.dumps(code)).decode()
