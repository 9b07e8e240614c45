#!/usr/bin/env python3
"""Verifies a ledger, or a receipt, with nothing but Python: no Bulwark, no packages.
    ledger_reader.py VKEY FOLDER                the signature, every entry, every tile, the root
    ledger_reader.py VKEY FILE.tlog-proof [ENTRY]   that the entry is in the log

Written from docs/formats/ledger.md and docs/formats/receipt.md. Exit code 0: verified; 1: not.
"""

import base64
import hashlib
import os
import sys

# Ed25519, RFC 8032 section 6, verification only.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if x & 1 != sign else x

def decompress(data):
    y = int.from_bytes(data, "little")
    x = recover_x(y & ((1 << 255) - 1), y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % P)

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def multiply(number, p):
    result = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            result = add(result, p)
        p = add(p, p)
        number >>= 1
    return result

BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)

def verify_ed25519(public, message, signature):
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))

# Merkle trees, RFC 6962 section 2.1.
def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()

def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

class Tree:
    """The right edge of a growing tree: (height, root) of its perfect subtrees."""

    def __init__(self, leaves=()):
        self.edge = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, hashed):
        height = 0
        while self.edge and self.edge[-1][0] == height:
            hashed = node_hash(self.edge.pop()[1], hashed)
            height += 1
        self.edge.append((height, hashed))

    def root(self):
        if not self.edge:
            return hashlib.sha256(b"").digest()
        hashed = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            hashed = node_hash(left, hashed)
        return hashed

def root_from_proof(index, size, hashed, proof):
    last = size - 1
    for sibling in proof:
        need(last > 0, "the proof is too long")
        if index & 1 or index == last:
            hashed = node_hash(sibling, hashed)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        index, last = index >> 1, last >> 1
    need(last == 0, "the proof is too short")
    return hashed

def need(holds, why):
    if not holds:
        sys.exit("NOT VERIFIED: " + why)

def read(path):
    with open(path, "rb") as file:
        return file.read()

def open_checkpoint(note, vkey):
    """Origin, size and root of a checkpoint that the key has signed."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(key[0] == 1 and len(key) == 33 and expected.hex() == key_id, "the vkey is wrong")
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    for line in signatures.decode().splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if dash != "\u2014" or signer != name or signature[:4] != expected:
            continue
        need(verify_ed25519(key[1:], text, signature[4:]), "the checkpoint's signature does not verify")
        origin, size, root = text.decode().split("\n")[:3]
        need(origin == name, "the checkpoint is of another log: " + origin)
        return origin, int(size), base64.b64decode(root, validate=True)
    need(False, "the checkpoint is not signed by " + name)

def path_of(kind, index, width):
    path = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        path = "x%03d/%s" % (index % 1000, path)
    return "tile/%s/%s" % (kind, path) + (".p/%d" % width if width < 256 else "")

def read_tile(folder, kind, index, width):
    partial = os.path.join(folder, path_of(kind, index, width))
    return read(partial if os.path.exists(partial) else os.path.join(folder, path_of(kind, index, 256)))

def entries_of(bundle, width):
    entries, at = [], 0
    for _ in range(width):
        size = int.from_bytes(bundle[at : at + 2], "big")
        entries.append(bundle[at + 2 : at + 2 + size])
        need(len(entries[-1]) == size and at + 2 <= len(bundle), "a bundle is cut off")
        at += 2 + size
    return entries

def verify_folder(vkey, folder):
    origin, size, root = open_checkpoint(read(os.path.join(folder, "checkpoint")), vkey)
    tree, count, level, upper = Tree(), size, 0, []
    while count > 0:
        above = []
        for index in range((count + 255) // 256):
            width = min(256, count - index * 256)
            hashes = read_tile(folder, level, index, width)[: 32 * width]
            hashes = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
            if level == 0:
                expected = [leaf_hash(entry) for entry in entries_of(read_tile(folder, "entries", index, width), width)]
                for leaf in expected:
                    tree.append(leaf)
            else:
                expected = upper[index * 256 : index * 256 + width]
            for place, (found, right) in enumerate(zip(hashes, expected)):
                need(found == right, "hash %d of %s is another" % (place, path_of(level, index, width)))
            need(len(hashes) == width, path_of(level, index, width) + " is cut off")
            if width == 256:
                above.append(Tree(hashes).root())
        upper, count, level = above, count // 256, level + 1
    need(tree.root() == root, "the entries do not lead to the signed root")
    print("VERIFIED: %d entries of %s, root %s" % (size, origin, base64.b64encode(root).decode()))

def verify_receipt(vkey, text, entry):
    head, _, note = text.partition(b"\n\n")
    lines = head.decode().split("\n")
    need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "this is no receipt")
    extra = base64.b64decode(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    index = int(lines.pop(0)[len("index ") :])
    origin, size, root = open_checkpoint(note, vkey)
    entry = extra if entry is None else entry
    need(entry is not None, "the receipt does not hold its entry: name it")
    need(index < size, "the index is not below the size")
    proof = [base64.b64decode(line, validate=True) for line in lines]
    need(root_from_proof(index, size, leaf_hash(entry), proof) == root, "the proof leads to another root")
    print("VERIFIED: entry %d of %s (%d entries): %s" % (index, origin, size, ascii(entry)[2:-1]))

if __name__ == "__main__":
    need(len(sys.argv) in (3, 4), __doc__)
    if os.path.isdir(sys.argv[2]):
        verify_folder(sys.argv[1], sys.argv[2])
    else:
        verify_receipt(sys.argv[1], read(sys.argv[2]), read(sys.argv[3]) if len(sys.argv) == 4 else None)
