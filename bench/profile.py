#!/usr/bin/env python3
"""Profiles of CSV files beside pandas: read_csv, describe() of all columns and nunique(), in one run.

usage: profile.py PROFILE_BENCH [FOLDER]   (needs numpy and pandas for the inputs and the peer)
"""
import pathlib
import subprocess
import sys
import time

import numpy
import pandas


def numbers(rows, draw):
    table = pandas.DataFrame({f"x{i}": numpy.round(draw.normal(100, 30, rows), 3) for i in range(6)})
    table["k"] = draw.integers(0, 100_000, rows)
    table["level"] = draw.integers(0, 17, rows)
    table["full"] = draw.random(rows)
    table["id"] = numpy.arange(rows)
    return table


def mixed(rows, draw):
    towns = numpy.array([f"Town{i}" for i in range(3000)])
    table = pandas.DataFrame({
        "id": numpy.arange(rows),
        "name": numpy.array(["anna", "bob", "carl", "dora", "eve", "frank"])[draw.integers(0, 6, rows)],
        "town": towns[numpy.minimum(draw.zipf(1.3, rows), 2999)],
        "age": draw.integers(18, 95, rows),
        "income": numpy.round(draw.lognormal(10, 1, rows), 2),
        "date": pandas.to_datetime("2015-01-01") + pandas.to_timedelta(draw.integers(0, 3000, rows), unit="D"),
        "code": [f"{chr(65 + a)}{b:02d}-{c:03d}" for a, b, c in zip(
            draw.integers(0, 26, rows), draw.integers(0, 100, rows), draw.integers(0, 1000, rows))],
        "flag": numpy.where(draw.random(rows) < 0.3, "true", "false"),
        "note": [f"the quick brown fox jumps over {i} dogs and more words follow here" for i in range(rows)],
    })
    table.loc[draw.random(rows) < 0.05, "income"] = numpy.nan
    return table


def levels(rows, draw):
    return pandas.DataFrame(draw.integers(0, 17, (rows, 64)).astype(float))


def main():
    program = sys.argv[1]
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build/bench/profile")
    folder.mkdir(parents=True, exist_ok=True)
    for name, make, rows in (("numbers", numbers, 600_000), ("mixed", mixed, 500_000), ("levels", levels, 200_000)):
        path = folder / f"{name}.csv"
        if not path.exists():
            make(rows, numpy.random.default_rng(0)).to_csv(path, index=False)
        begin = time.process_time()
        table = pandas.read_csv(path)
        read = time.process_time() - begin
        table.describe(include="all")
        table.nunique()
        spent = time.process_time() - begin
        size = path.stat().st_size / 1e6
        subprocess.run([program, str(path)], check=True)
        print(f"  pandas: read_csv {size / read:.0f} MB/s, with describe and nunique {size / spent:.0f} MB/s (cpu)",
              flush=True)


if __name__ == "__main__":
    main()
