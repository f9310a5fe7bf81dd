package lab_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/shared"
	"cartline/shared/lab"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)

func same(a, b lab.Entry) bool {
	return a.At.Equal(b.At) && a.Way == b.Way && a.Connection == b.Connection && a.Binary == b.Binary &&
		bytes.Equal(a.Data, b.Data) && a.Cut == b.Cut && a.URL == b.URL && a.Subprotocol == b.Subprotocol &&
		a.Code == b.Code && a.Reason == b.Reason
}

func TestRecording(t *testing.T) {
	for _, test := range []struct {
		entry lab.Entry
		line  string
	}{
		{lab.Entry{At: noon, Way: lab.Opened, URL: "ws://localhost/echo?a=1&b=<2>", Subprotocol: "v1"},
			`{"at":"2026-11-21T12:00:00.123456789Z","way":"opened","url":"ws://localhost/echo?a=1&b=<2>","subprotocol":"v1"}`},
		{lab.Entry{At: noon, Way: lab.Sent, Connection: "second", Data: []byte("Grüße\n")},
			`{"at":"2026-11-21T12:00:00.123456789Z","way":"sent","connection":"second","text":"Grüße\n"}`},
		{lab.Entry{At: noon, Way: lab.Sent}, `{"at":"2026-11-21T12:00:00.123456789Z","way":"sent","text":""}`},
		{lab.Entry{At: noon, Way: lab.Received, Binary: true}, `{"at":"2026-11-21T12:00:00.123456789Z","way":"received","base64":""}`},
		{lab.Entry{At: noon, Way: lab.Received, Binary: true, Data: []byte{0, 255}, Cut: 7},
			`{"at":"2026-11-21T12:00:00.123456789Z","way":"received","base64":"AP8=","cut":7}`},
		{lab.Entry{At: noon, Way: lab.Closed, Code: 1000, Reason: "bye"},
			`{"at":"2026-11-21T12:00:00.123456789Z","way":"closed","code":1000,"reason":"bye"}`},
	} {
		line := string(lab.AppendLine([]byte("before"), test.entry))
		if want := "before" + test.line + "\n"; line != want {
			t.Errorf("got %s, want %s", line, want)
		}
		got, err := lab.DecodeRecording([]byte(test.line))
		if err != nil || len(got) != 1 || !same(got[0], test.entry) {
			t.Errorf("got %+v, %v; want %+v", got, err, test.entry)
		}
	}
}

// What JSON can't hold is written as near to it as can be.
func TestRecordingOfWhatJSONCannotHold(t *testing.T) {
	year := time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		entry lab.Entry
		want  lab.Entry
	}{
		{name: "a text that isn't UTF-8", entry: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("a\xff")}, want: lab.Entry{At: noon, Way: lab.Sent, Binary: true, Data: []byte("a\xff")}},
		{name: "cut within a character", entry: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("a\xe2\x82"), Cut: 5}, want: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("a"), Cut: 7}},
		{name: "cut after a character", entry: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("aä"), Cut: 5}, want: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("aä"), Cut: 5}},
		{name: "cut, and wrong before", entry: lab.Entry{At: noon, Way: lab.Sent, Data: []byte("\xffaaaa"), Cut: 5}, want: lab.Entry{At: noon, Way: lab.Sent, Binary: true, Data: []byte("\xffaaaa"), Cut: 5}},
		{name: "binary that was cut", entry: lab.Entry{At: noon, Way: lab.Sent, Binary: true, Data: []byte("a\xe2"), Cut: 5}, want: lab.Entry{At: noon, Way: lab.Sent, Binary: true, Data: []byte("a\xe2"), Cut: 5}},
		{name: "cut to nothing", entry: lab.Entry{At: noon, Way: lab.Sent, Cut: 5}, want: lab.Entry{At: noon, Way: lab.Sent, Cut: 5}},
		{name: "a year of five digits", entry: lab.Entry{At: year, Way: lab.Closed}, want: lab.Entry{Way: lab.Closed}},
	} {
		got, err := lab.DecodeRecording(lab.AppendLine(nil, test.entry))
		if err != nil || len(got) != 1 || !same(got[0], test.want) {
			t.Errorf("%s: got %+v, %v; want %+v", test.name, got, err, test.want)
		}
	}
}

func TestDecodeRecording(t *testing.T) {
	const at = `{"at":"2026-11-21T12:00:00Z",`
	good := at + `"way":"sent","text":"a"}`
	for _, test := range []struct {
		text string
		want int    // entries
		says string // if it is wrong
	}{
		{"", 0, ""},
		{"\n \r\n", 0, ""},
		{good, 1, ""},
		{"\r\n" + good + "\r\n\r\n" + good + "\n", 2, ""},
		{at + `"way":"opened","new":{"of":["others"]}}`, 1, ""},
		{at + `"way":"sent","text":"\ud800"}`, 1, ""},
		{good + "\n" + good + "\n\n{", 0, "Line 4 of the recording can't be read: it is not JSON at byte 1."},
		{good + good, 0, "Line 1"},
		{"[]", 0, "no JSON object"},
		{"null", 0, `its way is ""`},
		{at + `"way":"lost"}`, 0, `its way is "lost"`},
		{at + `"way":7}`, 0, "its way can't be a JSON number"},
		{`{"at":"yesterday","way":"sent","text":"a"}`, 0, "its at is no time"},
		{at + `"way":"sent"}`, 0, "either text or base64"},
		{at + `"way":"sent","text":"a","base64":"YQ=="}`, 0, "either text or base64"},
		{at + `"way":"received","base64":"Y"}`, 0, "its base64"},
		{at + `"way":"received","text":"a","cut":-1}`, 0, "its cut"},
		{at + `"way":"received","text":"` + "\xff" + `"}`, 0, "not UTF-8"},
		{strings.Repeat(at+`"way":"closed"}`+"\n", lab.MaxRecordingEntries), lab.MaxRecordingEntries, ""},
		{strings.Repeat(at+`"way":"closed"}`+"\n", lab.MaxRecordingEntries+1), 0, "at most 100000 lines"},
		{strings.Repeat("\n", lab.MaxRecording), 0, ""},
		{strings.Repeat("\n", lab.MaxRecording+1), 0, "at most 32 MiB"},
	} {
		name := fmt.Sprintf("%.80q", test.text)
		got, err := lab.DecodeRecording([]byte(test.text))
		if test.says == "" {
			if err != nil || len(got) != test.want {
				t.Errorf("%s: got %d entries, %v; want %d", name, len(got), err, test.want)
			}
			continue
		}
		var problem *shared.Problem
		if got != nil || !errors.As(err, &problem) || problem.Code != shared.CodeInvalid || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %d entries, %v; want an error that says %q", name, len(got), err, test.says)
		}
	}
	got, err := lab.DecodeRecording([]byte(at + `"way":"sent","text":"a\ud800"}`))
	if err != nil || string(got[0].Data) != "a\uFFFD" {
		t.Errorf("half a pair: got %+v, %v; want U+FFFD", got, err)
	}
}

// FuzzDecodeRecording doesn't panic, and what it reads is written and read as the same.
func FuzzDecodeRecording(f *testing.F) {
	for _, e := range []lab.Entry{
		{At: noon, Way: lab.Opened, URL: "ws://localhost/echo", Subprotocol: "v1", Connection: "a"},
		{At: noon, Way: lab.Sent, Data: []byte("a")},
		{At: noon, Way: lab.Received, Binary: true, Data: []byte{0, 255}, Cut: 3},
		{At: noon, Way: lab.Closed, Code: 3008, Reason: "slow"},
	} {
		f.Add(lab.AppendLine(nil, e))
	}
	f.Add([]byte(`{"at":"9999-12-31T23:59:59-23:59","way":"sent","text":"\ud800"}`))
	f.Add([]byte("{}\n\n[]\nnull\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := lab.DecodeRecording(data)
		if err != nil {
			if entries != nil || !strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("got %d entries, %v; want a sentence", len(entries), err)
			}
			return
		}
		var again []byte
		for _, e := range entries {
			again = lab.AppendLine(again, e)
		}
		got, err := lab.DecodeRecording(again)
		if err != nil || len(got) != len(entries) {
			t.Fatalf("got %d entries, %v; want %d", len(got), err, len(entries))
		}
		for i := range got {
			if !same(got[i], entries[i]) {
				t.Fatalf("got %+v, want %+v", got[i], entries[i])
			}
		}
	})
}

// FuzzAppendLine writes any message so that it is read as the same.
func FuzzAppendLine(f *testing.F) {
	f.Add([]byte("a"), false, 0)
	f.Add([]byte("a\xe2\x82"), false, 3)
	f.Add([]byte{0, 255}, true, 0)
	f.Fuzz(func(t *testing.T, data []byte, binary bool, cut int) {
		e := lab.Entry{At: noon, Way: lab.Received, Data: data, Binary: binary, Cut: max(0, cut%1000)}
		line := lab.AppendLine(nil, e)
		got, err := lab.DecodeRecording(line)
		if err != nil || len(got) != 1 || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("got %+v, %v of %q", got, err, line)
		}
		if len(got[0].Data)+got[0].Cut != len(data)+e.Cut || !bytes.HasPrefix(data, got[0].Data) || e.Cut == 0 && len(got[0].Data) != len(data) {
			t.Fatalf("got %+v of %+v", got[0], e)
		}
	})
}
