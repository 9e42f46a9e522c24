// JSON in the one spelling that leaves, lines and heads have (RFC 8785, whole numbers only), and what its values may be held to.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// JSON as RFC 8785 writes it, whole numbers only: any other spelling is refused where it begins.
type reader struct {
	text string
	at   int
	// Members may stand in any order, each once all the same.
	anyOrder bool
}

func canonical(text string) any { return (&reader{text: text}).whole() }

func (r *reader) whole() any {
	value := r.value(0)
	need(r.at == len(r.text), "nothing follows the value")
	return value
}

func (r *reader) take(word string) bool {
	found := strings.HasPrefix(r.text[r.at:], word)
	if found {
		r.at += len(word)
	}
	return found
}

var (
	numbers = regexp.MustCompile(`\A(0|-?[1-9][0-9]{0,15})`)
	// What stands for itself, and what is written otherwise.
	texts = regexp.MustCompile(`\A"((?:[^"\\\x00-\x1f]|\\["\\btnfr]|\\u00[01][0-9a-f])*)"`)
	// Of those written by number the ones that have a letter.
	letters = regexp.MustCompile(`\\(\\|u000[89acd])`)
)

func (r *reader) value(depth int) any {
	isWhole := !strings.HasPrefix(r.text[r.at:], "[") && !strings.HasPrefix(r.text[r.at:], "{")
	need(isWhole || depth < 32, "it is not that deep")
	switch {
	case r.take("null"):
		return nil
	case r.take("true"):
		return true
	case r.take("false"):
		return false
	case r.take("["):
		list := []any{}
		for !r.take("]") {
			need(len(list) == 0 || r.take(","), "a comma")
			list = append(list, r.value(depth+1))
		}
		return list
	case r.take("{"):
		object, last := map[string]any{}, ""
		for !r.take("}") {
			need(len(object) == 0 || r.take(","), "a comma")
			name := r.string()
			_, isThere := object[name]
			need(!isThere && (r.anyOrder || len(object) == 0 || utf16Less(last, name)), "members rise, each once")
			need(r.take(":"), "a colon")
			object[name], last = r.value(depth+1), name
		}
		return object
	case strings.HasPrefix(r.text[r.at:], `"`):
		return r.string()
	}
	word := numbers.FindString(r.text[r.at:])
	r.at += len(word)
	found := must(number(strings.TrimPrefix(word, "-")))
	need(found < 1<<53, "a number is not that large")
	if strings.HasPrefix(word, "-") {
		return -found
	}
	return found
}

func (r *reader) string() string {
	found := texts.FindStringSubmatch(r.text[r.at:])
	need(found != nil, "a text")
	r.at += len(found[0])
	for _, escape := range letters.FindAllString(found[1], -1) {
		need(escape == `\\`, "a letter in place of a number")
	}
	var value string
	need(json.Unmarshal([]byte(found[0]), &value) == nil, "a text")
	return value
}

// Members are in the order of their UTF-16 units: what lies beyond the basic plane comes before U+E000.
func utf16Less(one, other string) bool {
	units := func(text string) (units []byte) {
		for _, c := range text {
			if c < 0x10000 {
				units = binary.BigEndian.AppendUint16(units, uint16(c))
			} else {
				units = binary.BigEndian.AppendUint16(units, uint16(0xd7c0+c>>10))
				units = binary.BigEndian.AppendUint16(units, uint16(0xdc00+c&0x3ff))
			}
		}
		return units
	}
	return bytes.Compare(units(one), units(other)) < 0
}

func object(value any) map[string]any {
	found, is := value.(map[string]any)
	need(is, "an object")
	return found
}

func has(value any, form *regexp.Regexp) bool {
	text, is := value.(string)
	return is && form.MatchString(text)
}

// Whether a value is a whole number that is not below zero.
func count(value any) (int64, bool) {
	number, is := value.(int64)
	return number, is && number >= 0
}

// Whether an object has these members and at most those.
func members(object map[string]any, needed, known string) bool {
	for _, name := range strings.Fields(needed) {
		if _, there := object[name]; !there {
			return false
		}
	}
	for name := range object {
		if !slices.Contains(strings.Fields(needed+" "+known), name) {
			return false
		}
	}
	return true
}
