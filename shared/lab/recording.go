package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Way is what happened on a connection.
type Way string

// The ways of an Entry.
const (
	Opened   Way = "opened"
	Sent     Way = "sent"
	Received Way = "received"
	Closed   Way = "closed"
)

// Entry is one line of a recording: something that happened on a connection. On the
// line, a text message has "text", a binary one "base64".
type Entry struct {
	At  time.Time
	Way Way
	// Connection names the connection, where there are several.
	Connection string
	// Of Sent and Received.
	Binary bool
	Data   []byte
	// Cut is how many bytes of the message were not kept.
	Cut int
	// Of Opened.
	URL         string
	Subprotocol string
	// Of Closed.
	Code   int
	Reason string
}

// line is an Entry as it is written.
type line struct {
	At          time.Time `json:"at"`
	Way         Way       `json:"way"`
	Connection  string    `json:"connection,omitempty"`
	Text        *string   `json:"text,omitempty"`
	Base64      *string   `json:"base64,omitempty"`
	Cut         int       `json:"cut,omitempty"`
	URL         string    `json:"url,omitempty"`
	Subprotocol string    `json:"subprotocol,omitempty"`
	Code        int       `json:"code,omitempty"`
	Reason      string    `json:"reason,omitempty"`
}

// The bounds of a recording that DecodeRecording takes.
const (
	MaxRecording        = 32 << 20 // bytes
	MaxRecordingEntries = 100_000
)

// AppendLine appends an entry to a recording, with the line's end. JSON can't hold a
// text that is not UTF-8; it is written as what it is then, binary. But one that was cut
// within a character is a text, and is cut before it.
func AppendLine(to []byte, e Entry) []byte {
	if year := e.At.Year(); year < 0 || year > 9999 {
		e.At = time.Time{} // RFC 3339 can't write it
	}
	if e.Cut > 0 && !e.Binary {
		whole := wholeCharacters(e.Data)
		e.Cut += len(e.Data) - len(whole)
		e.Data = whole
	}
	l := line{
		At: e.At, Way: e.Way, Connection: e.Connection, Cut: e.Cut,
		URL: e.URL, Subprotocol: e.Subprotocol, Code: e.Code, Reason: e.Reason,
	}
	if e.Way == Sent || e.Way == Received {
		text := string(e.Data)
		if e.Binary || !utf8.ValidString(text) {
			text = base64.StdEncoding.EncodeToString(e.Data)
			l.Base64 = &text
		} else {
			l.Text = &text
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l); err != nil {
		panic(err) // there is nothing in a line that can't be encoded
	}
	return append(to, b.Bytes()...)
}

// wholeCharacters takes the beginning of a character off the end of a text.
func wholeCharacters(text []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if last := text[len(text)-i:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return text[:len(text)-i]
			}
			break
		}
	}
	return text
}

// DecodeRecording reads a recording. The error is a *shared.Problem whose sentence names
// the line. Empty lines are skipped; fields that are not known are others' business.
// Half a surrogate pair, which JSON can write and UTF-8 can't, is read as U+FFFD.
func DecodeRecording(data []byte) ([]Entry, error) {
	if len(data) > MaxRecording {
		return nil, invalid("A recording has at most %d MiB.", MaxRecording>>20)
	}
	var entries []Entry
	n := 0
	for text := range bytes.Lines(data) {
		n++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if len(entries) == MaxRecordingEntries {
			return nil, invalid("A recording has at most %d lines.", MaxRecordingEntries)
		}
		entry, wrong := decodeLine(text)
		if wrong != "" {
			return nil, invalid("Line %d of the recording can't be read: %s.", n, wrong)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// decodeLine reads a line, or tells what is wrong with it.
func decodeLine(text []byte) (e Entry, wrong string) {
	if !utf8.Valid(text) {
		return Entry{}, "it is not UTF-8"
	}
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Entry{}, explain(err)
	}
	e = Entry{
		At: l.At, Way: l.Way, Connection: l.Connection, Cut: l.Cut,
		URL: l.URL, Subprotocol: l.Subprotocol, Code: l.Code, Reason: l.Reason,
	}
	switch l.Way {
	case Opened, Closed:
		return e, ""
	case Sent, Received:
	default:
		return Entry{}, fmt.Sprintf("its way is %q, and not one of opened, sent, received, closed", l.Way)
	}
	if l.Cut < 0 {
		return Entry{}, "its cut is less than nothing"
	}
	switch {
	case l.Text != nil && l.Base64 == nil:
		e.Data = []byte(*l.Text)
	case l.Base64 != nil && l.Text == nil:
		data, err := base64.StdEncoding.DecodeString(*l.Base64)
		if err != nil {
			return Entry{}, "its base64 is none"
		}
		e.Binary, e.Data = true, data
	default:
		return Entry{}, "a message has either text or base64"
	}
	return e, ""
}

// explain puts what encoding/json says into words that name no Go type.
func explain(err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	var when *time.ParseError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is not JSON at byte %d", syntax.Offset)
	case errors.As(err, &wrong) && wrong.Field == "":
		return "it is no JSON object"
	case errors.As(err, &wrong):
		return fmt.Sprintf("its %s can't be a JSON %s", wrong.Field, wrong.Value)
	case errors.As(err, &when):
		return "its at is no time as in RFC 3339"
	default:
		return err.Error()
	}
}
