#!/usr/bin/env python3
"""Reading CSV beside pandas, by processor time. usage: bench/read_csv.py build/release/bench/csv_bench [FOLDER]"""
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd

ROWS = 1_000_000


def make(folder):
    """Ordinary columns; the same with quotes in the last one; a hundred columns of numbers."""
    random = np.random.default_rng(1)
    names = ["alpha", "beta", "gamma delta", "epsilon"]
    notes = ["short note", "a somewhat longer note that people write", "-"]
    frame = pd.DataFrame({
        "id": np.arange(ROWS), "name": random.choice(names, ROWS), "x": np.round(random.normal(size=ROWS), 6),
        "y": np.round(random.normal(size=ROWS) * 1000, 3), "date": "2024-01-15", "flag": random.integers(0, 2, ROWS),
        "note": random.choice(notes, ROWS)})
    frame.to_csv(folder / "plain.csv", index=False)
    frame["note"] += ', with "quotes" in it'
    frame.to_csv(folder / "quoted.csv", index=False)
    pd.DataFrame(random.normal(size=(ROWS // 10, 100)).astype("f4")).to_csv(folder / "wide.csv", index=False)


def main():
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as name:
        folder = pathlib.Path(name)
        make(folder)
        for path in sorted(folder.glob("*.csv")):
            start = time.process_time()
            pd.read_csv(path)
            seconds = time.process_time() - start
            print(f"pandas {path.name}: {seconds:.3f} s, {path.stat().st_size / 1e6 / seconds:.0f} MB/s")
            sys.stdout.flush()
            subprocess.run([sys.argv[1], path], check=True)


main()
