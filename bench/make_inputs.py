"""Writes the inputs of bench/compare.sh: python3 make_inputs.py FOLDER. Standard library only; nothing is loaded.

  tiny.pkl             a benign pickle of about 100 bytes
  opcodes_*.pkl        benign pickles of 0.2, 2 and 20 million opcodes
  torch_1gib.pt        a torch zip of 16 tensors of 64 MiB of zeros, sparse on disk
"""
import io
import os
import pickle
import struct
import sys
import types
import zlib


def rows(opcodes):
    """A list of dictionaries {"id": 7, "tag": "abcd"}; protocol 3, so without frames."""
    row = b"}(X\x02\0\0\0idK\x07X\x03\0\0\0tagX\x04\0\0\0abcdu"
    batch = b"(" + row * 1000 + b"e"  # 7 opcodes a row, and two around a batch
    yield b"\x80\x03]"
    for _ in range(opcodes // 7002):
        yield batch
    yield b"."


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


def state_dict(tensors, count):
    """What torch.save writes for {"layer0": tensor, …}, without torch."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})

    def _rebuild_tensor_v2(*_):
        raise NotImplementedError

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    sys.modules["torch"], sys.modules["torch._utils"] = torch, utils

    class Tensor:
        def __init__(self, key):
            self.storage = Storage(key, count)

        def __reduce__(self):
            return _rebuild_tensor_v2, (self.storage, 0, (count // 4096, 4096), (4096, 1), False, {})

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                return ("storage", torch.FloatStorage, value.key, "cpu", value.count)
            return None

    out = io.BytesIO()
    Pickler(out, 2).dump({f"layer{i}": Tensor(str(i)) for i in range(tensors)})
    del sys.modules["torch"], sys.modules["torch._utils"]
    return out.getvalue()


def sparse_torch_zip(path, tensors=16, size=64 << 20):
    zeros = 0
    block = bytes(1 << 20)
    for _ in range(size >> 20):
        zeros = zlib.crc32(block, zeros)
    members = [("archive/data.pkl", state_dict(tensors, size // 4), None), ("archive/version", b"3\n", None)]
    members += [(f"archive/data/{i}", None, size) for i in range(tensors)]
    directory = b""
    with open(path, "wb") as out:
        for name, content, length in members:
            crc = zlib.crc32(content) if content is not None else zeros
            length = len(content) if content is not None else length
            offset = out.tell()
            # Torch aligns the content of every member to 64 bytes with an extra field.
            padding = -(offset + 30 + len(name) + 4) % 64
            extra = struct.pack("<HH", 0x4246, padding) + b"Z" * padding
            fields = struct.pack("<HHHHHIIIH", 20, 0x800, 0, 0, 0, crc, length, length, len(name))
            out.write(b"PK\x03\x04" + fields + struct.pack("<H", len(extra)) + name.encode() + extra)
            if content is not None:
                out.write(content)
            else:
                out.seek(length, os.SEEK_CUR)  # a hole
            directory += (b"PK\x01\x02\x14\0" + fields + struct.pack("<HHHHII", 0, 0, 0, 0, 0, offset) + name.encode())
        start = out.tell()
        out.write(directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), start, 0))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/tiny.pkl", "wb") as out:
        out.write(pickle.dumps({"weights": [0.5, 0.25], "name": "linear", "bias": 0.125, "epoch": 3}, 4))
    for label, opcodes in (("0.2M", 200_000), ("2M", 2_000_000), ("20M", 20_000_000)):
        with open(f"{folder}/opcodes_{label}.pkl", "wb") as out:
            out.writelines(rows(opcodes))
    sparse_torch_zip(f"{folder}/torch_1gib.pt")


main()
