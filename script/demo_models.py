"""Writes two models in PyTorch's zip format with the standard library: tiny.pt (benign) and resnet.pt (hostile).

The hostile one differs in one object: its pickle calls os.system to touch a file named "marker" when it is loaded.
Neither is loaded here.
"""

import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path


class Global:
    """Stands for a callable by name, so that nothing needs to be installed or imported."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Call:
    """Pickles as REDUCE: callable(*arguments), to be called by whoever loads the file."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


class Pickler(pickle._Pickler):
    """Writes GLOBAL and REDUCE for the classes above, and persistent ids for storages, as torch.save does."""

    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", Global("torch", "FloatStorage"), value.key, "cpu", value.count)
        return None

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Global):
            self.write(b"c" + value.module.encode() + b"\n" + value.name.encode() + b"\n")
        elif isinstance(value, Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(b"R")
        else:
            super().save(value, save_persistent_id)


def tensor(key, shape):
    count, stride = 1, []
    for size in reversed(shape):
        stride.insert(0, count)
        count *= size
    return Call(Global("torch._utils", "_rebuild_tensor_v2"), Storage(key, count), 0, tuple(shape), tuple(stride),
                False, OrderedDict())


def write_model(path, state, weights):
    name = path.stem
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(f"{name}/data.pkl", "w") as file:
            Pickler(file, protocol=2).dump(state)
        archive.writestr(f"{name}/byteorder", "little")
        for key, values in weights.items():
            archive.writestr(f"{name}/data/{key}", struct.pack(f"<{len(values)}f", *values))
        archive.writestr(f"{name}/version", "3\n")


def main():
    folder = Path(sys.argv[1])
    weights = {"0": [0.1 * i for i in range(12)], "1": [0.0, 0.5, 1.0]}
    state = OrderedDict([("fc.weight", tensor("0", (3, 4))), ("fc.bias", tensor("1", (3,)))])
    write_model(folder / "tiny.pt", state, weights)
    hostile = OrderedDict(state)
    hostile["fc.scale"] = Call(Global("os", "system"), "touch marker")
    write_model(folder / "resnet.pt", hostile, weights)


if __name__ == "__main__":
    main()
