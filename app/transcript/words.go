package transcript

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartline/app/part"
	"cartline/shared/lab"
)

const (
	maxHexRow  = 48  // bytes of a binary message in its row
	maxRow     = 300 // bytes of a text in its row
	beforeHit  = 40  // bytes of a text before what was found in it
	shortLimit = 12  // bytes of a cursor that a row shows whole
)

// words returns what an entry that is no message says.
func (e *Entry) words() string {
	switch {
	case e.Note != "":
		return e.Note
	case e.Way == lab.Opened:
		return strings.TrimSpace("Connected to " + e.URL)
	case e.Way == lab.Closed:
		return strings.TrimSpace("Disconnected (code " + strconv.Itoa(e.Code) + ") " + e.Reason)
	default:
		return string(e.Way)
	}
}

// sign is how an entry's direction looks and what it is called.
func (e *Entry) sign() (arrow, name string) {
	switch e.direction() {
	case Sent:
		return "↑", "sent"
	case Received:
		return "↓", "received"
	}
	if e.Trouble {
		return "!", "problem"
	}
	return "·", "note"
}

// size is that of the whole message.
func (e *Entry) size() int { return len(e.Data) + e.Cut }

func (e *Entry) sizeWords() string {
	if !e.message() {
		return ""
	}
	return part.Size(e.size())
}

// cutWords says what isn't kept of a message.
func (e *Entry) cutWords() string {
	if e.Cut == 0 {
		return ""
	}
	return "The other " + part.Size(e.Cut) + " are not kept."
}

// piece is a part of an entry's text that fits into its row: what is before, in and
// behind what is looked for.
func (e *Entry) piece(s search) (before, found, behind string) {
	data := e.Data
	switch {
	case !e.message():
		data = []byte(e.words())
	case e.Binary:
		const kind = "binary: "
		digits := part.Hex(e.Data, maxHexRow)
		if before, behind, ok := strings.Cut(digits, s.text); ok && s.text != "" {
			return kind + before, s.text, behind
		}
		return kind + digits, "", ""
	}
	at := s.index(data)
	if at < 0 {
		return clipped(data, maxRow), "", ""
	}
	if at > beforeHit && len(data) > beforeHit {
		start := runeStart(data, at-beforeHit)
		data, at, before = data[start:], at-start, "…"
	}
	end := min(len(data), at+s.width(data[at:]))
	return before + clipped(data[:at], at), clipped(data[at:end], end-at), clipped(data[end:], max(0, maxRow-end))
}

// width is how many bytes at the beginning of data are the text that is looked for,
// which may have other letters' sizes.
func (s search) width(data []byte) int {
	width := 0
	for range utf8.RuneCountInString(s.text) {
		_, size := utf8.DecodeRune(data[width:])
		width += size
	}
	return width
}

// clipped makes a text of the first bytes of data.
func clipped(data []byte, limit int) string {
	if len(data) <= limit {
		return visible(string(data))
	}
	return visible(string(data[:runeStart(data, limit)])) + "…"
}

// runeStart is where the character at a place begins.
func runeStart(data []byte, at int) int {
	for back := 0; at > 0 && back < utf8.UTFMax && !utf8.RuneStart(data[at]); back++ {
		at--
	}
	return at
}

// visible shows what can't be seen: control characters by their pictures, and those
// that turn the order of others around by their numbers. New lines and tabs stay.
func visible(text string) string {
	if !strings.ContainsFunc(text, hidden) {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('\u2400' + r)
		case r == '\u007f':
			b.WriteRune('\u2421')
		default:
			fmt.Fprintf(&b, "⟨%U⟩", r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// gapWords writes the time between two rows, exactly where it is short: "+12 ms".
func gapWords(d time.Duration) string {
	d = max(0, d)
	switch {
	case d == 0:
		return "+0 ms"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("+%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return "+" + milliseconds(d)
	case d < time.Minute:
		return fmt.Sprintf("+%.3f s", d.Seconds())
	default:
		return "+" + part.Duration(d)
	}
}

func milliseconds(d time.Duration) string {
	return part.Number(int(d.Round(time.Millisecond)/time.Millisecond)) + " ms"
}

// shortCursor is the end of a cursor, by which one tells it from its neighbours.
func shortCursor(cursor string) string {
	if len(cursor) <= shortLimit {
		return cursor
	}
	return "…" + strings.ToValidUTF8(cursor[len(cursor)-shortLimit+1:], "")
}

var oneLine = strings.NewReplacer("\r", `\r`, "\n", `\n`)

// line writes an entry as one line of text.
func (e *Entry) line() string {
	_, name := e.sign()
	text := e.words()
	if e.message() {
		text = e.copyText()
	}
	text = oneLine.Replace(text)
	if cut := e.cutWords(); cut != "" {
		text += " … " + cut
	}
	return part.Clock(e.At) + " " + name + " " + text
}

// copyText is what is copied of an entry: a text as it is, binary as digits.
func (e *Entry) copyText() string {
	switch {
	case !e.message():
		return e.words()
	case e.Binary:
		return lab.Hex.Show(e.Data)
	default:
		return lab.Text.Show(e.Data)
	}
}

// lines writes all entries that are shown.
func (l *Log) lines() string {
	var b strings.Builder
	for i := range l.Shown() {
		e := l.At(i)
		b.WriteString(e.line())
		b.WriteByte('\n')
	}
	return b.String()
}

// countWords says how many entries there are.
func (l *Log) countWords() string {
	text := part.Count(l.Total(), "entry", "entries")
	if l.filter.any() {
		text = part.Number(l.Shown()) + " of " + part.Number(l.Total())
	}
	if n := l.Dropped(); n > 0 {
		text += ", " + part.Number(n) + " older not kept"
	}
	if l.paused {
		text += " · Paused"
		if n := l.Waiting(); n > 0 {
			text += " · " + part.Number(n) + " new"
		}
	}
	return text
}
