#!/usr/bin/env python3
"""Writes data/schemas/cyclonedx from the JSON schemas of the CycloneDX specification.

Titles, descriptions, examples and the like are left out: they judge nothing and are two thirds of the text.

    tools/schemas.py ../shared/vectors/schemas/cyclonedx data/schemas/cyclonedx
"""

import json
import pathlib
import sys

FILES = ["bom-1.5", "bom-1.6", "bom-1.7", "spdx", "jsf-0.82", "cryptography-defs"]
WORDS = {"title", "description", "examples", "meta:enum", "$comment", "default", "deprecated"}
NAMES = {"properties", "patternProperties", "definitions", "$defs"}  # their keys are names, not keywords


def stripped(value, keys_are_names=False):
    if isinstance(value, dict):
        return {
            key: stripped(each, not keys_are_names and key in NAMES)
            for key, each in value.items()
            if keys_are_names or key not in WORDS
        }
    return [stripped(each) for each in value] if isinstance(value, list) else value


def text(value):
    """One line for every definition, so that a change can be read."""
    def compact(each):
        return json.dumps(each, separators=(",", ":"), ensure_ascii=False)

    lines = []
    for key, each in value.items():
        if key in NAMES:
            inner = ",\n".join(f"  {compact(name)}: {compact(schema)}" for name, schema in each.items())
            lines.append(f" {compact(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {compact(key)}: {compact(each)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    for name in FILES:
        schema = json.loads((source / f"{name}.schema.json").read_text(encoding="utf-8"))
        (target / f"{name}.schema.json").write_text(text(stripped(schema)), encoding="utf-8")


main()
