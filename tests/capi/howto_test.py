"""Runs the Python example of the how-to as it is printed, with the library that was just built.

usage: howto_test.py HOWTO LIBRARY
"""
import re
import sys

howto, library = sys.argv[1:]
with open(howto, encoding="utf-8") as file:
    example = re.search(r"```python\n(.*?)```", file.read(), re.DOTALL).group(1)
assert '"libbulwark.so"' in example, "the example must name the library"
exec(compile(example.replace('"libbulwark.so"', repr(library)), howto, "exec"))
