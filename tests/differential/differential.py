#!/usr/bin/env python3
"""Generated pickles, loaded by real CPythons in a locked-down child and read by the pickle machine.

    differential.py --driver machine_events [--seed N] [--count N] [--keep DIR] [--python PATH]...

Any import or call that CPython makes and the machine does not report is a failure. The payloads are functions of a
module that only records; the child refuses every other import, processes, sockets and files outside of its folder.
"""
import argparse
import glob
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77  # told to ctest

RECORDER = '''
calls = []
def _make(name):
    def function(*args, **kwargs):
        calls.append(name)
        return args[0] if args else None
    function.__name__ = function.__qualname__ = name
    return function
f0, f1, f2, f3 = (_make("f%d" % i) for i in range(4))
class C:
    def __init__(self, *args): calls.append("C")
    def __setstate__(self, state): calls.append("C.build")
    def __call__(self, *args): calls.append("C.call")
class D(dict):
    def __new__(cls, *args, **kwargs):
        calls.append("D")
        return dict.__new__(cls)
'''

CHILD = '''
import io, json, resource, sys
sys.path.insert(0, ".")
import recorder
import _pickle, codecs, encodings.latin_1, encodings.ascii
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (25, 25))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
SAFE = {"list", "dict", "tuple", "set", "int", "str", "len", "bytearray", "complex", "object"}
blocked = ("os.", "subprocess.", "socket.", "exec", "compile", "shutil.", "ctypes.", "import", "open")
armed = False
def audit(event, args):
    if armed and event.startswith(blocked):
        raise RuntimeError("blocked " + event)
sys.addaudithook(audit)
class Loader(_pickle.Unpickler):
    def find_class(self, module, name):
        found.append((module, name))
        if module == "recorder" and name in ("f0", "f1", "f2", "f3", "C", "D"):
            return getattr(recorder, name)
        if module in ("builtins", "__builtin__") and name in SAFE:
            return __builtins__.__dict__[name]
        raise ImportError(name)
    def persistent_load(self, key):
        return key
out = []
for path in json.load(sys.stdin):
    content = open(path, "rb").read()
    found, recorder.calls = [], []
    armed = True
    error = ""
    try:
        Loader(io.BytesIO(content)).load()
    except BaseException as caught:
        error = type(caught).__name__
    armed = False
    out.append({"path": path, "imports": found, "calls": list(recorder.calls), "error": error})
print(json.dumps(out))
'''


class Generator:
    """Mostly valid programs: the depth of the stack is followed, types are not."""

    def __init__(self, rng):
        self.rng = rng
        self.out = bytearray()
        self.depth = [0]
        self.memo = []
        self.protocol = rng.randrange(6)

    def push(self, data, count=1):
        self.out += data
        self.depth[-1] += count

    def text(self, text):
        raw = text.encode()
        if self.protocol >= 4 and self.rng.random() < .6:
            self.push(b"\x8c" + bytes([len(raw)]) + raw)
        elif self.protocol >= 1 and self.rng.random() < .6:
            self.push(b"X" + struct.pack("<I", len(raw)) + raw)
        else:
            self.push(b"V" + raw + b"\n" if self.rng.random() < .7 else b"S'" + raw + b"'\n")

    def name(self):
        if self.rng.random() < .75:
            return "recorder", self.rng.choice(["f0", "f1", "f2", "f3", "C", "D"])
        return self.rng.choice(["builtins", "__builtin__"]), self.rng.choice(["list", "dict", "set", "str", "len", "object"])

    def reference(self):
        module, name = self.name()
        if self.rng.random() < .5:
            self.push(f"c{module}\n{name}\n".encode())
        else:
            self.text(module)
            if self.rng.random() < .3:
                self.remember()
            self.text(name)
            self.out += b"\x93"
            self.depth[-1] -= 1

    def remember(self):
        key = self.rng.randrange(300)
        kind = self.rng.randrange(4)
        if kind == 0:
            key = len(set(self.memo))
            self.out += b"\x94"
        elif kind == 1:
            self.out += f"p{key}\n".encode()
        elif kind == 2 and key < 256:
            self.out += b"q" + bytes([key])
        else:
            self.out += b"r" + struct.pack("<I", key)
        self.memo.append(key)

    def recall(self):
        key = self.rng.choice(self.memo)
        if self.rng.random() < .3:
            self.push(f"g{key}\n".encode())
        elif key < 256:
            self.push(b"h" + bytes([key]))
        else:
            self.push(b"j" + struct.pack("<I", key))

    def scalar(self):
        self.push(self.rng.choice([b"N", b"K\x05", b"M\x01\x02", b"J\xff\xff\xff\xff", b"I7\n", b"I0x1f\n", b"I01\n", b"L12L\n", b"F1.5\n",
                                   b"G" + struct.pack(">d", 2.5), b"\x88", b"\x89", b"\x8a\x01\x07", b")", b"]", b"}",
                                   b"\x8f", b"C\x02ab", b"U\x02ab", b"B\x02\x00\x00\x00ab"]))

    def arguments(self):
        for _ in range(self.rng.randrange(3)):
            self.step()
        have = min(self.depth[-1], self.rng.randrange(4))
        if have == 0:
            self.push(b")")
        else:
            self.out += b"\x85\x86\x87"[have - 1:have]
            self.depth[-1] += 1 - have

    def call(self):
        self.reference()
        kind = self.rng.randrange(6)
        if kind <= 2:
            base = self.depth[-1]
            self.push(b"(", 0)
            for _ in range(self.rng.randrange(3)):
                self.scalar()
            self.out += b"t"
            self.depth[-1] = base + 1
            self.out += b"R" if kind else b"\x81"
            self.depth[-1] -= 1
        elif kind == 3:
            self.push(b")")
            self.push(b"}")
            self.out += b"\x92"
            self.depth[-1] -= 2
        elif kind == 4:
            self.push(b")")
            self.out += b"R}b"
            self.depth[-1] -= 1
        else:
            module, name = self.name()
            self.out += b"0("
            self.depth[-1] -= 1
            if self.rng.random() < .5:
                self.out += f"i{module}\n{name}\n".encode()
            else:
                self.out += f"c{module}\n{name}\nK\x01o".encode()
            self.depth[-1] += 1

    def step(self):
        roll = self.rng.random()
        if roll < .30:
            self.call()
        elif roll < .55:
            self.scalar()
        elif roll < .63:
            self.text(self.rng.choice(["a", "recorder", "f0", "x" * 40]))
        elif roll < .73 and self.depth[-1] > 0:
            self.remember()
        elif roll < .82 and self.memo:
            self.recall()
        elif roll < .87 and self.depth[-1] > 0:
            self.push(b"2")
        elif roll < .92 and self.depth[-1] > 1:
            self.push(b"0", -1)
        elif roll < .95:
            self.out += b"("
            for _ in range(self.rng.randrange(3)):
                self.scalar()
                self.depth[-1] -= 1
            self.push(self.rng.choice([b"t", b"l", b"1"]), 1)
            if self.out[-1:] == b"1":
                self.depth[-1] -= 1
        else:
            self.reference()

    def build(self):
        if self.protocol >= 2:
            self.out += b"\x80" + bytes([self.protocol])
        for _ in range(self.rng.randrange(2, 30)):
            self.step()
        if self.depth[-1] <= 0:
            self.scalar()
        self.out += b"."
        body = bytes(self.out)
        if self.protocol >= 4 and self.rng.random() < .5:
            size = len(body) - 2 if self.rng.random() < .8 else self.rng.randrange(len(body))
            body = body[:2] + b"\x95" + struct.pack("<Q", size) + body[2:]
        if self.rng.random() < .3:
            damaged = bytearray(body)
            for _ in range(self.rng.randrange(1, 4)):
                damaged[self.rng.randrange(len(damaged))] = self.rng.randrange(256)
            body = bytes(damaged[:self.rng.randrange(1, len(damaged) + 1)] if self.rng.random() < .3 else damaged)
        return body


def readable(digits):
    return bytes.fromhex(digits).decode("utf-8", "backslashreplace").replace("__builtin__", "builtins")


def interpreters(given):
    if given:
        return given
    found = [sys.executable, *sorted(p for p in glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3"))
                                     if "/3.6." not in p and "/3.7." not in p)]  # these lack audit hooks
    return [p for p in dict.fromkeys(found) if os.access(p, os.X_OK)]


def run_child(python, folder, paths):
    answer = subprocess.run([python, "-I", "-S", "-c", CHILD.replace('sys.path.insert(0, ".")', f"sys.path.insert(0, {folder!r})")],
                            input=json.dumps(paths).encode(), capture_output=True, cwd=folder, env={}, timeout=50)
    if answer.returncode != 0:
        raise RuntimeError(f"{python}: {answer.stderr.decode(errors='replace')[-400:]}")
    return json.loads(answer.stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--driver", required=True)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=3000)
    options.add_argument("--keep", help="folder for samples that disagree")
    options.add_argument("--python", action="append", default=[])
    options = options.parse_args()
    if sys.version_info < (3, 8):
        print("skipped: needs python 3.8 (audit hooks)")
        return SKIPPED
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "recorder.py"), "w") as file:
            file.write(RECORDER)
        paths = []
        for number in range(options.count):
            path = os.path.join(folder, f"{number}.pkl")
            with open(path, "wb") as file:
                file.write(Generator(random.Random(rng.random())).build())
            paths.append(path)
        said = {path: set() for path in paths}
        for begin in range(0, len(paths), 1000):
            output = subprocess.run([options.driver, *paths[begin:begin + 1000]], capture_output=True, check=True)
            for line in output.stdout.decode(errors="replace").splitlines():
                path, kind, module, name = line.split("\t")
                said[path].add((kind, readable(module), readable(name)))
        bad = 0
        loaded = 0
        compared = 0
        for python in interpreters(options.python):
            try:
                results = run_child(python, folder, paths)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"not asked: {error}")
                continue
            loaded += sum(not r["error"] for r in results)
            for result in results:
                events = said[result["path"]]
                named = {(m, n) for _, m, n in events}
                invoked = {n for kind, m, n in events if kind in ("call", "make", "build") and m == "recorder"}
                compared += len(result["imports"]) + len(result["calls"])
                missing = [f"import {m}.{n}" for m, n in result["imports"]
                            if (m.replace("__builtin__", "builtins"), n) not in named]
                missing += [f"call {c}" for c in result["calls"] if c.partition(".")[0] not in invoked]
                if not missing:
                    continue
                bad += 1
                if bad <= 20:
                    content = open(result["path"], "rb").read()
                    print(f"{python}: the machine missed {sorted(set(missing))} in {content.hex()}")
                    if options.keep:
                        os.makedirs(options.keep, exist_ok=True)
                        with open(os.path.join(options.keep, os.path.basename(result["path"])), "wb") as file:
                            file.write(content)
        print(f"seed {options.seed}: {options.count} pickles, {len(interpreters(options.python))} interpreters, "
              f"{loaded} complete loads, {compared} imports and calls, {bad} disagreements")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
