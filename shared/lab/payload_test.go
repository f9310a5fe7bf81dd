package lab_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cartline/shared"
	"cartline/shared/lab"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		format lab.Format
		typed  string
		want   string // the data, or what the error says
		wrong  bool
	}{
		{lab.Text, "", "", false},
		{lab.Text, " Grüße\n", " Grüße\n", false},
		{"of another version", "x", "x", false},
		{lab.JSON, ` {"a" : 1} `, ` {"a" : 1} `, false},
		{lab.JSON, "{", "line 1, column 2", true},
		{lab.Hex, "", "", false},
		{lab.Hex, "00ff 7F", "\x00\xff\x7f", false},
		{lab.Hex, "0x00, 0XFF:7f\n", "\x00\xff\x7f", false},
		{lab.Hex, "00:ff", "\x00\xff", false},
		{lab.Hex, "f", "half a byte", true},
		{lab.Hex, "0x1,0x2", "half a byte", true},
		{lab.Hex, "00 fg", `"g" is no hexadecimal digit`, true},
		{lab.Hex, "00 ä0", `"ä" is no hexadecimal digit`, true},
		{lab.Hex, "€", `"€" is no hexadecimal digit`, true},
		{lab.Base64, "", "", false},
		{lab.Base64, "AP9/", "\x00\xff\x7f", false},
		{lab.Base64, "_-8=", "\xff\xef", false},
		{lab.Base64, "_-8", "\xff\xef", false},
		{lab.Base64, "Z3Lk\n  dw==", "gr\xe4w", false},
		{lab.Base64, "Z", "no base64", true},
		{lab.Base64, "Zg==Zg==", "no base64", true},
		{lab.Base64, "ä", "no base64", true},
	} {
		got, err := test.format.Parse(test.typed)
		if test.wrong {
			var problem *shared.Problem
			var notJSON *lab.JSONError
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &problem) && !errors.As(err, &notJSON) {
				t.Errorf("%s %q: got %v, want an error that says %q", test.format, test.typed, err, test.want)
			}
			continue
		}
		binary := test.format == lab.Hex || test.format == lab.Base64
		if err != nil || string(got.Data) != test.want || got.Binary != binary {
			t.Errorf("%s %q: got %q, binary %v, %v; want %q", test.format, test.typed, got.Data, got.Binary, err, test.want)
		}
	}
}

func TestShow(t *testing.T) {
	data := []byte("a\x00\xffä")
	want := map[lab.Format]string{
		lab.Text: "a\x00\uFFFDä", lab.JSON: "a\x00\uFFFDä", lab.Hex: "61 00 ff c3 a4", lab.Base64: "YQD/w6Q=",
	}
	for _, format := range lab.Formats() {
		if got := format.Show(data); got != want[format] {
			t.Errorf("%s: got %q, want %q", format, got, want[format])
		}
		if got := format.Show(nil); got != "" {
			t.Errorf("%s of nothing: got %q", format, got)
		}
	}
}

func TestCheckJSON(t *testing.T) {
	for _, test := range []struct {
		text         string
		line, column int // 0 for JSON
		says         string
	}{
		{text: `null`},
		{text: "\t[1, 2.50, 12345678901234567890123]\r\n"},
		{text: `{"a":{"b":[true,"\ud800"]},"a":1}`},
		{text: "", line: 1, column: 1, says: "nothing"},
		{text: " \n\t", line: 1, column: 1, says: "nothing"},
		{text: `{"a":1`, line: 1, column: 7, says: "end"},
		{text: "{\n \"a\": 1,\n}", line: 3, column: 1, says: "'}'"},
		{text: "[\n1\n2]", line: 3, column: 1, says: "'2'"},
		{text: `{"ä":x}`, line: 1, column: 6, says: "'x'"},
		{text: `["ü", ö]`, line: 1, column: 7, says: "'ö'"},
		{text: "{\"a\":\n\"ö\xffx\"}", line: 2, column: 3, says: "UTF-8"},
		{text: `1 2`, line: 1, column: 3, says: "'2'"},
		{text: "\"a\nb\"", line: 1, column: 3, says: `'\n'`},
	} {
		err := lab.CheckJSON(test.text)
		if test.line == 0 {
			if err != nil {
				t.Errorf("%q: got %v, want JSON", test.text, err)
			}
			continue
		}
		var wrong *lab.JSONError
		if !errors.As(err, &wrong) || wrong.Line != test.line || wrong.Column != test.column || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: got %v, want line %d, column %d and %s", test.text, err, test.line, test.column, test.says)
		}
	}
}

func TestFormatJSON(t *testing.T) {
	text := ` { "b":12345678901234567890.10 , "a":["<é\u00e9>", {}, []], "b":1e400 } `
	want := "{\n  \"b\": 12345678901234567890.10,\n  \"a\": [\n    \"<é\\u00e9>\",\n    {},\n    []\n  ],\n  \"b\": 1e400\n}"
	if got, err := lab.FormatJSON(text); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	want = `{"b":12345678901234567890.10,"a":["<é\u00e9>",{},[]],"b":1e400}`
	if got, err := lab.CompactJSON(text); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	var wrong *lab.JSONError
	if got, err := lab.FormatJSON("{"); got != "" || !errors.As(err, &wrong) {
		t.Errorf("got %q, %v; want a *JSONError", got, err)
	}
	if got, err := lab.CompactJSON("{"); got != "" || !errors.As(err, &wrong) {
		t.Errorf("got %q, %v; want a *JSONError", got, err)
	}
}

// FuzzParse reads whatever is shown of a message as that message, and doesn't panic at
// what is typed.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a", `{"a":[1,2.5e3,"ä"]}`, "0x00 ff", "AP9/", "ä\xff\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range lab.Formats() {
			typed, err := format.Parse(string(data))
			if err != nil && err.Error() == "" {
				t.Errorf("%s: an error that says nothing", format)
			}
			if err == nil {
				data := typed.Data
				again, err := format.Parse(format.Show(data))
				if same := bytes.Equal(again.Data, data) && again.Binary == typed.Binary; (err != nil || !same) && (typed.Binary || utf8.Valid(data)) {
					t.Errorf("%s: got %q, %v of what is shown of %q", format, again.Data, err, data)
				}
			}
		}
		for _, format := range []lab.Format{lab.Hex, lab.Base64} {
			if got, err := format.Parse(format.Show(data)); err != nil || !bytes.Equal(got.Data, data) || !got.Binary {
				t.Errorf("%s: got %q, %v of what is shown of %q", format, got.Data, err, data)
			}
		}
		if got, err := lab.Text.Parse(lab.Text.Show(data)); err != nil || utf8.Valid(data) && !bytes.Equal(got.Data, data) || !utf8.Valid(got.Data) {
			t.Errorf("text: got %q, %v of what is shown of %q", got.Data, err, data)
		}
	})
}

// FuzzCheckJSON takes for JSON what is JSON and UTF-8, points at a place within any
// other text, and formats without changing a value.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{"", "{", `{"b":1,"a":[12345678901234567890.0,"\ud800ä"]}`, "[1,\n\"ä\xff\"]", "\"a\nb\"", "é", strings.Repeat("[", 10_001)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := lab.CheckJSON(text)
		if want := json.Valid([]byte(text)) && utf8.ValidString(text); (err == nil) != want {
			t.Fatalf("got %v, want JSON: %v", err, want)
		}
		if err != nil {
			var wrong *lab.JSONError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %T, want a *JSONError", err)
			}
			lines := strings.Split(text, "\n")
			if wrong.Line < 1 || wrong.Line > len(lines) || wrong.Column < 1 || wrong.Column > utf8.RuneCountInString(lines[wrong.Line-1])+1 {
				t.Fatalf("got line %d, column %d, which is not in %q", wrong.Line, wrong.Column, text)
			}
			return
		}
		formatted, err := lab.FormatJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		compact, err := lab.CompactJSON(formatted)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tokens(t, formatted), tokens(t, text); !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if got, want := tokens(t, compact), tokens(t, text); !slices.Equal(got, want) || strings.ContainsAny(compact, "\n\r\t") {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// tokens takes JSON apart, by a way other than that of the package: strings as they are
// written, and numbers with all their digits.
func tokens(t *testing.T, text string) (found []string) {
	t.Helper()
	for len(text) > 0 {
		n := 1
		switch c := text[0]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			text = text[1:]
			continue
		case c == '"':
			for text[n] != '"' {
				if text[n] == '\\' {
					n++
				}
				n++
			}
			n++
		case strings.IndexByte("{}[],:", c) < 0:
			for n < len(text) && strings.IndexByte(" \t\r\n{}[],:", text[n]) < 0 {
				n++
			}
		}
		found, text = append(found, text[:n]), text[n:]
	}
	return found
}
