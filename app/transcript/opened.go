package transcript

import (
	"bytes"

	"cartline/app/part"
)

// How a message can be looked at.
const (
	viewJSON = "JSON"
	viewText = "Text"
	viewHex  = "Hex"
)

// Bytes of a message that are shown at first.
const (
	firstText = 64 << 10
	firstHex  = 4 << 10
)

// opened is the entry that is looked at, as a whole.
type opened struct {
	entry   Entry
	view    string
	tree    *node // nil if it is no JSON object or array
	reason  string
	text    int // bytes that are shown
	hex     int
	version int // counts changes
}

// open looks at an entry, in the way that suits it.
func (l *Log) open(e Entry) {
	o := &opened{entry: e, view: viewText, text: firstText, hex: firstHex}
	if e.message() && e.Cut == 0 {
		o.tree = newTree(e.Data)
	}
	switch {
	case e.message() && e.Binary:
		o.view = viewHex
	case o.tree != nil:
		o.view = viewJSON
	case len(e.Data) > maxTree && bytes.ContainsAny(e.Data[:1], "{["):
		o.reason = "This is too large to be unfolded as JSON."
	}
	l.chosen, l.opened = e.id, o
}

// close looks at no entry any more.
func (l *Log) close() { l.opened = nil }

// views are the ways to look at it.
func (o *opened) views() []string {
	switch {
	case !o.entry.message():
		return nil
	case o.tree != nil:
		return []string{viewJSON, viewText, viewHex}
	default:
		return []string{viewText, viewHex}
	}
}

func (o *opened) choose(view string) {
	o.view = view
	o.version++
}

// more shows as much again of a long message.
func (o *opened) more() {
	if o.view == viewHex {
		o.hex *= 2
	} else {
		o.text *= 2
	}
	o.version++
}

// body is the part of the message that is shown as text or hex, and how much more there
// is.
func (o *opened) body() (text string, left int) {
	switch {
	case !o.entry.message():
		return visible(o.entry.words()), 0
	case o.view == viewHex:
		shown := min(o.hex, len(o.entry.Data))
		return hexDump(o.entry.Data[:shown]), len(o.entry.Data) - shown
	default:
		shown := len(o.entry.Data)
		if shown > o.text {
			shown = runeStart(o.entry.Data, o.text)
		}
		return visible(string(o.entry.Data[:shown])), len(o.entry.Data) - shown
	}
}

// moreWords names what shows more.
func (o *opened) moreWords(left int) string { return "Show more (" + part.Size(left) + " left)" }
