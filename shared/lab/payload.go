package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cartline/shared"
	"cartline/shared/live"
)

// Format is how a message is written by a person.
type Format string

// The formats.
const (
	Text   Format = "text"
	JSON   Format = "json"
	Hex    Format = "hex"
	Base64 Format = "base64"
)

// Formats lists the formats, the plainest first.
func Formats() []Format { return []Format{Text, JSON, Hex, Base64} }

// Parse makes a message of what was typed. The error is a sentence for the person who
// typed it: a *JSONError, or a *shared.Problem.
//
// Text is sent as it is; JSON too, once it is found to be JSON. Hex is digits in pairs,
// with white space, commas, colons or 0x between them; Base64 is the standard or the
// URL alphabet, with or without padding.
func (f Format) Parse(typed string) (live.Message, error) {
	switch f {
	case JSON:
		if err := CheckJSON(typed); err != nil {
			return live.Message{}, err
		}
		return live.Message{Data: []byte(typed)}, nil
	case Hex:
		data, err := parseHex(typed)
		return live.Message{Binary: true, Data: data}, err
	case Base64:
		data, err := parseBase64(typed)
		return live.Message{Binary: true, Data: data}, err
	default:
		return live.Message{Data: []byte(typed)}, nil
	}
}

// Show writes a message's data in the format, as Parse would read it; Hex in lower case
// and pairs. As text, bytes that are not UTF-8 are shown as U+FFFD.
func (f Format) Show(data []byte) string {
	switch f {
	case Hex:
		shown := make([]byte, 0, 3*len(data))
		for i := range data {
			if i > 0 {
				shown = append(shown, ' ')
			}
			shown = hex.AppendEncode(shown, data[i:i+1])
		}
		return string(shown)
	case Base64:
		return base64.StdEncoding.EncodeToString(data)
	default:
		return strings.ToValidUTF8(string(data), "\uFFFD")
	}
}

func parseHex(typed string) ([]byte, error) {
	var digits []byte
	halved := false
	for _, word := range strings.FieldsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ':' }) {
		word = strings.TrimPrefix(strings.TrimPrefix(word, "0x"), "0X")
		// "0x1,0x2" may mean two bytes; it is not for us to make one of them.
		halved = halved || len(word)%2 != 0
		digits = append(digits, word...)
	}
	data := make([]byte, hex.DecodedLen(len(digits)))
	_, err := hex.Decode(data, digits)
	var wrong hex.InvalidByteError
	switch {
	case errors.As(err, &wrong):
		return nil, invalid("%q is no hexadecimal digit: those are 0 to 9 and a to f.", character(digits, byte(wrong)))
	case halved:
		return nil, invalid("There is half a byte: hexadecimal digits come in pairs.")
	}
	return data, err
}

// character returns the whole character that the first such byte begins.
func character(text []byte, first byte) string {
	at := max(0, bytes.IndexByte(text, first))
	r, _ := utf8.DecodeRune(text[at:])
	return string(r)
}

func invalid(format string, args ...any) error {
	return &shared.Problem{Code: shared.CodeInvalid, Detail: fmt.Sprintf(format, args...)}
}

func parseBase64(typed string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.Join(strings.Fields(typed), ""))
	// Padding ends base64: what stands after it would be another piece.
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(plain, "="))
	if err != nil {
		return nil, invalid("This is no base64: its alphabet is A to Z, a to z, 0 to 9, + and /, in groups of four.")
	}
	return data, nil
}

// JSONError is where a text stops being JSON.
type JSONError struct {
	Line, Column int // from 1; the column in characters
	Reason       string
}

// Error tells the place.
func (e *JSONError) Error() string {
	return fmt.Sprintf("Not JSON at line %d, column %d: %s.", e.Line, e.Column, e.Reason)
}

// CheckJSON returns nil for a JSON value in UTF-8, as it has to be in a message (RFC
// 8259, section 8.1), and otherwise a *JSONError.
func CheckJSON(text string) error {
	if strings.TrimSpace(text) == "" {
		return &JSONError{1, 1, "there is nothing"}
	}
	if valid := validPart(text); valid < len(text) {
		return jsonError(text[:valid], "this is not UTF-8")
	}
	var value json.RawMessage
	err := json.Unmarshal([]byte(text), &value)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || strings.HasPrefix(err.Error(), "unexpected end") {
		return jsonError(text, err.Error())
	}
	at := min(len(text), max(0, int(syntax.Offset)-1))
	reason := err.Error()
	if r, size := utf8.DecodeRuneInString(text[at:]); size > 1 {
		// encoding/json names the first byte as if it were a character.
		reason = strings.Replace(reason, string(rune(text[at])), string(r), 1)
	}
	return jsonError(text[:at], reason)
}

// jsonError puts the fault behind what is before it.
func jsonError(before, reason string) error {
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &JSONError{line, column, reason}
}

// validPart returns how many bytes of a text are UTF-8 before the first that isn't.
func validPart(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text)
}

// FormatJSON writes JSON with one value on a line, and CompactJSON all on one, without
// changing any value or the order of keys. What is not JSON is a *JSONError.
func FormatJSON(text string) (string, error) {
	if err := CheckJSON(text); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(strings.TrimSpace(text)), "", "  "); err != nil {
		return "", err
	}
	return b.String(), nil
}

// CompactJSON is FormatJSON on one line.
func CompactJSON(text string) (string, error) {
	if err := CheckJSON(text); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return "", err
	}
	return b.String(), nil
}
