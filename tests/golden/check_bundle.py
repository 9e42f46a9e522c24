"""Checks bundles of evidence with nothing but Python's own library: what a stranger writes from engine/src/evidence/FORMAT.md §8.

    python3 check_bundle.py POLICY BUNDLE.zip...      says VERIFIED, TAMPERED or INCOMPLETE of each, and why (exit 0, 1, 2: the worst)

It does not live cases through once more: for that there is `sevottam verify`.
"""

import base64
import datetime
import hashlib
import re
import struct
import sys
import zlib

import check_journal
import check_proof
from check_journal import COMMAND, HASH, TIME, ZERO_SALT, Broken, has, need

OFFICE_KINDS = {"unit.put", "post.put", "person.registered", "appointment.made", "appointment.ended", "document.deployed", "checkpoints.taken"}
UNIT = r"(?=.{1,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?"
PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
PLAIN = bytes([10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0])
# Notes on keys of one bundle that are looked at.
NOTES_MAX = 1_000
# Microseconds by which clocks may differ.
TOLERANCE = 120 * 10**6


class Newer(Exception):
    """Of a version that is not known here."""


def unzip(data):
    """The files of a ZIP in the one spelling that bundles have."""
    need(len(data) <= 2**30, "too large")
    files, listed, at = [], b"", 0
    while data[at : at + 4] == b"PK\3\4":
        need(len(data) >= at + 30, "a header breaks off")
        size, length = struct.unpack_from("<I", data, at + 18)[0], struct.unpack_from("<H", data, at + 26)[0]
        begin = at + 30 + length
        need(len(data) >= begin + size, "a file breaks off")
        name, content = data[at + 30 : begin].decode("latin-1"), data[begin : begin + size]
        need(len(name) <= 200 and re.fullmatch(rf"{PART}(/{PART})*", name), "a name")
        need(not files or files[-1][0] < name, "names rise")
        facts = PLAIN + struct.pack("<IIIHH", zlib.crc32(content), size, size, length, 0)
        need(data[at + 4 : at + 30] == facts, "a header")
        listed += b"PK\1\2\x0a\0" + facts + bytes(10) + struct.pack("<I", at) + name.encode()
        files.append((name, content))
        need(len(files) <= 10_000, "too many files")
        at = begin + size
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(listed), at, 0)
    need(data[at:] == listed + b"PK\5\6" + end, "the directory")
    return files


def instant(text):
    need(has(text, TIME) and text >= "1970", "an instant")
    check_journal.check_day(text)


def micros(text):
    """An instant as whole microseconds since 1970."""
    at = datetime.datetime(*map(int, re.findall(r"\d+", text)))
    return (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def read_head(text):
    need(len(text.encode()) <= 256 * 1024, "a head is not that long")
    head = check_journal.read(text, "the head")
    need(isinstance(head, dict) and depth(head) <= 32, "the head")
    if isinstance(head.get("v"), int) and not isinstance(head["v"], bool) and head["v"] > 1:
        raise Newer
    need({"chosen", "host", "v", "zone"} <= head.keys() <= {"chosen", "host", "v", "withheld", "zone"} and head["v"] == 1, "the head")
    need(head["v"] is not True and isinstance(head["zone"], str), "version and zone")
    need(has(head["host"], r"[\x21-\x2a\x2c-\x7e]{1,16383}"), "the host")
    need("withheld" not in head or is_ground(head["withheld"]), "the ground")
    chosen = head["chosen"]
    need(isinstance(chosen, dict) and chosen.keys() <= {"cases", "from", "processes", "to", "unit"}, "what was chosen")
    need(has(chosen.get("unit"), UNIT), "the unit")
    for name, form in (("cases", COMMAND), ("processes", r"(?s).*")):
        if name in chosen:
            need(isinstance(chosen[name], list) and 0 < len(chosen[name]) <= 1000 and all(has(one, form) for one in chosen[name]), name)
    for name in ("from", "to"):
        if name in chosen:
            instant(chosen[name])
    return head


def is_ground(text):
    return isinstance(text, str) and 0 < len(text) <= 2000


def open_bundle(data):
    """Head, hashes of documents, and logs: unit, name, origin, checkpoint, lines."""
    files = unzip(data)
    need(files and files[0][0] == "MANIFEST.sha256", "the manifest is first")
    told = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files[1:])
    need(files[0][1] == told.encode(), "the manifest is the list of the files")
    try:
        texts = {name: content.decode("utf-8") for name, content in files[1:]}
    except UnicodeDecodeError:
        raise Broken("UTF-8") from None
    need({"README.txt", "bundle.json", "report.txt"} <= texts.keys(), "the files that every bundle has")
    head = read_head(texts.pop("bundle.json"))
    del texts["README.txt"], texts["report.txt"]
    documents, logs, rest = set(), [], iter(texts.items())
    for name, text in rest:
        if name.startswith("document/"):
            found = re.fullmatch(rf"document/({HASH})\.json", name)
            need(found and hashlib.sha256(text.encode()).hexdigest() == found[1], "a document has another hash than its name")
            documents.add(found[1])
            continue
        found = re.fullmatch(r"log/((site|unit/([a-z0-9-]+))/([1-9][0-9]*))/checkpoint", name)
        need(found and int(found[4]) < 2**63, "a file of a bundle")
        unit = found[3] or "site"
        need(has(unit, UNIT) and (found[3] != "site"), "a unit")
        other, lines = next(rest, (None, None))
        need(other == f"log/{found[1]}/entries.jsonl", "entries beside the checkpoint")
        need(lines == "" or lines.endswith("\n"), "the last line has an end")
        logs.append((unit, f"{head['host']}/{found[1]}", f"{head['host']}/{found[2]}/1", text, lines.split("\n")[:-1]))
    units = [log[0] for log in logs]
    need(len(set(units)) == len(units) and {"site", head["chosen"]["unit"]} <= set(units), "the logs")
    return head, documents, logs


def events_of(text, *names):
    """The events of these names in an event list. Whatever is spelled otherwise than such lists are says nothing."""
    try:
        told = check_journal.read(text, "an event list", in_order=False)
        need(depth(told) <= 32, "an event list is not that deep")
    except (Broken, RecursionError):
        return []
    told = told.get("events") if isinstance(told, dict) else None
    return [event for event in told if isinstance(event, dict) and event.get("event") in names] if isinstance(told, list) else []


def taken(events):
    """The checkpoints that an event list says the site log took in: log, size, root."""
    found = []
    for event in events_of(events, "checkpoints.taken"):
        told = event.get("checkpoints", [])
        if isinstance(told, list) and all(is_signed(one) for one in told):
            found += [(one["log"], one["size"], bytes.fromhex(one["root"])) for one in told]
    return found


def key_notes(events):
    """The notes on changes of keys, and on new epochs as recovery officers have signed them, in the order of an event list."""
    names = ("key.rotated", "recovery.stated")
    return [event["note"] for event in events_of(events, *names) if isinstance(event.get("note"), str)]


class Epoch:
    """What the site log took in of a log under one epoch: sizes and roots, rising."""

    def __init__(self, number, left):
        self.number, self.left, self.before = number, sorted(left, key=lambda one: one[0]), 0


def epochs(took_in, name):
    """What the site log took in of a log, under the epoch that is shown and under those before it."""
    base, _, last = name.rpartition("/")
    found = {}
    for log, size, root in took_in:
        start, _, epoch = log.rpartition("/")
        if start == base and has(epoch, r"[1-9][0-9]{0,18}") and int(epoch) <= int(last):
            found.setdefault(int(epoch), []).append((size, root))
    return [Epoch(epoch, left) for epoch, left in found.items()]


def fate(lost, name, epoch, size):
    """What has become of so many entries of a log that were signed under an epoch: KEPT, LOST as was declared, or nobody has said."""
    base, _, last = name.rpartition("/")
    for one in range(epoch, int(last)):
        begin, end = lost.get(f"{base}/{one}", (0, -1))
        if size > end:
            return "UNDECLARED"
        if size > begin:
            return "LOST"
    return "KEPT"


def is_log(name):
    found = re.fullmatch(r".+/(site|unit/([a-z0-9-]+))/([1-9][0-9]*)", name)
    return bool(found) and int(found[3]) < 2**63 and (found[1] == "site" or has(found[2], UNIT))


def signed_by(name, host, text, keys, ranged, witnesses):
    """Size and root of a log's checkpoint, signed by a key that may sign it at its size, and when it was cosigned."""
    need("\n\n" in text, "a blank line")
    size, root = check_proof.checkpoint(text[: text.rfind("\n\n") + 1], (name,))
    publics = [public for public, begin, end in of_log(name, host, keys, ranged) if begin <= size <= end]
    need(publics, "no key that may sign this")
    return size, root, check_proof.note(text, [key_of(name, public) for public in publics], witnesses)[1]


def of_log(name, host, keys, ranged):
    """The keys that may sign checkpoints of a log, with their sizes: its own, or its host's."""
    return ranged.get(name) or ([(keys[host], 0, 2**63 - 1)] if host in keys else [])


def key_of(name, public):
    return name, hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4], public


def vkey_of(name, public):
    return f"{name}+{key_of(name, public)[1].hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


class Said:
    """What a note on a key says: the lines of its text, and the logs of which it tells. Who has signed it is asked once, and only where it is of a log
    that is asked about."""

    def __init__(self, text):
        self.text, self.signed = text, {}
        self.lines = (text[: text.rfind("\n\n") + 1] if "\n\n" in text else "").split("\n")
        self.logs = {line.split(" ")[0] for line in self.lines[5:] if " " in line}

    def is_by(self, key):
        if key not in self.signed:
            self.signed[key] = has_signed(self.text, key)
        return self.signed[key]


def all_said(host, notes):
    """What the notes of this host say: of new epochs, and of changes of keys by the old one."""
    told = [said for said in map(Said, notes) if len(said.lines) >= 5 and said.lines[0] == host]
    changes = {}
    for said in told:
        if said.lines[1] == "change of key":
            changes.setdefault(said.lines[3], []).append(said)
    return [said for said in told if said.lines[1] in ("new key", "restore")], changes


def has_signed(text, key):
    try:
        check_proof.note(text, [key])
        return True
    except (check_proof.Refused, UnicodeError):
        return False


def counts(name, host, size, note, keys, ranged, recovery, told):
    """Whether the key that has signed a log counts, where there are recovery keys: it was there from the beginning, or so many officers have stated it
    with this epoch, or one that counts has handed over to it."""
    (officers, wanted), (epochs, changes) = recovery, told
    of_name = of_log(name, host, keys, ranged)
    own = {vkey_of(host, public): public for public, _, _ in of_name}
    base, _, number = name.rpartition("/")
    counted = {vkey_of(host, public) for public, begin, _ in of_name if begin == 0} if number == "1" else set()
    for said in epochs:
        if number != "1" and f"{base}/{int(number) - 1}" in said.logs and said.lines[4] in own:
            if sum(said.is_by(key) for key in officers) >= wanted:
                counted.add(said.lines[4])
    # A key that was handed over to hands over in its turn, in whatever order the site's log has taken that in.
    left = list(counted)
    while left:
        old = left.pop()
        for said in changes.get(old, []):
            new = said.lines[4]
            if name in said.logs and new in own and new not in counted:
                if said.is_by(key_of(host, own[old])) and said.is_by(key_of(host, own[new])):
                    counted.add(new)
                    left.append(new)
    in_force = {public for public, begin, end in of_name if begin <= size <= end and vkey_of(host, public) in counted}
    return any(has_signed(note, key_of(name, public)) for public in in_force)


def is_signed(one):
    fits = isinstance(one, dict) and one.keys() == {"log", "root", "size"} and isinstance(one["log"], str)
    return fits and has(one["size"], int) and 0 <= one["size"] < 2**64 and has(one["root"], HASH)


def erased(events):
    """The variables that an event list says were erased."""
    names = [event.get("names", []) for event in events_of(events, "values.erased")]
    whole = [one for one in names if isinstance(one, list) and all(isinstance(name, str) for name in one)]
    return {name for one in whole for name in one}


class Log:
    def __init__(self, head, documents, unit, origin, missing, bounds):
        self.bounds = bounds
        self.chosen, self.documents, self.unit, self.origin, self.missing = head["chosen"], documents, unit, origin, missing
        self.of_cases = bool(self.chosen.get("cases") or self.chosen.get("processes"))
        self.size, self.peaks, self.time, self.gap, self.cases = 0, [], "", False, {}
        self.gone, self.taken, self.notes, self.shown = {}, [], [], -1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return root

    def push(self, size, node):
        n = self.size // size
        while n & 1:
            node, n = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest(), n >> 1
        self.peaks.append(node)
        self.size += size

    def line(self, text):
        need(len(text.encode()) <= 16 * 2**20, "a line is not that long")
        line = check_journal.read(text, "a line")
        need(isinstance(line, dict) and has(line.get("index"), int) and line["index"] == self.size, "the next index")
        if line.keys() == {"index", "node", "size"}:
            size = line["size"]
            need(has(size, int) and size > 0 and size & (size - 1) == 0 and self.size % size == 0 and has(line["node"], HASH), "a subtree")
            need(self.size + size < 2**63, "a tree is not that large")
            self.push(size, bytes.fromhex(line["node"]))
            if self.unit == "site":
                self.missing("entries of the site log are not shown")
            self.gap = True
            return
        need(line.keys() - {"payloads"} == {"index", "leaf"} and isinstance(line["leaf"], str), "an entry")
        leaf = check_journal.check_leaf(line["leaf"])
        need(leaf["i"] == self.size and leaf["log"] == self.origin and leaf["t"] > self.time, "a leaf in its place")
        self.end_gap(leaf["t"])
        self.time = leaf["t"]
        at = micros(leaf["t"])
        for size, seen, nothing_else in self.bounds:
            need(self.size >= size or at <= seen + TOLERANCE, "an entry says that it is from after it was seen")
            need(self.size < size or not nothing_else or at >= seen - TOLERANCE, "an entry says that it is from before it was there")
        self.shown = self.size
        digest = hashlib.sha256(b"\0" + line["leaf"].encode()).digest()
        self.push(1, digest)
        if "payloads" in line:
            self.payloads(leaf, line["payloads"])
        elif self.unit == "site" and leaf["kind"] in OFFICE_KINDS:
            self.missing("values of the office are not shown")
        elif self.unit == self.chosen["unit"] and not self.of_cases and self.in_period(leaf["t"]):
            self.missing("values of the period are not shown")
        if "case" in leaf:
            self.follow(leaf, digest.hex(), "payloads" in line)

    def in_period(self, time):
        return self.chosen.get("from", "") <= time and ("to" not in self.chosen or time < self.chosen["to"])

    def end_gap(self, after):
        gap, self.gap = self.gap, False
        if not gap or self.unit != self.chosen["unit"] or self.of_cases:
            return
        before = after is not None and "from" in self.chosen and after < self.chosen["from"]
        behind = self.time != "" and "to" in self.chosen and self.time >= self.chosen["to"]
        if not before and not behind:
            self.missing("entries are not shown that may lie in the period")

    def payloads(self, leaf, payloads):
        need(isinstance(payloads, list) and isinstance(leaf["pl"], list) and len(payloads) == len(leaf["pl"]) > 0, "as many payloads as the leaf commits")
        for n, (payload, (name, _, committed)) in enumerate(zip(payloads, leaf["pl"])):
            need(isinstance(payload, dict) and payload.get("name") == name and (n > 0 or name == "events"), "the payload of the leaf")
            if payload.keys() == {"name", "withheld"}:
                need(n > 0 and is_ground(payload["withheld"]), "events are never withheld, and there is a ground")
                continue
            need(payload.keys() == {"body", "name", "salt"} and has(payload["salt"], HASH), "a payload")
            if payload["body"] is None:
                need(n > 0 and payload["salt"] == ZERO_SALT, "events are never erased, and with the body goes the salt")
                self.gone.setdefault(leaf.get("case"), set()).add(name.rpartition(".")[0] or name)
                continue
            need(isinstance(payload["body"], str), "a body")
            made = hashlib.sha256(b"gqe/payload/v1\n" + bytes.fromhex(payload["salt"]) + payload["body"].encode()).hexdigest()
            need(made == committed, "the payload that the leaf commits")
        if leaf["kind"] == "values.erased" and "body" in payloads[0]:
            self.gone.get(leaf.get("case"), set()).difference_update(erased(payloads[0]["body"]))
        if leaf["kind"] == "checkpoints.taken" and self.unit == "site" and "body" in payloads[0]:
            self.taken += taken(payloads[0]["body"])
        if leaf["kind"] in ("key.rotated", "recovery.stated") and self.unit == "site" and "body" in payloads[0]:
            self.notes += key_notes(payloads[0]["body"])
        if "def" in leaf and leaf["def"] not in self.documents:
            self.missing("a definition is not there")

    def follow(self, leaf, digest, shown):
        need((leaf["os"] == 1) == (leaf["case"] == leaf["cmd"]) == (leaf["op"] is None), "a case begins with its first entry")
        before = self.cases.get(leaf["case"], (0, None, False, False, False))
        need(leaf["os"] > before[0] and (leaf["os"] != before[0] + 1 or leaf["os"] == 1 or leaf["op"] == before[1]), "the next of its case")
        gap = before[4] or leaf["os"] != before[0] + 1
        self.cases[leaf["case"]] = (leaf["os"], digest, before[2] or shown, before[3] or not shown, gap)


def check(keys, ranged, lost, seen, witnesses, quorum, recovery, data):
    """TAMPERED with the first contradiction, INCOMPLETE with what is missing, or VERIFIED."""
    missing, took_in, notes, signed = [], [], [], []
    try:
        head, documents, logs = open_bundle(data)
        for unit, name, origin, note, lines in logs:
            size, root, cosigned = signed_by(name, head["host"], note, keys, ranged, witnesses)
            if len(cosigned) < quorum:
                missing.append("fewer witnesses than the policy wants")
            # Entries below a size: seen by a time, and whether nothing else was there then.
            bounds = [(size, seconds * 10**6, False) for seconds in cosigned]
            bounds += [(one[1], one[3][1], one[3][0] == "at") for one in seen if one[0] == name and one[3]]
            log = Log(head, documents, unit, origin, missing.append, bounds)
            outside = sorted((one for one in seen if one[0] == name), key=lambda one: one[1])
            # What was seen under this name is held against it by itself.
            inside = epochs(took_in + [one[:3] for one in seen if one[0] != name], name)
            for text in [None, *lines]:
                if text is not None:
                    log.line(text)
                while outside and outside[0][1] <= log.size:
                    _, at, other, _ = outside.pop(0)
                    if at < log.size:
                        missing.append("a checkpoint from outside lies within entries that are not shown")
                    else:
                        need(other == log.root(), "a checkpoint from outside has another root")
                for epoch in inside:
                    while epoch.left and epoch.left[0][0] <= log.size:
                        at, other = epoch.left.pop(0)
                        was = fate(lost, name, epoch.number, at)
                        if was == "LOST":
                            continue
                        asked = not epoch.left or epoch.left[0][0] > size or log.shown >= epoch.before
                        epoch.before = at
                        if at < log.size:
                            missing += ["a checkpoint that the site log took in lies within entries that are not shown"] * asked
                        elif other != log.root():
                            need(was != "KEPT", "another root was taken in or seen outside")
                            missing.append("the site log took in another root under an earlier epoch")
            log.end_gap(None)
            took_in += log.taken
            notes += log.notes
            signed.append((name, head["host"], size, note))
            left = [fate(lost, name, epoch.number, at) for epoch in inside for at, _ in epoch.left]
            missing += ["a checkpoint that is newer was taken in or seen outside" for was in left if was != "LOST"]
            missing += ["a value is gone, and no entry says that it was erased" for gone in log.gone.values() if gone]
            need((log.size, log.root()) == (size, root), "the root that was signed")
            missing += ["a checkpoint from outside is newer"] * len(outside)
            missing += ["entries of a case are not there" for case in log.cases.values() if case[2] and (case[3] or case[4])]
            if unit == head["chosen"]["unit"]:
                missing += ["a chosen case is not there" for case in head["chosen"].get("cases", []) if not log.cases.get(case, (0, 0, False))[2]]
        if recovery[1]:
            missing += ["more notes on keys than are looked at"] * (len(notes) > NOTES_MAX)
            told = all_said(head["host"], notes[:NOTES_MAX])
            missing += ["a key that nobody has stated or handed over to" for one in signed if not counts(*one, keys, ranged, recovery, told)]
    except (Broken, check_proof.Refused) as broken:
        return "TAMPERED", str(broken)
    except Newer:
        return "INCOMPLETE", "it is of a newer version"
    return ("INCOMPLETE", missing[0]) if missing else ("VERIFIED", "")


def read_policy(text):
    need(len(text.encode()) <= 4 * 2**20, "a policy is not that long")
    keys, ranged, lost, seen, witnesses, quorum, officers, wanted = {}, {}, {}, [], [], 0, [], 0
    for line in text.splitlines():
        words = line.split()
        lengths = {"key": [2, 4, 6], "lost": [4], "witness": [2], "quorum": [2], "seen": [4, 6], "recovery": [2], "recovery-quorum": [2]}
        if words and not words[0].startswith("#") and len(words) not in lengths.get(words[0], []):
            sys.exit(f"the policy has a line of another kind: {line}")
        if words and words[0] == "key":
            name, _, public = check_proof.vkey(words[1])
            need(words[2::2] in ([], ["from"], ["to"], ["from", "to"]), "sizes from and to")
            sizes = {word: check_proof.number(size) for word, size in zip(words[2::2], words[3::2])}
            begin, end = sizes.get("from", 0), sizes.get("to", 2**63 - 1)
            need(begin <= end and (not sizes or is_log(name)), "sizes of one log")
            if is_log(name):
                ranged.setdefault(name, []).append((public, begin, end))
            else:
                keys.setdefault(name, public)
        elif words and words[0] == "lost":
            begin, end = check_proof.number(words[2]), check_proof.number(words[3])
            need(begin <= end and is_log(words[1]) and words[1] not in lost, "what a log has lost, once")
            lost[words[1]] = begin, end
        elif words and words[0] == "witness":
            witnesses.append(check_proof.vkey(words[1], 4))
        elif words and words[0] == "quorum" and not quorum and words[1] != "0":
            quorum = check_proof.number(words[1])
        elif words and words[0] == "recovery":
            officers.append(check_proof.vkey(words[1]))
        elif words and words[0] == "recovery-quorum" and not wanted and words[1] != "0":
            wanted = check_proof.number(words[1])
        elif words and words[0] == "seen":
            if len(words) == 6:
                need(words[4] in ("by", "at"), "by or at a time")
                instant(words[5])
            when = (words[4], micros(words[5])) if len(words) == 6 else None
            seen.append((words[1], check_proof.number(words[2]), check_proof.hash_of(words[3]), when))
        elif words and not words[0].startswith("#"):
            sys.exit(f"the policy has a line of another kind: {line}")
    if not keys and not ranged:
        sys.exit("the policy names no key")
    # One key pair under two names is one witness, and whoever signs is none.
    pairs = {witness[2] for witness in witnesses}
    own = set(keys.values()) | {one[0] for of_log in ranged.values() for one in of_log}
    if quorum > len(witnesses) or len(pairs) < len(witnesses) or pairs & own:
        sys.exit("the policy has a witness twice, or one that is an office, or fewer than its quorum")
    pairs = {officer[2] for officer in officers}
    if wanted > len(officers) or (wanted == 0) != (officers == []) or len(pairs) < len(officers) or pairs & own:
        sys.exit("the policy has a recovery key twice, or one that is an office's, or not as many as are to sign")
    return keys, ranged, lost, seen, witnesses, quorum, (officers, wanted)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        try:
            policy = read_policy(file.read())
        except (Broken, check_proof.Refused, ValueError) as error:
            sys.exit(f"the policy is not well-formed: {error}")
    worst = 0
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            verdict, why = check(*policy, file.read())
        print(f"{path}: {verdict} {why}".rstrip())
        worst = max(worst, {"VERIFIED": 0, "INCOMPLETE": 1, "TAMPERED": 2}[verdict])
    sys.exit([0, 2, 1][worst])


if __name__ == "__main__":
    main()
