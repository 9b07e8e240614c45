#!/usr/bin/env python3
"""What each part of `bulwark assay` costs against rows and against columns: a table, and curves as SVG.

usage: assay_cost.py BULWARK [OUT.svg]      processor seconds of one thread, the lower of two runs; data made here
"""
import math
import os
import random
import resource
import subprocess
import sys
import tempfile

PARTS = ("profile", "pii", "labels", "leakage", "poison", "drift")
ROWS = (1_000, 3_000, 10_000, 30_000, 100_000)
COLUMNS = (4, 16, 64, 256)
FIXED_COLUMNS, FIXED_ROWS = 16, 10_000
COLOURS = ("#0a569f", "#b3541e", "#28724f", "#8a3d8f", "#6b6200", "#a3123f")


def write(path, rows, columns):
    draw = random.Random(rows * 1000 + columns)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(f"v{i}" for i in range(columns)) + ",y\n")
        for _ in range(rows):
            label = draw.randrange(3)
            file.write(",".join(f"{draw.gauss(2 * label, 1):.3f}" for _ in range(columns)) + f",{label}\n")


def cost(program, path, part):
    best = math.inf
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "assay", path, "--label", "y", "--only", part, "--jobs", "1", "--quiet"]
                       + (["--against", path] if part == "drift" else []), check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def measured(program, folder, sizes, shape):
    table = {part: [] for part in PARTS}
    for size in sizes:
        rows, columns = shape(size)
        path = os.path.join(folder, "data.csv")
        write(path, rows, columns)
        for part in PARTS:
            table[part].append(cost(program, path, part))
        print(f"{rows:>8} rows {columns:>4} columns " + "  ".join(f"{part} {table[part][-1]:8.3f}" for part in PARTS),
              flush=True)
    return table


def panel(left, title, unit, sizes, table):
    width, height, top, bottom = 380, 300, 46, 340
    low, high = -2.5, 2.0

    def x(size):
        return left + 50 + (math.log10(size) - math.log10(sizes[0])) / (math.log10(sizes[-1]) - math.log10(sizes[0])) * (width - 100)

    def y(seconds):
        return bottom - (max(low, min(high, math.log10(max(seconds, 1e-9)))) - low) / (high - low) * (height - 20)

    out = [f'<text x="{left + 50}" y="30" font-weight="bold">{title}</text>']
    for power in range(-2, 3):
        out.append(f'<line x1="{left + 50}" x2="{left + width - 50}" y1="{y(10 ** power):.1f}" y2="{y(10 ** power):.1f}" stroke="#d5d9dd"/>')
        out.append(f'<text x="{left + 44}" y="{y(10 ** power) + 4:.1f}" text-anchor="end">{10 ** power:g} s</text>')
    for size in sizes:
        out.append(f'<text x="{x(size):.1f}" y="{bottom + 18}" text-anchor="middle">{size:,}</text>')
    out.append(f'<text x="{left + width / 2}" y="{bottom + 36}" text-anchor="middle">{unit}</text>')
    for part, colour in zip(PARTS, COLOURS):
        points = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds in zip(sizes, table[part]))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    # Names beside the ends of their curves, the highest first, none over another.
    lowest = -math.inf
    for part, colour in sorted(zip(PARTS, COLOURS), key=lambda one: -table[one[0]][-1]):
        lowest = max(lowest + 13, y(table[part][-1]) + 4)
        out.append(f'<text x="{x(sizes[-1]) + 4:.1f}" y="{lowest:.1f}" fill="{colour}">{part}</text>')
    return "\n".join(out)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        by_rows = measured(program, folder, ROWS, lambda rows: (rows, FIXED_COLUMNS))
        by_columns = measured(program, folder, COLUMNS, lambda columns: (FIXED_ROWS, columns))
    if len(sys.argv) < 3:
        return
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 390" role="img" font-family="sans-serif" '
                   'font-size="12" fill="#1c2126">\n<title>Processor seconds of each part against rows and columns</title>\n'
                   '<rect width="780" height="390" fill="#ffffff"/>\n')
        file.write(panel(0, f"{FIXED_COLUMNS} columns", "rows", ROWS, by_rows) + "\n")
        file.write(panel(390, f"{FIXED_ROWS:,} rows", "columns", COLUMNS, by_columns) + "\n</svg>\n")


if __name__ == "__main__":
    main()
