// Checks bundles of evidence as the pages on formats have them (engine/src/evidence/FORMAT.md §8), with the same library: signatures and hashes are
// its own. It says what check_bundle.py says, and as that one does not live cases through once more.
package main

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What is wrong, as a panic that check recovers from.
type broken string

// It is of a version that is not known here.
type newer struct{}

func need(fact bool, what string) {
	if !fact {
		panic(broken(what))
	}
}

func must[T any](value T, err error) T {
	need(err == nil, fmt.Sprint(err))
	return value
}

func pattern(form string) *regexp.Regexp { return regexp.MustCompile(`\A(?:` + form + `)\z`) }

var (
	command  = pattern(`[0-9a-f]{32}`)
	digest   = pattern(`[0-9a-f]{64}`)
	instants = pattern(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z`)
	label    = pattern(`[a-z0-9]([a-z0-9-]*[a-z0-9])?`)
	origins  = pattern(`[!-~]+/(site|unit/[a-z0-9]([a-z0-9-]*[a-z0-9])?)/[1-9][0-9]*`)
	place    = pattern(`[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*`)
	logFile  = pattern(`log/((site|unit/([a-z0-9-]+))/([1-9][0-9]*))/checkpoint`)
	// Members of a leaf that are text, and their forms; a case's come all together.
	leafForms = map[string]*regexp.Regexp{"actor": pattern(`p_[0-9a-f]{32}|system`), "cmd": command, "kind": pattern(`[a-z]+\.[a-z]+`),
		"log": origins, "t": instants, "case": command, "op": digest, "def": digest, "via": label}
)

func isGround(value any) bool {
	text, is := value.(string)
	return is && text != "" && utf8.RuneCountInString(text) <= 2000
}

// Of the form of an instant, and a day that there is.
func isInstant(value any) bool {
	if !has(value, instants) {
		return false
	}
	_, err := time.Parse("2006-01-02T15:04:05.000000Z", value.(string))
	return err == nil
}

func isUnit(text string) bool { return len(text) <= 64 && label.MatchString(text) }

type file struct {
	name    string
	content []byte
}

// The files of a ZIP in the one spelling that bundles have.
func unzip(data []byte) (files []file) {
	need(len(data) <= 1<<30, "too large")
	plain := []byte{10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0}
	little := binary.LittleEndian
	var listed []byte
	at := 0
	for bytes.HasPrefix(data[at:], []byte("PK\x03\x04")) {
		need(len(data) >= at+30, "a header breaks off")
		size, length := int(little.Uint32(data[at+18:])), int(little.Uint16(data[at+26:]))
		begin := at + 30 + length
		need(len(data) >= begin+size, "a file breaks off")
		name, content := string(data[at+30:begin]), data[begin:begin+size]
		need(len(name) <= 200 && place.MatchString(name), "a name")
		need(len(files) == 0 || files[len(files)-1].name < name, "names rise")
		facts := little.AppendUint32(slices.Clone(plain), crc32.ChecksumIEEE(content))
		facts = little.AppendUint32(little.AppendUint32(facts, uint32(size)), uint32(size))
		facts = little.AppendUint16(little.AppendUint16(facts, uint16(length)), 0)
		need(bytes.Equal(data[at+4:at+30], facts), "a header")
		listed = append(append(append(listed, "PK\x01\x02\x0a\x00"...), facts...), make([]byte, 10)...)
		listed = append(little.AppendUint32(listed, uint32(at)), name...)
		files = append(files, file{name, content})
		need(len(files) <= 10_000, "too many files")
		at = begin + size
	}
	end := append(slices.Clone(listed), "PK\x05\x06\x00\x00\x00\x00"...)
	end = little.AppendUint16(little.AppendUint16(end, uint16(len(files))), uint16(len(files)))
	end = little.AppendUint32(little.AppendUint32(end, uint32(len(listed))), uint32(at))
	need(bytes.Equal(data[at:], append(end, 0, 0)), "the directory")
	return files
}

type head struct {
	host, unit, from, to string
	cases                []any
	ofCases              bool
}

func readHead(text string) (found head) {
	need(len(text) <= 256*1024, "a head is not that long")
	top := object(canonical(text))
	version, _ := count(top["v"])
	if version > 1 {
		panic(newer{})
	}
	need(members(top, "chosen host v zone", "withheld") && version == 1, "the head")
	host, isText := top["host"].(string)
	need(isText && 0 < len(host) && len(host) <= 16383 && pattern(`[!-*,-~]+`).MatchString(host), "the host")
	_, isText = top["zone"].(string)
	withheld, there := top["withheld"]
	need(isText && (!there || isGround(withheld)), "the zone, and the ground")
	chosen := object(top["chosen"])
	unit, _ := chosen["unit"].(string)
	need(members(chosen, "unit", "cases from processes to") && isUnit(unit), "what was chosen")
	found = head{host: host, unit: unit}
	for _, name := range []string{"cases", "processes"} {
		value, there := chosen[name]
		if !there {
			continue
		}
		list, is := value.([]any)
		need(is && 0 < len(list) && len(list) <= 1000, name)
		for _, one := range list {
			_, isText := one.(string)
			need(isText && (name == "processes" || has(one, command)), name)
		}
		found.ofCases = true
		if name == "cases" {
			found.cases = list
		}
	}
	for name, at := range map[string]*string{"from": &found.from, "to": &found.to} {
		value, there := chosen[name]
		if !there {
			continue
		}
		need(isInstant(value) && value.(string) >= "1970", "an instant")
		*at = value.(string)
	}
	return found
}

type shownLog struct {
	unit, name, origin, checkpoint string
	lines                          []string
}

func openBundle(data []byte) (found head, documents map[string]bool, logs []shownLog) {
	files := unzip(data)
	need(len(files) > 0 && files[0].name == "MANIFEST.sha256", "the manifest is first")
	var manifest strings.Builder
	texts := map[string]string{}
	for _, one := range files[1:] {
		fmt.Fprintf(&manifest, "%x  %s\n", sha256.Sum256(one.content), one.name)
		need(utf8.Valid(one.content), "UTF-8")
		texts[one.name] = string(one.content)
	}
	need(manifest.String() == string(files[0].content), "the manifest is the list of the files")
	need(texts["bundle.json"] != "", "the head")
	found = readHead(texts["bundle.json"])
	documents = map[string]bool{}
	units := map[string]bool{}
	ours := 0
	for n := 1; n < len(files); n++ {
		name := files[n].name
		switch {
		case slices.Contains([]string{"README.txt", "bundle.json", "report.txt"}, name):
			ours++
		case strings.HasPrefix(name, "document/"):
			hash := fmt.Sprintf("%x", sha256.Sum256(files[n].content))
			need(name == "document/"+hash+".json", "a document has another hash than its name")
			documents[hash] = true
		default:
			parts := logFile.FindStringSubmatch(name)
			need(parts != nil, "a file of a bundle")
			must(number(parts[4]))
			unit := parts[3]
			need(unit == "" || isUnit(unit) && unit != "site", "a unit")
			if unit == "" {
				unit = "site"
			}
			n++
			need(n < len(files) && files[n].name == "log/"+parts[1]+"/entries.jsonl", "entries beside the checkpoint")
			text := string(files[n].content)
			need(text == "" || strings.HasSuffix(text, "\n"), "the last line has an end")
			lines := strings.Split(text, "\n")
			need(!units[unit], "each log once")
			units[unit] = true
			host := found.host + "/"
			logs = append(logs, shownLog{unit, host + parts[1], host + parts[2] + "/1", texts[name], lines[:len(lines)-1]})
		}
	}
	need(ours == 3 && units["site"] && units[found.unit], "the files and the logs that every bundle has")
	return found, documents, logs
}

// An entry's place among those of its case that are shown.
type caseAt struct {
	os                    int64
	last                  string
	shown, hidden, hasGap bool
}

type tree struct {
	head      head
	documents map[string]bool
	log       shownLog
	missing   func(string)
	size      uint64
	peaks     []tlog.Hash
	time      string
	gap       bool
	cases     map[string]caseAt
	// By case the variables whose values are gone, as long as no entry says that they were erased.
	gone map[any]map[string]bool
	// What the site log took in, where this is the site log: of the units' logs, and notes on changes of keys.
	taken []signed
	notes []string
	// How many entries there are up to the last that is shown.
	shown uint64
	// What was seen of it outside, and when.
	bounds []bound
}

// Entries below a size were there at a time, in microseconds since 1970; nothing else was, where that is so.
type bound struct {
	size        uint64
	seen        int64
	nothingElse bool
}

// Microseconds by which clocks may differ.
const tolerance = 120 * 1e6

func micros(at string) int64 {
	return must(time.Parse("2006-01-02T15:04:05.000000Z", at)).UnixMicro()
}

// What was signed of a log, as the site log tells it.
type signed struct {
	log  string
	size uint64
	root tlog.Hash
}

// What the site log took in of a log under one epoch, sizes rising.
type epoch struct {
	left   []signed
	before uint64
}

// What the site log took in of a log, under the epoch that is shown and under those before it.
func epochs(tookIn []signed, name string) map[int64]*epoch {
	slash := strings.LastIndex(name, "/")
	last := must(number(name[slash+1:]))
	found := map[int64]*epoch{}
	for _, one := range tookIn {
		of, is := strings.CutPrefix(one.log, name[:slash+1])
		n, err := number(of)
		if !is || err != nil || n < 1 || n > last {
			continue
		}
		if found[n] == nil {
			found[n] = &epoch{}
		}
		found[n].left = append(found[n].left, one)
	}
	for _, one := range found {
		slices.SortStableFunc(one.left, func(one, other signed) int { return cmp.Compare(one.size, other.size) })
	}
	return found
}

// What has become of so many entries of a log that were signed under an epoch: kept, lost as was declared, or nobody has said.
func (p policy) fate(name string, epoch int64, size uint64) string {
	slash := strings.LastIndex(name, "/")
	for last := must(number(name[slash+1:])); epoch < last; epoch++ {
		lost, declared := p.lost[fmt.Sprint(name[:slash+1], epoch)]
		if !declared || size > lost[1] {
			return "undeclared"
		}
		if size > lost[0] {
			return "lost"
		}
	}
	return "kept"
}

var logName = pattern(`.+/(site|unit/([a-z0-9-]+))/([1-9][0-9]*)`)

func isLog(name string) bool {
	parts := logName.FindStringSubmatch(name)
	if parts == nil || parts[1] != "site" && !isUnit(parts[2]) {
		return false
	}
	_, err := number(parts[3])
	return err == nil
}

// The checkpoint of a log, signed by a key that may sign it at its size.
func (p policy) open(name, host, text string) checkpoint {
	need(len(text) <= 64*1024, "a note that is not too long")
	var publics []ed25519.PublicKey
	lines := strings.Split(text, "\n")
	need(len(lines) > 1, "a size")
	size := must(number(lines[1]))
	for _, one := range p.ofLog(name, host) {
		isThere := slices.ContainsFunc(publics, func(other ed25519.PublicKey) bool { return other.Equal(one.key) })
		if one.from <= size && size <= one.to && !isThere {
			publics = append(publics, one.key)
		}
	}
	need(len(publics) > 0, "a key that may sign this")
	var keys []note.Verifier
	for _, public := range publics {
		keys = append(keys, must(note.NewVerifier(vkey(name, public))))
	}
	return must(open([]byte(text), keys...))
}

// The keys that may sign checkpoints of a log: its own, or its host's for all sizes.
func (p policy) ofLog(name, host string) []ranged {
	if own, ranged := p.ranged[name]; ranged {
		return own
	}
	if public, known := p.keys[host]; known {
		return []ranged{{public, 0, 1<<63 - 1}}
	}
	return nil
}

// A key under a name, as policies and notes write it.
func vkey(name string, public ed25519.PublicKey) string {
	made := append([]byte{1}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), made...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], encode(made))
}

// Whether a text is a note that this key has signed.
func hasSigned(text, key string) bool {
	verifier, err := note.NewVerifier(key)
	if err != nil || len(text) > 64*1024 {
		return false
	}
	if _, err = note.Open([]byte(text), note.VerifierList(verifier)); err != nil {
		return false
	}
	signed, err := signedBy([]byte(text), verifier)
	return signed && err == nil
}

// What a note on a key says: the lines of its text, and the logs of which it tells. Who has signed it is asked once, and only where it is of a log that is
// asked about.
type said struct {
	text   string
	lines  []string
	logs   map[string]bool
	signed map[string]bool
}

func (s *said) isBy(key string) bool {
	answer, known := s.signed[key]
	if !known {
		answer = hasSigned(s.text, key)
		s.signed[key] = answer
	}
	return answer
}

// What the notes of a host say: of new epochs, and of changes of keys by the old one.
func allSaid(host string, notes []string) (epochs []*said, changes map[string][]*said) {
	changes = map[string][]*said{}
	for _, text := range notes {
		lines := strings.Split(text[:max(0, strings.LastIndex(text, "\n\n")+1)], "\n")
		if len(lines) < 5 || lines[0] != host {
			continue
		}
		one := &said{text, lines, map[string]bool{}, map[string]bool{}}
		for _, line := range lines[5:] {
			if log, _, is := strings.Cut(line, " "); is {
				one.logs[log] = true
			}
		}
		switch lines[1] {
		case "new key", "restore":
			epochs = append(epochs, one)
		case "change of key":
			changes[lines[3]] = append(changes[lines[3]], one)
		}
	}
	return epochs, changes
}

// Whether the key that has signed a log counts, where there are recovery keys: it was there from the beginning, or so many officers have stated it with
// this epoch, or one that counts has handed over to it.
func (p policy) counts(name, host, checkpoint string, size int64, epochs []*said, changes map[string][]*said) bool {
	// By the keys as notes name them, under the host's name.
	ofName, own, counted := p.ofLog(name, host), map[string]bool{}, map[string]bool{}
	slash := strings.LastIndex(name, "/")
	epoch := must(number(name[slash+1:]))
	for _, one := range ofName {
		key := vkey(host, one.key)
		own[key] = true
		if epoch == 1 && one.from == 0 {
			counted[key] = true
		}
	}
	for _, one := range epochs {
		if epoch == 1 || !own[one.lines[4]] || !one.logs[fmt.Sprint(name[:slash+1], epoch-1)] {
			continue
		}
		officers := 0
		for _, officer := range p.recovery {
			if one.isBy(vkey(officer.name, officer.key)) {
				officers++
			}
		}
		if officers >= p.recoveryQuorum {
			counted[one.lines[4]] = true
		}
	}
	// A key that was handed over to hands over in its turn, in whatever order the site's log has taken that in.
	left := slices.Collect(maps.Keys(counted))
	for len(left) > 0 {
		old := left[len(left)-1]
		left = left[:len(left)-1]
		for _, one := range changes[old] {
			if new := one.lines[4]; one.logs[name] && own[new] && !counted[new] && one.isBy(old) && one.isBy(new) {
				counted[new] = true
				left = append(left, new)
			}
		}
	}
	for _, one := range ofName {
		if one.from <= size && size <= one.to && counted[vkey(host, one.key)] && hasSigned(checkpoint, vkey(name, one.key)) {
			return true
		}
	}
	return false
}

func (t *tree) push(size uint64, node tlog.Hash) {
	for n := t.size / size; n&1 == 1; n >>= 1 {
		node = tlog.NodeHash(t.peaks[len(t.peaks)-1], node)
		t.peaks = t.peaks[:len(t.peaks)-1]
	}
	t.peaks = append(t.peaks, node)
	t.size += size
}

func (t *tree) root() tlog.Hash {
	if len(t.peaks) == 0 {
		return sha256.Sum256(nil)
	}
	root := t.peaks[len(t.peaks)-1]
	for n := len(t.peaks) - 2; n >= 0; n-- {
		root = tlog.NodeHash(t.peaks[n], root)
	}
	return root
}

func (t *tree) line(text string) {
	need(len(text) <= 16<<20, "a line is not that long")
	line := object(canonical(text))
	index, is := count(line["index"])
	need(is && uint64(index) == t.size, "the next index")
	if members(line, "index node size", "") {
		size, is := count(line["size"])
		need(is && size > 0 && size&(size-1) == 0 && t.size%uint64(size) == 0 && has(line["node"], digest), "a subtree")
		need(t.size+uint64(size) < 1<<63, "a tree is not that large")
		var node tlog.Hash
		hex.Decode(node[:], []byte(line["node"].(string)))
		t.push(uint64(size), node)
		if t.log.unit == "site" {
			t.missing("entries of the site log are not shown")
		}
		t.gap = true
		return
	}
	written, is := line["leaf"].(string)
	need(members(line, "index leaf", "payloads") && is, "an entry")
	leaf := readLeaf(written)
	at := leaf["t"].(string)
	need(leaf["i"] == index && leaf["log"] == t.log.origin && at > t.time, "a leaf in its place")
	t.endGap(at)
	t.time = at
	for _, one := range t.bounds {
		if t.size < one.size {
			need(micros(at) <= one.seen+tolerance, "an entry says that it is from after it was seen")
		} else {
			need(!one.nothingElse || micros(at) >= one.seen-tolerance, "an entry says that it is from before it was there")
		}
	}
	hash := tlog.RecordHash([]byte(written))
	t.push(1, hash)
	t.shown = t.size
	payloads, shown := line["payloads"]
	switch {
	case shown:
		t.payloads(leaf, payloads)
	case t.log.unit == "site" && slices.Contains(strings.Fields("unit.put post.put person.registered appointment.made appointment.ended document.deployed checkpoints.taken"), leaf["kind"].(string)):
		t.missing("values of the office are not shown")
	case t.log.unit == t.head.unit && !t.head.ofCases && t.head.from <= at && (t.head.to == "" || at < t.head.to):
		t.missing("values of the period are not shown")
	}
	if _, inCase := leaf["case"]; inCase {
		t.follow(leaf, hex.EncodeToString(hash[:]), shown)
	}
}

func readLeaf(text string) map[string]any {
	need(len(text) <= 16384 && !regexp.MustCompile(`[^ -~]`).MatchString(text), "a leaf is short, and printable ASCII")
	leaf := object(canonical(text))
	needed := "actor cmd i kind log pl t v"
	for _, name := range []string{"case", "op", "os"} {
		if _, there := leaf[name]; there {
			needed = "actor case cmd i kind log op os pl t v"
		}
	}
	need(leaf["v"] == int64(1) && members(leaf, needed, "def via"), "a leaf of version 1")
	for name, value := range leaf {
		switch form := leafForms[name]; {
		case form != nil:
			need(has(value, form) || name == "op" && value == nil, name)
			need(name != "t" || isInstant(value), "an instant")
		case name != "pl":
			_, is := count(value)
			need(is, name)
		default:
			listed, is := value.([]any)
			need(is, name)
			for _, one := range listed {
				entry, is := one.([]any)
				need(is && len(entry) == 3, "a payload of the leaf")
				_, is = entry[0].(string)
				need(is && entry[1] == "application/json" && has(entry[2], digest), "a payload of the leaf")
			}
		}
	}
	return leaf
}

// Where entries were left out, they must lie outside the period.
func (t *tree) endGap(after string) {
	gap := t.gap
	t.gap = false
	if !gap || t.log.unit != t.head.unit || t.head.ofCases {
		return
	}
	before := after != "" && t.head.from != "" && after < t.head.from
	behind := t.time != "" && t.head.to != "" && t.time >= t.head.to
	if !before && !behind {
		t.missing("entries are not shown that may lie in the period")
	}
}

func (t *tree) payloads(leaf map[string]any, shown any) {
	payloads, isList := shown.([]any)
	listed, isListed := leaf["pl"].([]any)
	need(isList && isListed && len(payloads) == len(listed) && len(listed) > 0, "as many payloads as the leaf commits")
	for n := range payloads {
		entry, is := listed[n].([]any)
		need(is && len(entry) == 3, "a payload of the leaf")
		payload := object(payloads[n])
		name, isText := payload["name"].(string)
		need(isText && entry[0] == name && (n > 0 || name == "events"), "the payload of the leaf")
		if members(payload, "name withheld", "") {
			need(n > 0 && isGround(payload["withheld"]), "events are never withheld, and there is a ground")
			continue
		}
		need(members(payload, "body name salt", "") && has(payload["salt"], digest), "a payload")
		salt, _ := hex.DecodeString(payload["salt"].(string))
		if payload["body"] == nil {
			need(n > 0 && bytes.Equal(salt, make([]byte, 32)), "events are never erased, and with the body goes the salt")
			if t.gone[leaf["case"]] == nil {
				t.gone[leaf["case"]] = map[string]bool{}
			}
			if dot := strings.LastIndex(name, "."); dot > 0 {
				name = name[:dot]
			}
			t.gone[leaf["case"]][name] = true
			continue
		}
		body, isText := payload["body"].(string)
		need(isText, "a body")
		made := sha256.Sum256(slices.Concat([]byte("gqe/payload/v1\n"), salt, []byte(body)))
		need(entry[2] == hex.EncodeToString(made[:]), "the payload that the leaf commits")
	}
	if leaf["kind"] == "values.erased" {
		for _, name := range erased(object(payloads[0])["body"].(string)) {
			delete(t.gone[leaf["case"]], name)
		}
	}
	if leaf["kind"] == "checkpoints.taken" && t.log.unit == "site" {
		t.taken = append(t.taken, taken(object(payloads[0])["body"].(string))...)
	}
	if slices.Contains(noteKinds, leaf["kind"].(string)) && t.log.unit == "site" {
		t.notes = append(t.notes, keyNotes(object(payloads[0])["body"].(string))...)
	}
	if hash, there := leaf["def"]; there && !t.documents[hash.(string)] {
		t.missing("a definition is not there")
	}
}

// The events of these names in an event list. Whatever is spelled otherwise than such lists are says nothing.
func eventsOf(body string, names ...string) (found []map[string]any) {
	defer func() {
		switch wrong := recover().(type) {
		case nil, broken:
		default:
			panic(wrong)
		}
	}()
	list, _ := (&reader{text: body, anyOrder: true}).whole().(map[string]any)
	events, _ := list["events"].([]any)
	for _, one := range events {
		event, _ := one.(map[string]any)
		if name, is := event["event"].(string); is && slices.Contains(names, name) {
			found = append(found, event)
		}
	}
	return found
}

// The variables that an event list says were erased. Of an event in which one is none, none counts.
func erased(body string) (names []string) {
	for _, event := range eventsOf(body, "values.erased") {
		list, _ := event["names"].([]any)
		var told []string
		for _, one := range list {
			if name, is := one.(string); is {
				told = append(told, name)
			}
		}
		if len(told) == len(list) {
			names = append(names, told...)
		}
	}
	return names
}

// The checkpoints that an event list says the site log took in. Of an event in which one is none, none counts.
func taken(body string) (found []signed) {
	for _, event := range eventsOf(body, "checkpoints.taken") {
		list, _ := event["checkpoints"].([]any)
		var told []signed
		for _, one := range list {
			checkpoint, _ := one.(map[string]any)
			log, isText := checkpoint["log"].(string)
			size, isCount := count(checkpoint["size"])
			if !isText || !isCount || len(checkpoint) != 3 || !has(checkpoint["root"], digest) {
				break
			}
			bytes, _ := hex.DecodeString(checkpoint["root"].(string))
			told = append(told, signed{log, uint64(size), tlog.Hash(bytes)})
		}
		if len(told) == len(list) {
			found = append(found, told...)
		}
	}
	return found
}

// Kinds of the entries, and names of their events, that hold notes on changes of keys, and on new epochs as recovery officers have signed them.
var noteKinds = []string{"key.rotated", "recovery.stated"}

// Notes on keys of one bundle that are looked at.
const notesMax = 1_000

func keyNotes(body string) (found []string) {
	for _, event := range eventsOf(body, noteKinds...) {
		if note, is := event["note"].(string); is {
			found = append(found, note)
		}
	}
	return found
}

func (t *tree) follow(leaf map[string]any, hash string, shown bool) {
	os, op := leaf["os"].(int64), leaf["op"]
	isFirst := os == 1
	need(isFirst == (leaf["case"] == leaf["cmd"]) && isFirst == (op == nil), "a case begins with its first entry")
	of := t.cases[leaf["case"].(string)]
	need(os > of.os && (os != of.os+1 || isFirst || op == of.last), "the next of its case")
	t.cases[leaf["case"].(string)] = caseAt{os, hash, of.shown || shown, of.hidden || !shown, of.hasGap || os != of.os+1}
}

// A witness's key: it signs the text with a time.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 || binary.BigEndian.Uint64(signature) >= 1<<37 {
		return false
	}
	message := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, message, signature[8:])
}

// What a policy relies on.
type policy struct {
	keys map[string]ed25519.PublicKey
	// Keys of single logs, and the sizes of the checkpoints that each may sign.
	ranged map[string][]ranged
	// What a restore has lost of the entries signed under a name: so many were kept, of so many.
	lost      map[string][2]uint64
	witnesses []witness
	quorum    int64
	seen      []outside
	// The keys of recovery officers, and how many of them are to sign.
	recovery       []witness
	recoveryQuorum int
}

type ranged struct {
	key      ed25519.PublicKey
	from, to int64
}

type outside struct {
	log  string
	size int64
	root tlog.Hash
	// When it was there: `by` or `at` a time, or neither.
	when, time string
}

// Name, id and public key of a vkey; of kind 1 those of logs, of kind 4 those of witnesses.
func readKey(text string, kind byte) witness {
	parts := strings.SplitN(text, "+", 3)
	need(len(parts) == 3 && isName(parts[0]) && len(parts[0]) <= 1024, "a vkey")
	data := must(decode(parts[2]))
	need(len(data) == 33 && data[0] == kind, "an Ed25519 key")
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	need(hex.EncodeToString(id[:4]) == parts[1], "the digits fit the key")
	return witness{parts[0], binary.BigEndian.Uint32(id[:]), data[1:]}
}

func readPolicy(text string) (found policy) {
	need(len(text) <= 4<<20, "a policy is not that long")
	found.keys, found.ranged, found.lost = map[string]ed25519.PublicKey{}, map[string][]ranged{}, map[string][2]uint64{}
	pairs, officers := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		lengths := map[string][]int{"key": {2, 4, 6}, "lost": {4}, "witness": {2}, "quorum": {2}, "seen": {4, 6}, "recovery": {2}, "recovery-quorum": {2}}[words[0]]
		need(slices.Contains(lengths, len(words)), "a line of another kind: "+line)
		switch words[0] {
		case "key":
			key := readKey(words[1], 1)
			one := ranged{key.key, 0, 1<<63 - 1}
			for n := 2; n < len(words); n += 2 {
				at := map[string]*int64{"from": &one.from, "to": &one.to}[words[n]]
				need(at != nil && (words[n] == "to" || n == 2) && (words[n] == "from" || n+2 == len(words)), "from one size to another")
				*at = must(number(words[n+1]))
			}
			need(one.from <= one.to && (len(words) == 2 || isLog(key.name)), "sizes of one log")
			if isLog(key.name) {
				found.ranged[key.name] = append(found.ranged[key.name], one)
			} else if _, there := found.keys[key.name]; !there {
				found.keys[key.name] = key.key
			}
		case "lost":
			from, to := must(number(words[2])), must(number(words[3]))
			_, there := found.lost[words[1]]
			need(from <= to && isLog(words[1]) && !there, "what a log has lost, once")
			found.lost[words[1]] = [2]uint64{uint64(from), uint64(to)}
		case "witness":
			key := readKey(words[1], 4)
			need(!pairs[string(key.key)], "a witness twice")
			pairs[string(key.key)] = true
			found.witnesses = append(found.witnesses, key)
		case "quorum":
			need(found.quorum == 0, "a quorum twice")
			found.quorum = must(number(words[1]))
			need(found.quorum > 0, "a quorum from 1")
		case "recovery":
			key := readKey(words[1], 1)
			need(!officers[string(key.key)], "a recovery key twice")
			officers[string(key.key)] = true
			found.recovery = append(found.recovery, key)
		case "recovery-quorum":
			need(found.recoveryQuorum == 0, "a quorum twice")
			found.recoveryQuorum = int(must(number(words[1])))
			need(found.recoveryQuorum > 0, "a quorum from 1")
		case "seen":
			one := outside{log: words[1], size: must(number(words[2])), root: must(hash(words[3]))}
			if len(words) == 6 {
				one.when, one.time = words[4], words[5]
				need(one.when == "by" || one.when == "at", "by or at a time")
				need(isInstant(one.time) && one.time >= "1970", "an instant")
			}
			found.seen = append(found.seen, one)
		}
	}
	need(len(found.keys)+len(found.ranged) > 0, "a key to rely on")
	for _, key := range found.keys {
		need(!pairs[string(key)] && !officers[string(key)], "a witness or an officer is no office")
	}
	for _, own := range found.ranged {
		for _, one := range own {
			need(!pairs[string(one.key)] && !officers[string(one.key)], "a witness or an officer is no office")
		}
	}
	need(found.recoveryQuorum <= len(found.recovery) && (found.recoveryQuorum == 0) == (len(found.recovery) == 0), "as many officers as are wanted")
	need(found.quorum <= int64(len(found.witnesses)), "as many witnesses as are wanted")
	slices.SortStableFunc(found.seen, func(one, other outside) int { return int(min(1, max(-1, one.size-other.size))) })
	return found
}

// TAMPERED with the first contradiction, INCOMPLETE with what is missing, or VERIFIED.
func (p policy) check(data []byte) (verdict, why string) {
	var missing []string
	defer func() {
		switch found := recover().(type) {
		case nil:
		case broken:
			verdict, why = "TAMPERED", string(found)
		case newer:
			verdict, why = "INCOMPLETE", "it is of a newer version"
		default:
			panic(found)
		}
	}()
	head, documents, logs := openBundle(data)
	var tookIn []signed
	var notes []string
	var sizes []int64
	for _, log := range logs {
		own := p.open(log.name, head.host, log.checkpoint)
		var cosigned int64
		var bounds []bound
		for _, witness := range p.witnesses {
			if must(signedBy([]byte(log.checkpoint), witness)) {
				cosigned++
				bounds = append(bounds, bound{uint64(own.size), cosignedAt([]byte(log.checkpoint), witness) * 1e6, false})
			}
		}
		if cosigned < p.quorum {
			missing = append(missing, "fewer witnesses than the policy wants")
		}
		t := tree{head: head, documents: documents, log: log, cases: map[string]caseAt{}, gone: map[any]map[string]bool{}}
		for _, one := range p.seen {
			if one.log == log.name && one.when != "" {
				bounds = append(bounds, bound{uint64(one.size), micros(one.time), one.when == "at"})
			}
		}
		t.bounds = bounds
		t.missing = func(what string) { missing = append(missing, what) }
		seen := slices.DeleteFunc(slices.Clone(p.seen), func(one outside) bool { return one.log != log.name })
		// What was seen under this name is held against it by itself.
		all := slices.Clone(tookIn)
		for _, one := range p.seen {
			if one.log != log.name {
				all = append(all, signed{one.log, uint64(one.size), one.root})
			}
		}
		inside := epochs(all, log.name)
		for n := 0; n <= len(log.lines); n++ {
			if n > 0 {
				t.line(log.lines[n-1])
			}
			for ; len(seen) > 0 && uint64(seen[0].size) <= t.size; seen = seen[1:] {
				if uint64(seen[0].size) < t.size {
					missing = append(missing, "a checkpoint from outside lies within entries that are not shown")
				} else {
					need(seen[0].root == t.root(), "a checkpoint from outside has another root")
				}
			}
			for number, epoch := range inside {
				for len(epoch.left) > 0 && epoch.left[0].size <= t.size {
					one := epoch.left[0]
					epoch.left = epoch.left[1:]
					fate := p.fate(log.name, number, one.size)
					if fate == "lost" {
						continue
					}
					isNewest := len(epoch.left) == 0 || epoch.left[0].size > uint64(own.size)
					isNext := t.shown > epoch.before
					epoch.before = one.size
					if one.size < t.size {
						if isNewest || isNext {
							missing = append(missing, "a checkpoint that the site log took in lies within entries that are not shown")
						}
					} else if one.root != t.root() {
						need(fate != "kept", "another root was taken in or seen outside")
						missing = append(missing, "the site log took in another root under an earlier epoch")
					}
				}
			}
		}
		t.endGap("")
		tookIn = append(tookIn, t.taken...)
		notes, sizes = append(notes, t.notes...), append(sizes, own.size)
		for number, epoch := range inside {
			for _, one := range epoch.left {
				if p.fate(log.name, number, one.size) != "lost" {
					missing = append(missing, "a checkpoint that is newer was taken in or seen outside")
				}
			}
		}
		need(t.size == uint64(own.size) && t.root() == own.root, "the root that was signed")
		if len(seen) > 0 {
			missing = append(missing, "a checkpoint from outside is newer")
		}
		for _, gone := range t.gone {
			if len(gone) > 0 {
				missing = append(missing, "a value is gone, and no entry says that it was erased")
			}
		}
		for _, one := range t.cases {
			if one.shown && (one.hidden || one.hasGap) {
				missing = append(missing, "entries of a case are not there")
			}
		}
		for _, one := range head.cases {
			if log.unit == head.unit && !t.cases[one.(string)].shown {
				missing = append(missing, "a chosen case is not there")
			}
		}
	}
	if p.recoveryQuorum > 0 && len(notes) > notesMax {
		missing = append(missing, "more notes on keys than are looked at")
	}
	told, changes := allSaid(head.host, notes[:min(len(notes), notesMax)])
	for n, log := range logs {
		if p.recoveryQuorum > 0 && !p.counts(log.name, head.host, log.checkpoint, sizes[n], told, changes) {
			missing = append(missing, "a key that nobody has stated or handed over to")
		}
	}
	if len(missing) > 0 {
		return "INCOMPLETE", missing[0]
	}
	return "VERIFIED", ""
}

// Says of each bundle what it is; the exit code is that of the worst.
func bundles(path string, paths []string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var policy policy
	func() {
		defer func() {
			if found, is := recover().(broken); is {
				err = fmt.Errorf("the policy: %s", found)
			}
		}()
		policy = readPolicy(string(text))
	}()
	if err != nil {
		return err
	}
	worst := "VERIFIED"
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		verdict, why := policy.check(data)
		fmt.Println(strings.TrimSpace(path + ": " + verdict + " " + why))
		if verdict == "TAMPERED" || worst == "VERIFIED" {
			worst = verdict
		}
	}
	os.Exit(map[string]int{"VERIFIED": 0, "TAMPERED": 1, "INCOMPLETE": 2}[worst])
	return nil
}
