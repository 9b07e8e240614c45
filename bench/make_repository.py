#!/usr/bin/env python3
"""Writes a repository of N small files for measuring `bulwark scan .`: sources, configurations, documents, notebooks.

usage: make_repository.py FOLDER [N]      deterministic; nothing in it is a secret
"""
import json
import pathlib
import random
import sys

WORDS = ("model train loader batch token key config auth layer weight index value access result user path name list "
         "return import class self data state update apply build config secret api create delete").split()


def line(chance: random.Random) -> str:
    return "    " + " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 10))) + f" = {chance.random():.6f}\n"


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    chance = random.Random(1)
    endings = ["py"] * 6 + ["yaml", "json", "md", "txt", "ts", "ipynb"]
    for i in range(count):
        ending = endings[i % len(endings)]
        path = folder / f"part{i // 200:03}" / f"file{i:05}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line(chance) for _ in range(chance.randint(20, 300))]
        if ending == "py":
            text = "import os\n\ndef run(self):\n" + "".join(lines[: len(lines)])
        elif ending == "json":
            text = json.dumps({f"k{n}": text.strip() for n, text in enumerate(lines)}, indent=1)
        elif ending == "yaml":
            text = "".join(f"k{n}: {text.strip()!r}\n" for n, text in enumerate(lines))
        elif ending == "ipynb":
            cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": lines}]
            text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        else:
            text = "".join(lines)
        path.write_text(text)


if __name__ == "__main__":
    main()
