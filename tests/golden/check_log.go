// Reads a log, and checks proofs, with the library by which Go's own checksum database is read (golang.org/x/mod/sumdb): what a stranger has
// who already watches logs. Nothing of it was written for this program, but what the page on formats says about paths and proof files.
//
//	check_log proofs VKEY < LINES        of each line {"leaf": hex, "proof": hex} says INCLUDED, DIFFERS or REFUSED
//	check_log bundles POLICY BUNDLE...   says VERIFIED, TAMPERED or INCOMPLETE of each, and why: check_bundle.go
//	check_log read URL VKEY [OLD...]     reads the log at URL by its tiles, entry by entry; OLD: checkpoints in files, seen before
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A log's size and root, signed.
type checkpoint struct {
	size int64
	root tlog.Hash
}

// Opens a checkpoint that one of these keys has signed, all of which have the name of the log: a note of exactly three lines, the first that name.
func open(text []byte, keys ...note.Verifier) (checkpoint, error) {
	none := checkpoint{}
	opened, err := note.Open(text, note.VerifierList(keys...))
	if err != nil {
		return none, err
	}
	for _, key := range keys {
		if _, err := signedBy(text, key); err != nil {
			return none, err
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != keys[0].Name() || lines[3] != "" {
		return none, fmt.Errorf("not three lines that begin with %s", keys[0].Name())
	}
	size, err := number(lines[1])
	if err != nil {
		return none, err
	}
	root, err := hash(lines[2])
	return checkpoint{size, root}, err
}

// Whether a note that opens has lines by a key; each of them must fit. The library takes base64 in more than one spelling, names with control characters
// of more than seven bits, and of two signatures by one key looks at the first; the page on formats is stricter.
func signedBy(text []byte, key note.Verifier) (signed bool, err error) {
	at := bytes.LastIndex(text, []byte("\n\n")) + 2
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(string(text[at:]), "\n"), "\n") {
		words := strings.Split(line, " ")
		data, err := decode(words[len(words)-1])
		if err == nil && !isName(words[1]) {
			err = fmt.Errorf("%q is no name", words[1])
		}
		if err != nil {
			return false, err
		}
		// A line that stands there again says what it said before.
		if seen[line] {
			continue
		}
		seen[line] = true
		if words[1] != key.Name() || binary.BigEndian.Uint32(data) != key.KeyHash() {
			continue
		}
		if len(data) < 68 || isSmall(data[len(data)-64:len(data)-32]) || !key.Verify(text[:at-1], data[4:]) {
			return false, fmt.Errorf("a signature by %s does not fit", key.Name())
		}
		signed = true
	}
	return signed, nil
}

// Whether a key may be called so: neither white space nor control characters, DEL and those above it too, nor what divides the text of a key.
func isName(name string) bool {
	isOther := func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) || c == '+' }
	return name != "" && !strings.ContainsFunc(name, isOther)
}

// The second in which a witness cosigned a note first. Whatever it has there fits.
func cosignedAt(text []byte, key note.Verifier) int64 {
	first := uint64(1 << 37)
	at := bytes.LastIndex(text, []byte("\n\n")) + 2
	for _, line := range strings.Split(strings.TrimSuffix(string(text[at:]), "\n"), "\n") {
		words := strings.Split(line, " ")
		data, _ := decode(words[len(words)-1])
		if words[1] == key.Name() && binary.BigEndian.Uint32(data) == key.KeyHash() {
			first = min(first, binary.BigEndian.Uint64(data[4:]))
		}
	}
	return int64(first)
}

// Whether a point of Ed25519 is of small order, so that it fits much that nobody signed. These are all, without their signs.
func isSmall(point []byte) bool {
	zeros, ones := strings.Repeat("00", 31), strings.Repeat("ff", 30)+"7f"
	small := []string{"00" + zeros, "01" + zeros, "ec" + ones, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}
	return slices.Contains(small, hex.EncodeToString(append(bytes.Clone(point[:31]), point[31]&0x7f)))
}

func encode(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func decode(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && encode(data) != text {
		err = fmt.Errorf("base64 in another spelling")
	}
	return data, err
}

func hash(text string) (found tlog.Hash, err error) {
	data, err := decode(text)
	if err == nil && len(data) != tlog.HashSize {
		err = fmt.Errorf("a hash of %d bytes", len(data))
	}
	copy(found[:], data)
	return found, err
}

func number(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err == nil && strconv.FormatInt(number, 10) != text || number < 0 {
		err = fmt.Errorf("%q is no number", text)
	}
	return number, err
}

// What a proof says of a leaf.
func check(key note.Verifier, leaf tlog.Hash, proof []byte) string {
	head, rest, found := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "REFUSED"
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") || len(lines) > 65 {
		return "REFUSED"
	}
	index, err := number(strings.TrimPrefix(lines[0], "index "))
	if err != nil {
		return "REFUSED"
	}
	path := tlog.RecordProof{}
	for _, line := range lines[1:] {
		one, err := hash(line)
		if err != nil {
			return "REFUSED"
		}
		path = append(path, one)
	}
	signed, err := open([]byte(rest), key)
	if err != nil {
		return "REFUSED"
	}
	if index >= signed.size || tlog.CheckRecord(path, signed.size, signed.root, index, leaf) != nil {
		return "DIFFERS"
	}
	return "INCLUDED"
}

func proofs(key note.Verifier) error {
	lines, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return out.Flush()
		}
		var asked struct{ Leaf, Proof string }
		if err == nil {
			err = json.Unmarshal(line, &asked)
		}
		if err != nil {
			return err
		}
		var leaf tlog.Hash
		if _, err := hex.Decode(leaf[:], []byte(asked.Leaf)); err != nil {
			return err
		}
		proof, err := hex.DecodeString(asked.Proof)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, check(key, leaf, proof))
	}
}

// A log that is served as c2sp.org/tlog-tiles has it.
type log struct{ url string }

// Tiles of 256 hashes.
func (log) Height() int { return 8 }

func (log) SaveTiles([]tlog.Tile, [][]byte) {}

func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// The library's paths name the height of the tiles, which is always the same here.
		data, err := l.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (l log) get(path string) ([]byte, error) {
	answer, err := http.Get(l.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func read(l log, key note.Verifier, old []string) error {
	text, err := l.get("checkpoint")
	if err != nil {
		return err
	}
	signed, err := open(text, key)
	if err != nil {
		return err
	}
	// Whatever is read through this is held against the signed root.
	hashes := tlog.TileHashReader(tlog.Tree{N: signed.size, Hash: signed.root}, l)
	for from := int64(0); from < signed.size; from += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: from / 256, W: int(min(256, signed.size-from))}
		bundle, err := l.get(strings.Replace(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1), "tile/8/", "tile/", 1))
		if err != nil {
			return err
		}
		for index := from; index < from+int64(tile.W); index++ {
			if len(bundle) < 2 || len(bundle) < 2+(int(bundle[0])<<8|int(bundle[1])) {
				return fmt.Errorf("entry %d is cut off", index)
			}
			length := int(bundle[0])<<8 | int(bundle[1])
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			bundle = bundle[2+length:]
			kept, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			if err != nil {
				return err
			}
			if kept[0] != leaf {
				return fmt.Errorf("entry %d has another hash than the tree", index)
			}
			proof, err := l.get(fmt.Sprintf("proof/%d", index))
			if err != nil {
				return err
			}
			if said := check(key, leaf, proof); said != "INCLUDED" {
				return fmt.Errorf("the proof of entry %d: %s", index, said)
			}
		}
		if len(bundle) > 0 {
			return fmt.Errorf("more than the entries in %s", tile.Path())
		}
	}
	for _, file := range old {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		before, err := open(text, key)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(signed.size, before.size, hashes)
		if err == nil {
			err = tlog.CheckTree(proof, signed.size, signed.root, before.size, before.root)
		}
		if err != nil {
			return fmt.Errorf("size %d is no part of what is signed now: %w", before.size, err)
		}
	}
	fmt.Printf("READ %d\n", signed.size)
	return nil
}

func main() {
	err := fmt.Errorf("check_log proofs VKEY, check_log bundles POLICY BUNDLE..., or check_log read URL VKEY [OLD...]")
	switch {
	case len(os.Args) == 3 && os.Args[1] == "proofs":
		var key note.Verifier
		if key, err = note.NewVerifier(os.Args[2]); err == nil {
			err = proofs(key)
		}
	case len(os.Args) >= 4 && os.Args[1] == "bundles":
		err = bundles(os.Args[2], os.Args[3:])
	case len(os.Args) >= 4 && os.Args[1] == "read":
		var key note.Verifier
		if key, err = note.NewVerifier(os.Args[3]); err == nil {
			err = read(log{os.Args[2]}, key, os.Args[4:])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
