#!/usr/bin/env python3
"""Checks exported journals by engine/src/journal/FORMAT.md alone, sharing no code with the program that wrote them.

python3 check_journal.py FILE... says one sentence for each file; exit code 0 when every file holds, 1 otherwise.
"""
import datetime
import hashlib
import json
import re
import sys

LEAF_BYTES_MAX = 16384
ZERO_SALT = "00" * 32
HASH, COMMAND = r"[0-9a-f]{64}", r"[0-9a-f]{32}"
ORIGIN = r"[\x21-\x7e]+/(site|unit/[a-z0-9]([a-z0-9-]*[a-z0-9])?)/[1-9][0-9]*"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
# Member: the form of its text, or int.
NEEDED = {"actor": rf"p_{COMMAND}|system", "cmd": COMMAND, "i": int, "kind": r"[a-z]+\.[a-z]+", "log": ORIGIN, "t": TIME, "v": int}
CASE = {"case": COMMAND, "op": rf"{HASH}", "os": int}
OPTIONAL = {"def": HASH, "via": r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"}
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Broken(Exception):
    """What is wrong, as a sentence."""


def need(condition, sentence):
    if not condition:
        raise Broken(sentence)


def write(value, in_order=True):
    """RFC 8785, for whole numbers only; or the same with members as they come."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        need(isinstance(value, int) and abs(value) < 2**53, "a number is not whole, or too large")
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(write(one, in_order) for one in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be")) if in_order else value
    return "{" + ",".join(write(name) + ":" + write(value[name], in_order) for name in names) + "}"


def read(text, what, in_order=True):
    """The value of a canonical JSON text; Broken for any other text. Members may stand in any order, where that is so."""
    def members(pairs):
        value = dict(pairs)
        need(len(value) == len(pairs), f"{what} has a member twice")
        return value
    try:
        value = json.loads(text, object_pairs_hook=members)
        same = write(value, in_order) == text
    except (ValueError, RecursionError):
        raise Broken(f"{what} is not JSON") from None
    need(same, f"{what} is not in canonical form")
    return value


def has(value, form):
    if form is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, str) and re.fullmatch(form, value) is not None


def check_day(text):
    """An instant of a day that there is."""
    try:
        datetime.datetime(*map(int, re.findall(r"\d+", text)[:6]))
    except ValueError:
        raise Broken(f"there is no {text}") from None


def check_leaf(text):
    need(len(text) <= LEAF_BYTES_MAX and all(" " <= c <= "~" for c in text), "its leaf is too long or not printable ASCII")
    leaf = read(text, "its leaf")
    need(isinstance(leaf, dict) and leaf.get("v") == 1, "its leaf is not of version 1: a newer reader may know it")
    in_case = CASE if CASE.keys() & leaf.keys() else {}
    known = NEEDED | in_case | OPTIONAL
    need((NEEDED | in_case).keys() | {"pl"} <= leaf.keys() <= known.keys() | {"pl"}, "its leaf lacks members or has unknown ones")
    for name in known.keys() & leaf.keys():
        if not (name == "op" and leaf["op"] is None):
            need(has(leaf[name], known[name]), f"its {name} is {leaf[name]!r}")
    check_day(leaf["t"])
    need(isinstance(leaf["pl"], list), "its payloads are no list")
    for entry in leaf["pl"]:
        need(isinstance(entry, list) and len(entry) == 3 and isinstance(entry[0], str), "a payload is listed in another form")
        need(entry[1] == "application/json" and has(entry[2], HASH), "a payload is listed in another form")
    return leaf


def check_payloads(listed, payloads):
    need(isinstance(listed, list) and isinstance(payloads, list) and len(listed) == len(payloads) > 0, "its payloads are not those of its leaf")
    erased = 0
    for n, (entry, payload) in enumerate(zip(listed, payloads)):
        need(isinstance(entry, list) and len(entry) == 3 and entry[1] == "application/json" and has(entry[2], HASH), f"payload {n} is listed in another form")
        need(has(entry[0], "events" if n == 0 else rf"[A-Za-z_][A-Za-z0-9_]*\.{n - 1}"), f"payload {n} is called {entry[0]!r}")
        need(isinstance(payload, dict) and payload.keys() == {"body", "name", "salt"} and payload["name"] == entry[0], f"payload {n} is not {entry[0]}")
        body, salt = payload["body"], payload["salt"]
        need(has(salt, HASH) and (body is None or isinstance(body, str)), f"payload {entry[0]} has another form")
        if body is None:
            need(n > 0 and salt == ZERO_SALT, f"the body of {entry[0]} is missing")
            erased += 1
        else:
            made = hashlib.sha256(b"gqe/payload/v1\n" + bytes.fromhex(salt) + body.encode()).hexdigest()
            need(made == entry[2], f"payload {entry[0]} is not what its leaf commits")
    return erased


def check(data):
    try:
        lines = data.decode().split("\n")
    except UnicodeError:
        raise Broken("it is not UTF-8") from None
    need(len(lines) > 1 and lines.pop() == "", "its last line has no end")
    head = read(lines.pop(), "its head")
    need(isinstance(head, dict) and head.keys() == {"head"} and isinstance(head["head"], dict), "its last line is no head")
    head = head["head"]
    need(head.keys() == {"origin", "root", "size"} and has(head["origin"], ORIGIN) and has(head["root"], HASH), "its head has another form")
    need(has(head["size"], int) and head["size"] == len(lines), f"its head says {head['size']} entries; there are {len(lines)}")
    peaks, commands, cases, erased, time = [], set(), {}, 0, ""
    for i, text in enumerate(lines):
        try:
            line = read(text, "its line")
            need(isinstance(line, dict) and line.keys() == {"index", "leaf", "payloads"}, "its line has another form")
            need(has(line["index"], int) and line["index"] == i and isinstance(line["leaf"], str), "its line has another index")
            leaf = check_leaf(line["leaf"])
            need(leaf["i"] == i and leaf["log"] == head["origin"], "its leaf belongs to another place")
            need(leaf["t"] > time, "its time is not after the entry before")
            need(leaf["cmd"] not in commands, "its command was there before")
            digest = hashlib.sha256(b"\0" + line["leaf"].encode()).digest()
            if "case" in leaf:
                os, op = cases.get(leaf["case"], (0, None))
                need(leaf["os"] == os + 1 and leaf["op"] == op, "it does not follow the entry before of its case")
                need(leaf["os"] > 1 or leaf["case"] == leaf["cmd"], "its case was not started by it")
                cases[leaf["case"]] = (leaf["os"], digest.hex())
            erased += check_payloads(leaf["pl"], line["payloads"])
        except Broken as broken:
            raise Broken(f"entry {i}: {broken}") from None
        time = leaf["t"]
        commands.add(leaf["cmd"])
        while i & 1:
            digest, i = hashlib.sha256(b"\1" + peaks.pop() + digest).digest(), i >> 1
        peaks.append(digest)
    root = peaks.pop() if peaks else hashlib.sha256(b"").digest()
    while peaks:
        root = hashlib.sha256(b"\1" + peaks.pop() + root).digest()
    need(root.hex() == head["root"], "its entries have another root than its head says")
    return f"holds: {len(lines)} entries, {len(cases)} cases, {erased} payloads erased, root {root.hex()}"


if __name__ == "__main__":
    code = 0 if sys.argv[1:] else 1
    for path in sys.argv[1:]:
        try:
            with open(path, "rb") as file:
                sentence = check(file.read())
        except (Broken, OSError) as error:
            code, sentence = 1, f"broken: {error}"
        print(f"{path}: {sentence}")
    sys.exit(code)
