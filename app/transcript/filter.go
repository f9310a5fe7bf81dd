package transcript

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cartline/app/part"
	"cartline/shared/lab"
)

// Direction is a choice of entries. The zero Direction is all.
type Direction string

// The directions.
const (
	All      Direction = ""
	Sent     Direction = "sent"
	Received Direction = "received"
	Notes    Direction = "notes"
)

// Filter says which entries are shown. The zero Filter leaves out none.
type Filter struct {
	Direction Direction
	// Text is what they contain, whatever the case of its letters.
	Text string
}

// any says whether the filter leaves out any.
func (f Filter) any() bool { return f != Filter{} }

// narrows says whether nothing passes f that doesn't pass another filter.
func (f Filter) narrows(other Filter) bool {
	return other.any() && (other.Direction == All || other.Direction == f.Direction) &&
		strings.Contains(strings.ToLower(f.Text), strings.ToLower(other.Text))
}

// matcher returns what tells whether an entry passes.
func (f Filter) matcher() func(Entry) bool {
	search := newSearch(f.Text)
	return func(e Entry) bool {
		return (f.Direction == All || f.Direction == e.direction()) && search.in(e)
	}
}

func (e *Entry) direction() Direction {
	switch e.Way {
	case lab.Sent:
		return Sent
	case lab.Received:
		return Received
	default:
		return Notes
	}
}

// message says whether the entry is a message.
func (e *Entry) message() bool { return e.direction() != Notes }

// search looks for a text whatever the case of its letters.
type search struct {
	text  string // in lower case
	ascii bool
	first [2]byte // its first byte, in both cases, if it is ASCII
}

func newSearch(text string) search {
	s := search{text: strings.ToLower(text), ascii: true}
	for i := range len(s.text) {
		s.ascii = s.ascii && s.text[i] < utf8.RuneSelf
	}
	if s.ascii && s.text != "" {
		s.first = [2]byte{s.text[0], upper(s.text[0])}
	}
	return s
}

// in says whether an entry contains the text. A binary message contains both its bytes
// and their digits, as far as its row shows those.
func (s search) in(e Entry) bool {
	switch {
	case s.text == "":
		return true
	case !e.message():
		return s.index([]byte(e.words())) >= 0
	case s.index(e.Data) >= 0:
		return true
	default:
		return e.Binary && strings.Contains(part.Hex(e.Data, maxHexRow), s.text)
	}
}

// index returns where the text is in some data, or -1. What is ASCII is looked for
// without a copy of the data: there may be 16 MiB to be searched while one types.
func (s search) index(data []byte) int {
	if s.text == "" {
		return -1
	}
	if !s.ascii {
		return foldedIndex(data, s.text)
	}
	for i := 0; i+len(s.text) <= len(data); i++ {
		if (data[i] == s.first[0] || data[i] == s.first[1]) && s.here(data[i:]) {
			return i
		}
	}
	return -1
}

// here says whether data begins with the text, which is ASCII.
func (s search) here(data []byte) bool {
	for i := range len(s.text) {
		if lower(data[i]) != s.text[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func upper(b byte) byte {
	if b >= 'a' && b <= 'z' {
		return b - ('a' - 'A')
	}
	return b
}

// foldedIndex returns where in data a text in lower case begins, or -1.
func foldedIndex(data []byte, text string) int {
	for at := 0; at < len(data); {
		if b := data[at]; b < utf8.RuneSelf && lower(b) != text[0] {
			at++
			continue
		}
		if foldedPrefix(data[at:], text) {
			return at
		}
		_, size := utf8.DecodeRune(data[at:])
		at += size
	}
	return -1
}

func foldedPrefix(data []byte, text string) bool {
	for _, want := range text {
		r, size := utf8.DecodeRune(data)
		if size == 0 || unicode.ToLower(r) != want {
			return false
		}
		data = data[size:]
	}
	return true
}
