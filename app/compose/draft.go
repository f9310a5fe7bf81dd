package compose

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cartline/app/part"
	"cartline/shared/lab"
)

const (
	// maxMessage is the largest message that is sent from here, in bytes.
	maxMessage = 8 << 20
	// maxChecked is up to where a text is checked at each key: more would make typing
	// stutter.
	maxChecked = 512 << 10
	// maxPreview is how much of the other form is shown, in bytes.
	maxPreview = 64
)

// draft is what is being written.
type draft struct {
	format lab.Format
	text   string
	// left is the text in the formats that were left since the last change of it. So
	// going there and back changes nothing, whatever a format can't tell apart.
	left map[lab.Format]string

	// What check found last, and of what: it is asked at each drawing.
	found       verdict
	foundFormat lab.Format
	foundText   string
}

// edit takes what is typed.
func (d *draft) edit(text string) {
	if text != d.text {
		d.text, d.left = text, nil
	}
}

// turn changes the format, and says whether the text now means the same bytes. If it
// can't, it stays as it was typed.
func (d *draft) turn(to lab.Format) (same bool) {
	if to == d.format {
		return true
	}
	if d.left == nil {
		d.left = make(map[lab.Format]string)
	}
	d.left[d.format] = d.text
	text, same := d.left[to]
	if !same {
		text, same = convert(d.text, d.format, to)
	}
	d.format, d.text = to, text
	return same
}

// convert writes in one format what was typed in another, or returns it as it is.
func convert(text string, from, to lab.Format) (converted string, same bool) {
	if isText(from) && isText(to) {
		return text, true
	}
	if isText(from) {
		return to.Show([]byte(text)), true
	}
	m, err := from.Parse(text)
	if err != nil || isText(to) && !editable(m.Data) {
		return text, false
	}
	return to.Show(m.Data), true
}

// isText says whether a format makes text messages.
func isText(f lab.Format) bool { return f == lab.Text || f == lab.JSON }

// editable says whether a text area keeps a text as it is: it makes carriage returns
// line feeds.
func editable(data []byte) bool {
	return utf8.Valid(data) && !bytes.ContainsRune(data, '\r')
}

// verdict is what is told of a draft while it is written.
type verdict struct {
	text string
	bad  bool
	// brief is of it what is worth being said aloud: it changes seldom.
	brief string
}

// check tells of what is written.
func (d *draft) check() verdict {
	if d.foundFormat != d.format || d.foundText != d.text {
		d.found, d.foundFormat, d.foundText = d.look(), d.format, d.text
	}
	return d.found
}

func (d *draft) look() verdict {
	size := part.Size(len(d.text))
	switch {
	case len(d.text) > maxMessage:
		return verdict{text: size + " is too much: a message has at most " + part.Size(maxMessage) + ".", bad: true, brief: "Too long."}
	case len(d.text) > maxChecked && d.format != lab.Text:
		return verdict{text: size + ", which is checked when it is sent"}
	case d.format == lab.Text:
		return verdict{text: size}
	case strings.TrimSpace(d.text) == "":
		return verdict{text: "Nothing yet"}
	}
	m, err := d.format.Parse(d.text)
	if err != nil {
		text := err.Error()
		if d.format == lab.JSON && lab.CheckJSON(fill(d.text, 1, time.Time{})) == nil {
			text += " With the placeholders filled in it is, so it can be sent repeatedly."
		}
		return verdict{text: text, bad: true, brief: "Not " + formatName(d.format) + "."}
	}
	if d.format == lab.JSON {
		return verdict{text: "Valid JSON, " + size, brief: "Valid JSON."}
	}
	return verdict{text: part.Size(len(m.Data)) + preview(m.Data, d.format), brief: "Valid " + formatName(d.format) + "."}
}

// preview shows bytes in another format than the one they are written in.
func preview(data []byte, in lab.Format) string {
	head := data[:min(len(data), maxPreview)]
	if text, left := part.Clip(string(data), maxPreview); utf8.Valid(data) && strings.IndexFunc(text, unprintable) < 0 {
		if left > 0 {
			text += "…"
		}
		return ", as text: " + text
	}
	if in == lab.Base64 {
		return ", as hex: " + part.Hex(data, maxPreview/2)
	}
	text := lab.Base64.Show(head)
	if len(head) < len(data) {
		text = lab.Base64.Show(head[:len(head)/3*3]) + "…"
	}
	return ", as base64: " + text
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }

// formatName is a format as people read it.
func formatName(f lab.Format) string {
	switch f {
	case lab.JSON:
		return "JSON"
	case lab.Hex:
		return "Hex"
	case lab.Base64:
		return "Base64"
	default:
		return "Text"
	}
}

// The placeholders of messages that are sent repeatedly.
const (
	placeNumber = "{{n}}"
	placeTime   = "{{time}}"
)

// stamp is the format of {{time}}: RFC 3339 with milliseconds.
const stamp = "2006-01-02T15:04:05.000Z07:00"

// fill writes a number and a time into the placeholders.
func fill(text string, n int, now time.Time) string {
	return strings.NewReplacer(placeNumber, strconv.Itoa(n), placeTime, now.UTC().Format(stamp)).Replace(text)
}
