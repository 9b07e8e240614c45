#!/usr/bin/env python3
"""Writes data/knowledge/opcodes.tsv: the byte code of every CPython that scan can disassemble.

    tools/opcodes.py PYTHON...     the interpreters to ask; 3.14 is kept here as data

Columns: version, opcode, name, what its argument indexes (name, const, local, free, - ), inline cache units.
"""
import json
import pathlib
import subprocess
import sys

ASK = """
import json, opcode, sys
caches = getattr(opcode, '_inline_cache_entries', {})
if isinstance(caches, list):
    caches = {opcode.opname[i]: n for i, n in enumerate(caches)}
rows = []
for name, number in sorted(opcode.opmap.items(), key=lambda item: item[1]):
    if number > 255 or name.startswith('INSTRUMENTED') or name == '<0>':
        continue
    kind = 'name' if number in opcode.hasname else 'const' if number in opcode.hasconst else \\
           'local' if number in opcode.haslocal else 'free' if number in opcode.hasfree else '-'
    rows.append((number, name, kind, caches.get(name, 0)))
print(json.dumps(['%d.%d' % sys.version_info[:2], rows]))
"""

# CPython 3.14: numbers go by the alphabet from 1 within "no argument" and "argument"; 3 and 17 are reserved.
PLAIN_314 = """BINARY_SLICE BUILD_TEMPLATE - CALL_FUNCTION_EX CHECK_EG_MATCH CHECK_EXC_MATCH CLEANUP_THROW DELETE_SUBSCR
END_FOR END_SEND EXIT_INIT_CHECK FORMAT_SIMPLE FORMAT_WITH_SPEC GET_AITER GET_ANEXT GET_ITER RESERVED GET_LEN
GET_YIELD_FROM_ITER INTERPRETER_EXIT LOAD_BUILD_CLASS LOAD_LOCALS MAKE_FUNCTION MATCH_KEYS MATCH_MAPPING MATCH_SEQUENCE
NOP NOT_TAKEN POP_EXCEPT POP_ITER POP_TOP PUSH_EXC_INFO PUSH_NULL RETURN_GENERATOR RETURN_VALUE SETUP_ANNOTATIONS
STORE_SLICE STORE_SUBSCR TO_BOOL UNARY_INVERT UNARY_NEGATIVE UNARY_NOT WITH_EXCEPT_START BINARY_OP BUILD_INTERPOLATION
BUILD_LIST BUILD_MAP BUILD_SET BUILD_SLICE BUILD_STRING BUILD_TUPLE CALL CALL_INTRINSIC_1 CALL_INTRINSIC_2 CALL_KW
COMPARE_OP CONTAINS_OP CONVERT_VALUE COPY COPY_FREE_VARS DELETE_ATTR DELETE_DEREF DELETE_FAST DELETE_GLOBAL
DELETE_NAME DICT_MERGE DICT_UPDATE END_ASYNC_FOR EXTENDED_ARG FOR_ITER GET_AWAITABLE IMPORT_FROM IMPORT_NAME IS_OP
JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD LIST_APPEND LIST_EXTEND LOAD_ATTR LOAD_COMMON_CONSTANT
LOAD_CONST LOAD_DEREF LOAD_FAST LOAD_FAST_AND_CLEAR LOAD_FAST_BORROW LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_FAST_CHECK
LOAD_FAST_LOAD_FAST LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS LOAD_GLOBAL LOAD_NAME LOAD_SMALL_INT
LOAD_SPECIAL LOAD_SUPER_ATTR MAKE_CELL MAP_ADD MATCH_CLASS POP_JUMP_IF_FALSE POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE
POP_JUMP_IF_TRUE RAISE_VARARGS RERAISE SEND SET_ADD SET_FUNCTION_ATTRIBUTE SET_UPDATE STORE_ATTR STORE_DEREF STORE_FAST
STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST STORE_GLOBAL STORE_NAME SWAP UNPACK_EX UNPACK_SEQUENCE YIELD_VALUE""".split()
CACHES_314 = dict(LOAD_GLOBAL=4, BINARY_OP=5, UNPACK_SEQUENCE=1, COMPARE_OP=1, CONTAINS_OP=1, FOR_ITER=1,
                  LOAD_SUPER_ATTR=1, LOAD_ATTR=9, STORE_ATTR=4, CALL=3, CALL_KW=3, STORE_SUBSCR=1, SEND=1,
                  JUMP_BACKWARD=1, TO_BOOL=3, POP_JUMP_IF_TRUE=1, POP_JUMP_IF_FALSE=1, POP_JUMP_IF_NONE=1,
                  POP_JUMP_IF_NOT_NONE=1)


def kind_314(name):
    if name in ("LOAD_CONST",):
        return "const"
    if "FAST" in name or name == "MAKE_CELL":
        return "local"
    if "DEREF" in name:
        return "free"
    if name.startswith(("IMPORT_", "LOAD_ATTR", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER")) or \
            name.endswith(("_NAME", "_GLOBAL", "_GLOBALS")):
        return "name"
    return "-"


def main():
    rows = [("3.14", number, name, kind_314(name), CACHES_314.get(name, 0))
            for number, name in enumerate(PLAIN_314, 1) if name != "-"]
    rows += [("3.14", 0, "CACHE", "-", 0), ("3.14", 128, "RESUME", "-", 0)]
    for python in sys.argv[1:]:
        version, found = json.loads(subprocess.run([python, "-c", ASK], check=True, capture_output=True).stdout)
        rows += [(version, *row) for row in found]
    rows.sort(key=lambda row: (tuple(map(int, row[0].split("."))), row[1]))
    target = pathlib.Path(__file__).resolve().parent.parent / "data" / "knowledge" / "opcodes.tsv"
    target.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    print(f"{len(rows)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
