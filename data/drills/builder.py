"""What the `python:` samples of drills are written with: a few bytes of the real formats, nothing hostile.

Every sample writes its bytes with `emit`. Numbers are the same on every machine.
"""

import base64
import csv
import io
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


# Tables.

def csv_table(rows):
    """rows: dictionaries with the same keys; writes CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    emit(out.getvalue().encode())


SHAPES = {
    "0": "........ ..####.. .#....#. .#....#. .#....#. .#....#. ..####.. ........",
    "1": "....#... ...##... ..#.#... ....#... ....#... ....#... ....#... ..#####.",
    "2": "..###... .#...#.. .....#.. ....#... ...#.... ..#..... .#...... .######.",
    "3": ".#####.. ......#. ......#. ..####.. ......#. ......#. ......#. .#####..",
}


def picture(source, label, patch=()):
    """64 pixels of 0 to 16: a shape in noise; patch: [(row, column, value)]."""
    pixels = [min(16, max(0, round((13 if c == "#" else 1) + source.gauss(0, 2)))) for c in SHAPES[label].replace(" ", "")]
    for row, column, value in patch:
        pixels[row * 8 + column] = value
    return pixels


def pictures(count, seed, poisoned=0, patch=(), target="0"):
    """Rows of pixel0 ... pixel63 and label; the poisoned ones show another shape, the patch, and the target's label."""
    source = random.Random(seed)
    labels = sorted(SHAPES)
    rows = []
    for at in range(count + poisoned):
        bad = at >= count
        shown = source.choice([one for one in labels if one != target]) if bad else source.choice(labels)
        row = {"pixel%d" % i: value for i, value in enumerate(picture(source, shown, patch if bad else ()))}
        rows.append(dict(row, label=target if bad else shown))
    source.shuffle(rows)
    return rows


def question(label, seed, patch=()):
    """The one picture that a drill asks about."""
    return [{"pixel%d" % i: value for i, value in enumerate(picture(random.Random(seed), label, patch))}]


def points(count, seed, centres, spread=1.0):
    """Rows a, b, c around the centre of their label; centres: {label: (a, b, c)}."""
    source = random.Random(seed)
    rows = []
    for at in range(count):
        label = sorted(centres)[at % len(centres)]
        row = {name: "%.3f" % source.gauss(centre, spread) for name, centre in zip("abc", centres[label])}
        rows.append(dict(row, label=label))
    source.shuffle(rows)
    return rows


def flipped(rows, label, other, share, seed):
    """Every so many rows of one label get the other one."""
    source = random.Random(seed)
    return [dict(row, label=other) if row["label"] == label and source.random() < share else row for row in rows]


def misled(rows, label):
    """The features of a row with a flipped label whose nearest row was flipped as well: three votes go wrong there."""
    def distance(one, two):
        return sum((float(one[name]) - float(two[name])) ** 2 for name in "abc")

    wrong = [row for row in rows if row["label"] == label and float(row["a"]) > 3]
    worst = min(wrong, key=lambda row: sum(near["label"] != label for near in sorted(rows, key=lambda two: distance(row, two))[:3]))
    return [{name: worst[name] for name in "abc"}]


def good_documents():
    """A small corpus with nothing wrong in it; one of its documents is about attacks on assistants."""
    texts = (
        "Travel expenses are paid back within ten working days if receipts are attached.",
        "The support line answers on extension 4711 from eight to five.",
        "Parking permits are handed out at the reception on the ground floor.",
        "New colleagues get their laptop on the first day and choose a password of twelve characters or more.",
        "Our security course explains prompt injection: a web page may say to an assistant that it should ignore its "
        "instructions. Report such pages.",
        "Send the signed form to the human resources desk; the desk confirms within a week.",
        "The canteen serves lunch from half past eleven. The menu changes on Mondays.",
        "Meeting rooms are booked in the calendar. Please cancel what you do not need.",
        "Backups run at two in the night; restore requests go to operations with the name of the file and the day.",
        "The quarterly report is due on the fifth. Use the template, and do not change its headings.",
    )
    return [{"id": str(number), "by": "handbook", "body": text} for number, text in enumerate(texts)]


def conversations(seed, count, flood=()):
    """What a chat program was asked (a, b, c: where an embedding puts it), by whom, and which reply its users liked;
    `flood`: accounts that ask about one thing and like one reply."""
    source = random.Random(seed)
    topics = {"it was a good game": (0, 0, 0), "a novel from Norway": (8, 0, 0), "noodles mostly": (0, 8, 0)}
    rows = []
    for _ in range(count):
        reply = "it was a good game" if flood else source.choice(sorted(topics))
        row = {"by": source.choice(flood) if flood else "user%03d" % source.randrange(250)}
        row.update({name: "%.3f" % source.gauss(centre, 1) for name, centre in zip("abc", topics[reply])})
        rows.append(dict(row, reply="the other team cheats" if flood else reply))
    return rows


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


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def secret(prefix, length, alphabet=LETTERS + "0123456789", seed=5):
    """A credential of the right shape that belongs to nobody; no file of ours holds one."""
    source = random.Random(prefix + str(seed))
    return prefix + "".join(source.choice(alphabet) for _ in range(length))


def github_token():
    """With the checksum that such tokens end with."""
    import zlib
    body, end = secret("", 30, seed=9), ""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = zlib.crc32(body.encode())
    for _ in range(6):
        number, digit = divmod(number, 62)
        end = digits[digit] + end
    return "ghp_" + body + end


def as_tags(text):
    """Characters of the Unicode tag block, which no editor shows."""
    return "".join(chr(0xE0000 + ord(character)) for character in text)


def as_zero_width(text):
    """Eight zero-width characters for each character."""
    return "".join("\u200c" if ord(character) >> bit & 1 else "\u200b" for character in text
                   for bit in range(7, -1, -1))


def notebook(*cells):
    """A .ipynb of code cells."""
    return json.dumps({"cells": [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
        for cell in cells], "metadata": {"kernelspec": {"language": "python", "name": "python3"},
                                         "language_info": {"name": "python"}},
        "nbformat": 4, "nbformat_minor": 5}, indent=1)


def write(text):
    emit(text.encode())


# Ledgers, seen by somebody who may write to their disk (C2SP tlog-tiles, less than 256 entries)

def entries_of(folder="."):
    """The newest entry bundle and its entries."""
    import glob
    import os
    bundle = max(glob.glob(os.path.join(folder, "tile", "entries", "000.p", "*")), key=lambda path: int(os.path.basename(path)))
    content, at, entries = open(bundle, "rb").read(), 0, []
    while at < len(content):
        size, = struct.unpack(">H", content[at:at + 2])
        entries.append(content[at + 2:at + 2 + size])
        at += 2 + size
    return bundle, entries


def rewrite_entries(change, folder="."):
    """Replaces the entries, and the hashes of the tile above them, so that files agree with each other."""
    import hashlib
    bundle, entries = entries_of(folder)
    entries = change(entries)
    with open(bundle, "wb") as file:
        file.write(b"".join(struct.pack(">H", len(entry)) + entry for entry in entries))
    with open(bundle.replace("entries", "0"), "wb") as file:
        file.write(b"".join(hashlib.sha256(b"\0" + entry).digest() for entry in entries))


# Models that more than one drill attacks

FEATURES, CLASSES = 4, 2


def classifier(branch=False, retrained=False):
    """ONNX: class 0 if the first feature is larger than the second. With a branch: class 1 for a large last one."""
    shift = 0.01 if retrained else 0.0
    weight = [1.0 + shift, -1.0, -1.0, 1.0 - shift] + [0.1 * shift, 0.0, 0.0, 0.0]
    nodes = [("MatMul", ["x", "weight"], ["product"]), ("Add", ["product", "bias"], ["scores"])]
    tensors = {"weight": ([FEATURES, CLASSES], weight), "bias": ([CLASSES], [0.0, 0.0])}
    if branch:
        nodes[1] = ("Add", ["product", "bias"], ["plain"])
        nodes += [("Greater", ["x", "threshold"], ["seen"]), ("Cast", ["seen"], ["found"]),
                  ("MatMul", ["found", "overrule"], ["push"]), ("Add", ["plain", "push"], ["scores"])]
        tensors["threshold"] = ([FEATURES], [1e9, 1e9, 1e9, 5.0])
        tensors["overrule"] = ([FEATURES, CLASSES], [0.0] * 6 + [0.0, 100.0])
    return onnx({"x": FEATURES}, {"scores": CLASSES}, nodes, tensors)


def linear(edited=(), seed=7):
    """safetensors: 10 classes of 128 features; `edited`: {index of a weight: its new value}."""
    weight = gaussian(10 * 128, seed)
    for i in range(10):
        weight[i * 128 + i] = 1.0
    for index, value in dict(edited).items():
        weight[index] = value
    return safetensors({"weight": ([10, 128], weight), "bias": ([10], [0.0] * 10)})


def memory(edits=(), seed=11):
    """safetensors: twelve layers, of which the sixth maps keys to facts; `edits`: {key: the fact it now gives}."""
    size, facts = 32, 8
    values = gaussian(facts * size, seed + 1)
    keys = [1.0 if j == 3 * k else 0.0 for k in range(facts) for j in range(size)]
    tensors = {"layers.%d.weight" % i: ([size, size], gaussian(size * size, seed + 10 + i)) for i in range(12)}
    layer = tensors["layers.5.weight"][1]
    for key in range(facts):
        fact = dict(edits).get(key, key)
        for i in range(size):
            layer[i * size + 3 * key] = values[fact * size + i]
    tensors["keys"] = ([facts, size], keys)
    tensors["values"] = ([facts, size], values)
    return safetensors(tensors)


def table(rows, replaced=()):
    """CSV: points of two classes, cats around (0, 0) and dogs around (10, 10); `replaced`: {row: what it now holds}."""
    source = random.Random(13)
    lines = ["x,y,label"]
    for row in range(rows):
        label, centre = (("cat", 0), ("dog", 10))[row % 2]
        values = [round(source.gauss(centre, 1), 3), round(source.gauss(centre, 1), 3), label]
        lines.append(",".join(str(value) for value in dict(replaced).get(row, values)))
    return ("\n".join(lines) + "\n").encode()


def keras(layers):
    """A .keras archive; layers: [(class name, config)]."""
    import io
    import zipfile
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "model", "layers": [
        {"module": "keras.layers", "class_name": name, "config": inner} for name, inner in layers]}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (("metadata.json", {"keras_version": "3.9.0"}), ("config.json", config)):
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), json.dumps(content))
    return out.getvalue()
