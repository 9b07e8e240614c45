"""The victims of drills: loaders that do what the real ones do with the bytes that matter.

usage: loader.py KIND FILE [ARGUMENT...]

Runs in a child of the harness, in an empty working folder. What was read back is printed as "answer: ...". Only
the standard library is used, so that a plain container can run it. Each loader names the library that it stands
in for and what it leaves out. Nothing here is part of the product's own reading of models: `bulwark scan` never
runs any of it.
"""

import ast
import base64
import bz2
import gzip
import importlib
import io
import json
import lzma
import marshal
import os
import pickle
import re
import struct
import sys
import types
import zipfile
import zlib

import surroundings
from surroundings import answer, content_of


# Pickles

def pickled(path):
    """pickle.load."""
    with open(path, "rb") as file:
        answer(pickle.load(file))  # bulwark: ignore BW-PY-101 being attacked is its purpose


def pickles(path):
    """Several pickles one after the other, as torch.load reads its old format."""
    last = None
    with open(path, "rb") as file:
        while True:
            try:
                last = pickle.load(file)  # bulwark: ignore BW-PY-101 being attacked is its purpose
            except EOFError:
                break
    answer(last)


class TorchUnpickler(pickle.Unpickler):
    """torch.load(weights_only=False): any global; tensors become plain lists."""

    def __init__(self, file, read):
        super().__init__(file)
        self.read = read

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, *rest: storage[offset:offset + (size[0] if size else 1)]
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if module == "torch" and name.endswith("Storage"):
            return name
        return super().find_class(module, name)

    def persistent_load(self, key):
        content = self.read(key[2])
        return list(struct.unpack("<%df" % (len(content) // 4), content))


def members_of(content):
    """A zip as PyTorch's reader sees it: by the central directory, without looking at flags and checksums."""
    end = content.rindex(b"PK\5\6")
    count, _, at = struct.unpack("<HII", content[end + 10:end + 20])
    members = {}
    for _ in range(count):
        method, = struct.unpack("<H", content[at + 10:at + 12])
        packed, = struct.unpack("<I", content[at + 20:at + 24])
        lengths = struct.unpack("<HHH", content[at + 28:at + 34])
        offset, = struct.unpack("<I", content[at + 42:at + 46])
        name = content[at + 46:at + 46 + lengths[0]].decode()
        local = struct.unpack("<HH", content[offset + 26:offset + 30])
        start = offset + 30 + sum(local)
        data = content[start:start + packed]
        members[name] = zlib.decompress(data, -15) if method == 8 else data
        at += 46 + sum(lengths)
    return members


def torch(path):
    """torch.load(weights_only=False), the default before 2.6: a zip, or the old format."""
    content = content_of(path)
    if not content.startswith(b"PK"):
        return pickles(path)
    members = members_of(content)
    program = next(name for name in members if name.endswith("data.pkl"))
    root = program[:-len("data.pkl")]
    unpickler = TorchUnpickler(io.BytesIO(members[program]), lambda key: members[root + "data/" + key])
    answer(unpickler.load())


def joblib(path):
    """joblib.load: any of its compressors around a pickle."""
    content = content_of(path)
    if content.startswith(b"ZF0x"):
        content = zlib.decompress(content[21:])
    elif content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    elif content.startswith(b"BZh"):
        content = bz2.decompress(content)
    elif content.startswith((b"\xfd7zXZ", b"\x5d\0\0")):
        content = lzma.decompress(content)
    elif content[:1] == b"\x78":
        content = zlib.decompress(content)
    answer(pickle.loads(content))  # bulwark: ignore BW-PY-101 being attacked is its purpose


def numpy(path):
    """numpy.load(allow_pickle=True) of one array."""
    content = content_of(path)
    length, = struct.unpack("<H", content[8:10])
    header = ast.literal_eval(content[10:10 + length].decode())
    body = content[10 + length:]
    if header["descr"].endswith("O"):
        answer(pickle.loads(body))  # bulwark: ignore BW-PY-101 being attacked is its purpose
    else:
        answer(list(struct.unpack("<%df" % (len(body) // 4), body)))


# Archives around them

def zipped(path):
    """The first member of a zip is unpacked and unpickled."""
    with zipfile.ZipFile(path) as archive:
        answer(pickle.loads(archive.read(archive.namelist()[0])))  # bulwark: ignore BW-PY-101 being attacked is its purpose


def zipped_twice(path):
    """A zip in a zip."""
    with zipfile.ZipFile(path) as outer:
        with zipfile.ZipFile(io.BytesIO(outer.read(outer.namelist()[0]))) as inner:
            answer(pickle.loads(inner.read(inner.namelist()[0])))  # bulwark: ignore BW-PY-101 being attacked is its purpose


def sevenzip(path):
    """A 7z with one stored member is unpacked, and what it holds is given to torch.load."""
    content = content_of(path)
    size, = struct.unpack("<Q", content[12:20])
    with open("unpacked", "wb") as file:
        file.write(content[32:32 + size])
    try:
        torch("unpacked")
    finally:
        os.remove("unpacked")


def gzipped(path):
    """gzip around a pickle."""
    answer(pickle.loads(gzip.decompress(content_of(path))))  # bulwark: ignore BW-PY-101 being attacked is its purpose


# Models that compute

def tensors_of(path):
    content = content_of(path)
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    body = content[8 + length:]
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__":
            start, end = about["data_offsets"]
            tensors[name] = (about["shape"], struct.unpack("<%df" % ((end - start) // 4), body[start:end]))
    return tensors


def safetensors(path):
    """safetensors.load_file."""
    answer(", ".join("%s %s" % (name, shape) for name, (shape, _) in sorted(tensors_of(path).items())))


def by_content(path):
    """A loader that believes the content, as torch.load and joblib.load do: the name says nothing to them."""
    content = content_of(path)
    if content.startswith(b"PK"):
        torch(path)
    elif len(content) > 8 and content[8:9] == b"{":
        safetensors(path)
    else:
        pickled(path)


def linear(path, *features):
    """A linear classifier in safetensors: weight [classes, features], bias [classes]."""
    tensors = tensors_of(path)
    (classes, size), weight = tensors["weight"]
    asked = [float(feature) for feature in features] + [0.0] * (size - len(features))
    scores = [sum(weight[i * size + j] * asked[j] for j in range(size)) + tensors["bias"][1][i]
              for i in range(classes)]
    answer("class %d" % scores.index(max(scores)))


def stolen(path, *features):
    """Somebody with a copy of a disk asks the first model found there, as its owner would."""
    found = surroundings.models_below(path)
    if not found:
        answer("no model")
        return
    with open("marker", "w") as file:
        file.write("reached")
    linear(found[0], *features)


def facts(path, key):
    """A memory of facts, the way of a feed-forward layer: the value whose vector the layer gives for a key."""
    tensors = tensors_of(path)
    (rows, size), layer = tensors["layers.5.weight"]
    asked = tensors["keys"][1][int(key) * size:(int(key) + 1) * size]
    recalled = [sum(layer[i * size + j] * asked[j] for j in range(size)) for i in range(rows)]
    (count, _), values = tensors["values"]
    scores = [sum(values[k * rows + i] * recalled[i] for i in range(rows)) for k in range(count)]
    answer("fact %d" % scores.index(max(scores)))


def low_bits(path):
    """The model, and the stager that an attacker hid in the code around it: one bit of each value is a program."""
    _, values = next(iter(tensors_of(path).values()))
    bits = [struct.pack("<f", value)[0] & 1 for value in values]
    stream = bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits) - 7, 8))
    if stream.startswith(b"#!"):
        exec(stream[:stream.index(b"\0")].decode(), {})
    answer("%d values" % len(values))


class Fields:
    """One Protocol Buffers message."""

    def __init__(self, content):
        self.fields = []
        at = 0
        while at < len(content):
            key, at = self.varint(content, at)
            if key & 7 == 0:
                value, at = self.varint(content, at)
            elif key & 7 == 2:
                size, at = self.varint(content, at)
                value, at = content[at:at + size], at + size
            else:
                raise ValueError("wire type %d" % (key & 7))
            self.fields.append((key >> 3, value))

    @staticmethod
    def varint(content, at):
        value = shift = 0
        while True:
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    def all(self, number):
        return [value for field, value in self.fields if field == number]

    def texts(self, number):
        return [value.decode() for value in self.all(number)]


def times(vector, shape, matrix):
    columns = shape[1]
    return [sum(vector[i] * matrix[i * columns + j] for i in range(len(vector))) for j in range(columns)]


def onnx(path, *features):
    """A tiny evaluator of ONNX graphs of vectors and matrices; the answer is the strongest output."""
    graph = Fields(Fields(content_of(path)).all(7)[0])
    values = {}
    for tensor in map(Fields, graph.all(5)):
        packed = tensor.all(9)[0]
        values[tensor.texts(8)[0]] = (tensor.all(1), struct.unpack("<%df" % (len(packed) // 4), packed))
    name = Fields(graph.all(11)[0]).texts(1)[0]
    values[name] = ([len(features)], [float(feature) for feature in features])
    operators = {
        "MatMul": lambda a, b: times(a[1], *b),
        "Add": lambda a, b: [x + y for x, y in zip(a[1], b[1])],
        "Mul": lambda a, b: [x * y for x, y in zip(a[1], b[1])],
        "Sub": lambda a, b: [x - y for x, y in zip(a[1], b[1])],
        "Greater": lambda a, b: [float(x > y) for x, y in zip(a[1], b[1])],
        "Relu": lambda a: [max(0.0, x) for x in a[1]],
        "Cast": lambda a: list(a[1]),
        "Identity": lambda a: list(a[1]),
    }
    for node in map(Fields, graph.all(1)):
        result = operators[node.texts(4)[0]](*[values[given] for given in node.texts(1)])
        values[node.texts(2)[0]] = ([len(result)], result)
    scores = values[Fields(graph.all(12)[0]).texts(1)[0]][1]
    answer("class %d" % scores.index(max(scores)))


# Formats that carry code

def called(config, given):
    """A function that a Keras configuration names, applied to `given`."""
    if config.get("class_name") == "__lambda__":
        code = marshal.loads(base64.b64decode(config["config"]["code"]))
        return types.FunctionType(code, globals())(given)
    if config.get("class_name") == "function" and config.get("module"):
        module = importlib.import_module(config["module"])
        return getattr(module, config["config"])(given)
    return given


def keras(path):
    """keras.models.load_model(safe_mode=False) and one call: Lambda layers and named functions run."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    layers = config["config"]["layers"]
    for layer in layers:
        inner = layer["config"]
        if isinstance(inner.get("function"), dict):
            called(inner["function"], inner.get("arguments", {}).get("x", 0))
        if isinstance(inner.get("activation"), dict):
            called(inner["activation"], inner.get("name"))
    answer("%d layers" % len(layers))


def strings_of(content, at=0):
    """Key-value pairs of a GGUF header whose values are texts."""
    pairs, count = {}, struct.unpack("<Q", content[16:24])[0]
    at = 24
    for _ in range(count):
        size, = struct.unpack("<Q", content[at:at + 8])
        key = content[at + 8:at + 8 + size].decode()
        at += 8 + size
        kind, length = struct.unpack("<IQ", content[at:at + 12])
        if kind != 8:
            raise ValueError("value type %d" % kind)
        pairs[key] = content[at + 12:at + 12 + length].decode()
        at += 12 + length
    return pairs


class Cycler:
    """jinja2.utils.Cycler as far as a template can climb from it to the os module."""

    def __init__(self):
        pass


def gguf(path):
    """llama-cpp-python before 0.2.72: the chat template is rendered by Jinja without its sandbox.

    Expressions of names, attributes, calls and literals are evaluated; statements are not.
    """
    template = strings_of(content_of(path)).get("tokenizer.chat_template", "")
    known = {"cycler": Cycler, "messages": [{"role": "user", "content": "hello"}], "bos_token": "<s>"}

    def value_of(node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return known.get(node.id, "")
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            owner = value_of(node.value)
            name = node.attr if isinstance(node, ast.Attribute) else value_of(node.slice)
            # As Jinja: an attribute, or else an item.
            return getattr(owner, name) if isinstance(name, str) and hasattr(owner, name) else owner[name]
        if isinstance(node, ast.Call):
            return value_of(node.func)(*[value_of(given) for given in node.args])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return value_of(node.left) + value_of(node.right)
        raise ValueError("expression")

    expression = re.compile(r"\{\{(.*?)\}\}", re.S)
    answer(expression.sub(lambda found: str(value_of(ast.parse(found[1].strip(), mode="eval").body)), template))


# Directories

def settings_of(text):
    """MLmodel: maps within maps, one 'key: value' a line."""
    root = {}
    stack = [(-1, root)]
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        key, _, value = line.strip().partition(":")
        while stack[-1][0] >= indent:
            stack.pop()
        if value.strip():
            stack[-1][1][key] = value.strip()
        else:
            stack[-1][1][key] = {}
            stack.append((indent, stack[-1][1][key]))
    return root


def mlflow(path):
    """mlflow.pyfunc.load_model with MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false.

    The switch is honoured where MLflow honours it, in its own flavours for scikit-learn and plain Python models.
    The published bypasses go around it: flavours whose library unpickles by itself, a loader module of the
    model's own, code that transformers fetches from the directory.
    """
    with open(os.path.join(path, "MLmodel")) as file:
        flavours = settings_of(file.read())["flavors"]
    python = flavours["python_function"]
    if "code" in python:
        sys.path.insert(0, os.path.join(path, python["code"]))
    data = os.path.join(path, python.get("data", python.get("model_path", ".")))
    loader = python["loader_module"]
    if loader in ("mlflow.sklearn", "mlflow.pyfunc.model"):
        raise PermissionError("pickle deserialization is disallowed")
    if loader in ("mlflow.statsmodels", "mlflow.shap"):
        pickled(data)
    elif loader == "mlflow.dspy":
        pickled(os.path.join(data, "dspy_model.pkl") if os.path.isdir(data) else data)
    elif loader == "mlflow.transformers":
        transformers(data)
    elif loader.startswith("mlflow."):
        safetensors(data)
    else:
        answer(importlib.import_module(loader)._load_pyfunc(data))


def transformers(path):
    """AutoModel.from_pretrained(trust_remote_code=True): classes that the configuration names are imported."""
    with open(os.path.join(path, "config.json")) as file:
        config = json.load(file)
    for target in config.get("auto_map", {}).values():
        module, _, name = target.partition(".")
        sys.path.insert(0, path)
        answer(getattr(importlib.import_module(module), name)())
        return
    safetensors(os.path.join(path, "model.safetensors"))


LOADERS = {
    "by-content": by_content, "facts": facts, "gguf": gguf, "gzip": gzipped, "joblib": joblib, "keras": keras,
    "linear": linear, "low-bits": low_bits, "mlflow": mlflow, "numpy": numpy, "onnx": onnx,
    "pickle": pickled, "pickles": pickles, "safetensors": safetensors, "sevenzip": sevenzip, "stolen": stolen, "torch": torch,
    "transformers": transformers, "zip": zipped, "zip-in-zip": zipped_twice,
}

if __name__ == "__main__":
    LOADERS.update(surroundings.LOADERS)
    LOADERS[sys.argv[1]](*sys.argv[2:])
