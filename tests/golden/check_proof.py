"""Checks proofs that entries are in a log, with nothing but Python's own library: what a stranger writes from engine/src/evidence/FORMAT.md.

    python3 check_proof.py VKEY LEAF-HASH FILE.tlog-proof      says INCLUDED, DIFFERS or REFUSED (exit 0, 1, 2)
    python3 check_proof.py VKEY < LINES                        the same for each line {"leaf": hex, "proof": hex}
"""

import base64
import binascii
import hashlib
import json
import sys
import unicodedata

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


class Refused(Exception):
    """It is no evidence."""


def need(fact, what):
    if not fact:
        raise Refused(what)


# Ed25519 (RFC 8032 §5.1), points as (X, Y, Z, T).


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, text, signature):
    if len(signature) != 64:
        return False
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    # Points of small order fit much that nobody signed.
    if any(same(times(8, p), (0, 1, 1, 0)) for p in (a, r)):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    return same(times(s, BASE), add(r, times(h, a)))


# Texts.


def decode(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Refused("base64") from None
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def hash_of(text):
    data = decode(text)
    need(len(data) == 32, "a hash has 32 bytes")
    return data


def number(text):
    need(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 20, "a number")
    need(int(text) < 2**63, "a number is below 2^63")
    return int(text)


def is_name(text):
    return text != "" and not any(c.isspace() or unicodedata.category(c) == "Cc" or c == "+" for c in text)


def vkey(text, kind=1):
    """Name, id and bytes of a key: of kind 1 those of logs, of kind 4 those of witnesses."""
    name, digits, data = text.split("+", 2)
    need(is_name(name) and len(name.encode()) <= 1024, "a name")
    data = decode(data)
    need(len(data) == 33 and data[0] == kind, "an Ed25519 key")
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    need(key_id.hex() == digits, "the digits fit the key")
    return name, key_id, data[1:]


def cosigned(text, data):
    """The time, before the text, and the signature of both."""
    seconds = int.from_bytes(data[:8], "big")
    need(len(data) == 72 and seconds < 2**37, "a time and a signature")
    return b"cosignature/v1\ntime %d\n%s" % (seconds, text), data[8:]


def note(text, keys, witnesses=()):
    """The text of a note that one of the keys has signed, and in which seconds those of the witnesses that have cosigned it did so first."""
    need(len(text.encode()) <= 64 * 1024, "a note is not that long")
    need(all(c >= " " or c == "\n" for c in text), "no control characters")
    blank = text.rfind("\n\n")
    need(blank >= 0 and text.endswith("\n") and len(text) > blank + 2, "a blank line, and a line feed at the end")
    body, lines = text[: blank + 1], text[blank + 2 : -1].split("\n")
    need(len(lines) <= 100, "not more than 100 signatures")
    found = {}
    for line in lines:
        need(line.startswith("\u2014 "), "a signature line")
        parts = line[2:].split(" ", 1)
        need(len(parts) == 2 and is_name(parts[0]), "a name and a signature")
        data = decode(parts[1])
        need(len(data) > 4, "an id and a signature")
        of_key = found.setdefault((parts[0], data[:4]), [])
        # A line that stands there again says what it said before.
        of_key += [] if data[4:] in of_key else [data[4:]]
    for key in keys:
        for signature in found.get(key[:2], []):
            need(signed(key[2], body.encode(), signature), "the signature fits")
    need(any(key[:2] in found for key in keys), "the key has signed")
    for witness in witnesses:
        for data in found.get(witness[:2], []):
            need(signed(witness[2], *cosigned(body.encode(), data)), "the cosignature fits")
    ours = [found[witness[:2]] for witness in witnesses if witness[:2] in found]
    return body, [min(int.from_bytes(data[:8], "big") for data in lines) for lines in ours]


def checkpoint(text, key):
    lines = text[:-1].split("\n")
    need(len(lines) == 3 and lines[0] == key[0], "three lines, the first the log's name")
    return number(lines[1]), hash_of(lines[2])


def leads(leaf, index, size, path, root):
    """RFC 9162 §2.1.3.2."""
    if index >= size:
        return False
    f, s, r = index, size - 1, leaf
    for p in path:
        if s == 0:
            return False
        if f & 1 or f == s:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while f & 1 == 0 and f:
                f, s = f >> 1, s >> 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        f, s = f >> 1, s >> 1
    return s == 0 and r == root


def check(key, leaf, proof):
    try:
        need(len(proof) <= 72 * 1024, "a proof is not that long")
        try:
            text = proof.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("UTF-8") from None
        head, blank, rest = text.partition("\n\n")
        need(blank, "a blank line before the checkpoint")
        lines = head.split("\n")
        need(lines.pop(0) == "c2sp.org/tlog-proof@v1", "the first line")
        if lines and lines[0].startswith("extra "):
            lines.pop(0)
        need(lines and lines[0].startswith("index "), "an index")
        index, path = number(lines[0][6:]), [hash_of(line) for line in lines[1:]]
        need(len(path) <= 64, "a path is not that long")
        size, root = checkpoint(note(rest, [key])[0], key)
    except Refused:
        return "REFUSED"
    return "INCLUDED" if leads(leaf, index, size, path, root) else "DIFFERS"


def main():
    key = vkey(sys.argv[1])
    if len(sys.argv) > 2:
        with open(sys.argv[3], "rb") as file:
            said = check(key, bytes.fromhex(sys.argv[2]), file.read())
        print(said)
        sys.exit(["INCLUDED", "DIFFERS", "REFUSED"].index(said))
    for line in sys.stdin:
        one = json.loads(line)
        print(check(key, bytes.fromhex(one["leaf"]), bytes.fromhex(one["proof"])))


if __name__ == "__main__":
    main()
