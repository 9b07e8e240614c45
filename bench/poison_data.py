#!/usr/bin/env python3
"""Raw sets of images for poison_bench: given NPZ cases (x, y, is_poison), and further cases of its own.

usage: poison_data.py FOLDER [CASE.npz ...]
"""
import struct
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits


def write(path, x, y, poisoned):
    """x: rows x height x width, or rows x channels x height x width."""
    x = np.asarray(x, np.float32)
    if x.ndim == 3:
        x = x[:, None]
    rows, channels, height, width = x.shape
    with open(path, "wb") as out:
        out.write(struct.pack("4i", rows, height, width, channels))
        out.write(np.ascontiguousarray(x).tobytes())
        out.write(np.asarray(y, np.int32).tobytes())
        out.write(np.asarray(poisoned, np.uint8).tobytes())


def poisoned_digits(kind, seed, rate):
    random = np.random.RandomState(1000 + seed)
    digits = load_digits()
    x, y = digits.images.copy(), digits.target.copy()
    target = random.randint(10)
    chosen = random.choice(np.where(y != target)[0], int(rate * len(y)), replace=False)
    size = int(kind[-1]) if kind[-1].isdigit() else 2
    row, column = random.randint(0, 9 - size, 2)
    checker = (np.indices((size, size)).sum(0) % 2 == 0) * 16.0
    patches = {"white": np.full((size, size), 16.0), "checker": checker,
               "random": random.randint(0, 17, (size, size)).astype(float)}
    pattern = random.randint(0, 17, (8, 8))
    wave = 3 * np.sin(2 * np.pi * random.randint(1, 4) * np.arange(8) / 8 + random.rand() * 6.28)
    for i in chosen:
        if kind == "blend":
            x[i] = np.round(0.8 * x[i] + 0.2 * pattern)
        elif kind == "wave":
            x[i] = np.clip(np.round(x[i] + wave[None, :]), 0, 16)
        elif kind == "anywhere":
            r, c = random.randint(0, 7, 2)
            x[i][r:r + 2, c:c + 2] = [[16, 0], [0, 16]]
        else:
            x[i][row:row + size, column:column + size] = patches[kind.rstrip("12345")]
    y[chosen] = target
    flags = np.zeros(len(y), bool)
    flags[chosen] = True
    return x, y, flags


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in map(Path, sys.argv[2:]):
        case = np.load(path)
        write(folder / (path.stem + ".raw"), case["x"], case["y"], case["is_poison"])
    for kind in ["white1", "white3", "white4", "white5", "checker2", "random2", "random3", "random4", "blend", "wave",
                 "anywhere"]:
        for seed in range(3):
            for rate in (0.01, 0.03, 0.05, 0.1):
                write(folder / f"{kind}_s{seed}_r{round(100 * rate):02d}.raw", *poisoned_digits(kind, seed, rate))
    digits = load_digits()
    for seed in range(20):
        rows = np.random.RandomState(500 + seed).permutation(1797)[:[300, 450, 600, 900, 1297][seed % 5]]
        write(folder / f"clean_{len(rows)}_{seed}.raw", digits.images[rows], digits.target[rows], np.zeros(len(rows)))


if __name__ == "__main__":
    main()
