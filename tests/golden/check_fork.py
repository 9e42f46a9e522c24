"""Checks proofs that a log was signed with two histories, with nothing but Python's own library: what a stranger writes from
engine/src/evidence/FORMAT.md §12.

    python3 check_fork.py VKEY[,VKEY...] FILE...      says FORKED or REFUSED of each, and why (exit 0 if all are FORKED, else 1)
"""

import hashlib
import sys

import check_proof
from check_proof import Refused, need


def notes(text):
    """Notes, one directly after another: each ends with its signature lines."""
    found, own, signed = [], "", False
    for line in [line + "\n" for line in text.removesuffix("\n").split("\n")] if text.endswith("\n") else [text]:
        is_signature = line.startswith("\u2014 ")
        if signed and not is_signature:
            found.append(own)
            own = ""
        own, signed = own + line, is_signature
    return [*found, own]


def opened(text, keys):
    """Log, size and root of a checkpoint that one of the keys has signed, each the log's own or its host's."""
    origin = text.split("\n")[0]
    own = [public for name, _, public in keys if origin == name or origin.startswith(name + "/")]
    own = [(origin, hashlib.sha256(origin.encode() + b"\n\1" + public).digest()[:4], public) for public in own]
    need(own, "a key of this log")
    body, _ = check_proof.note(text, own)
    return origin, *check_proof.checkpoint(body, (origin,))


class Tree:
    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, size, node):
        need(size > 0 and size & (size - 1) == 0 and self.size % size == 0 and self.size + size < 2**63, "a subtree in its place")
        n = self.size // size
        while n & 1:
            node, n = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest(), n >> 1
        self.peaks.append(node)
        self.size += size

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return root


def check(keys, data):
    need(len(data) <= 256 * 1024, "a proof is not that long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("UTF-8") from None
    head, blank, rest = text.partition("\n\n")
    lines = head.split("\n")
    need(blank and lines.pop(0) == "sevottam-fork/1" and len(lines) <= 192, "the first line, and not too many")
    both = notes(rest)
    need(len(both) == 2, "two checkpoints")
    (log, size, root), (other_log, other_size, other_root) = (opened(note, keys) for note in both)
    need(log == other_log and size <= other_size, "of one log, the smaller first")
    tree, found = Tree(), other_root if size == other_size else None
    need((size == other_size) == (not lines), "subtrees where the sizes differ")
    for line in lines:
        words = line.split(" ")
        need(len(words) == 2, "a size and a hash")
        if tree.size == size:
            found = tree.root()
        tree.push(check_proof.number(words[0]), check_proof.hash_of(words[1]))
    need(not lines or (tree.size, tree.root()) == (other_size, other_root), "the tree of the second")
    need(found is not None, "the tree at the size of the first")
    need(found != root, "another root: the two agree")


def main():
    keys, worst = [check_proof.vkey(text) for text in sys.argv[1].split(",")], 0
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            data = file.read()
        try:
            check(keys, data)
            print(f"{path}: FORKED")
        except Refused as refused:
            print(f"{path}: REFUSED {refused}")
            worst = 1
    sys.exit(worst)


if __name__ == "__main__":
    main()
