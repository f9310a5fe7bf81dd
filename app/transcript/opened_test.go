package transcript

import (
	"fmt"
	"strings"
	"testing"

	"cartline/shared/lab"
)

func TestOpens(t *testing.T) {
	binary := Entry{Entry: lab.Entry{Way: lab.Received, Binary: true, Data: []byte(`{"a":1}`)}}
	cut := text(lab.Received, `{"a":1}`)
	cut.Cut = 5
	tests := []struct {
		name  string
		entry Entry
		view  string
		views string
	}{
		{"text", text(lab.Sent, "hello"), viewText, "[Text Hex]"},
		{"nothing", text(lab.Sent, ""), viewText, "[Text Hex]"},
		{"object", text(lab.Sent, ` {"a":1}`), viewJSON, "[JSON Text Hex]"},
		{"array", text(lab.Sent, `[]`), viewJSON, "[JSON Text Hex]"},
		{"a number alone", text(lab.Sent, `12`), viewText, "[Text Hex]"},
		{"no JSON", text(lab.Sent, `{a}`), viewText, "[Text Hex]"},
		{"binary", binary, viewHex, "[JSON Text Hex]"},
		{"the beginning of a message", cut, viewText, "[Text Hex]"},
		{"note", note("Connected"), viewText, "[]"},
	}
	for _, test := range tests {
		l := logOf(test.entry)
		l.open(l.At(0))
		if got := l.opened.view; got != test.view {
			t.Errorf("%s: opened as %s, want %s", test.name, got, test.view)
		}
		if got := fmt.Sprint(l.opened.views()); got != test.views {
			t.Errorf("%s: can be shown as %s, want %s", test.name, got, test.views)
		}
	}
}

func TestOpenedBody(t *testing.T) {
	open := func(e Entry) *opened {
		l := logOf(e)
		l.open(l.At(0))
		return l.opened
	}
	o := open(text(lab.Sent, strings.Repeat("漢", 50_000)))
	body, left := o.body()
	if len(body) > firstText || left != 150_000-len(body) || strings.Contains(body, "\uFFFD") {
		t.Errorf("%d bytes are shown, %d left", len(body), left)
	}
	o.more()
	o.more()
	if body, left = o.body(); len(body) != 150_000 || left != 0 {
		t.Errorf("%d bytes are shown after more, %d left", len(body), left)
	}
	o.choose(viewHex)
	if body, left = o.body(); strings.Count(body, "\n") != firstHex/hexLine-1 || left != 150_000-firstHex {
		t.Errorf("%d lines of hex, %d bytes left", strings.Count(body, "\n")+1, left)
	}
	if got, want := o.moreWords(left), "Show more (142.5 KiB left)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if body, _ := open(text(lab.Sent, "a\x00b\nc")).body(); body != "a␀b\nc" {
		t.Errorf("got %q", body)
	}
	large := open(text(lab.Received, "["+strings.Repeat(" ", maxTree)+"]"))
	if large.view != viewText || large.reason == "" {
		t.Errorf("what is too large for a tree is shown as %s, and the reason is %q", large.view, large.reason)
	}
}

// Clear closes what is looked at; dropping doesn't.
func TestOpenedStays(t *testing.T) {
	l := logOf(text(lab.Sent, "first"))
	l.open(l.At(0))
	for range 2 {
		l.Append(make([]Entry, MaxEntries), 0)
	}
	if l.opened == nil || l.opened.entry.copyText() != "first" {
		t.Error("a message that was dropped can't be looked at any more")
	}
	if _, ok := l.find(l.chosen); ok {
		t.Error("it is found in the log")
	}
	l.Clear()
	if l.opened != nil {
		t.Error("it can be looked at after Clear")
	}
}
