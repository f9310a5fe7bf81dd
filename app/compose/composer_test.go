package compose

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cartline/shared/lab"
)

func newComposer(to *target) *Composer {
	c := NewComposer(to, NewShelf(&memory{}))
	c.now = func() time.Time { return time.Date(2026, 1, 31, 9, 30, 0, 5e6, time.UTC) }
	return c
}

// write writes something in a format.
func (c *Composer) write(f lab.Format, text string) {
	c.draft = draft{format: f}
	c.typed(text)
}

func TestSend(t *testing.T) {
	long := strings.Repeat("x", maxMessage+1)
	for _, test := range []struct {
		name        string
		ready, full bool
		format      lab.Format
		text        string
		sent        []string
		said        string
	}{
		{"text", true, false, lab.Text, "{{n}}", []string{"{{n}}"}, "Sent 5 B of text at "},
		{"nothing", true, false, lab.Text, "", []string{""}, "Sent 0 B of text at "},
		{"JSON as it is", true, false, lab.JSON, " [1]\n", []string{" [1]\n"}, "Sent 5 B of text at "},
		{"binary", true, false, lab.Hex, "41 42", []string{"binary:AB"}, "Sent 2 B, binary at "},
		{"no JSON", true, false, lab.JSON, "{", []string{}, "Not sent. Not JSON at line 1, column 2: "},
		{"no hex", true, false, lab.Hex, "4", []string{}, "Not sent. There is half a byte"},
		{"too long", true, false, lab.Text, long, []string{}, "Not sent. 8.0 MiB is too much"},
		{"no connection", false, false, lab.Text, "x", []string{}, "Not sent. There is no connection: connect first."},
		{"full", true, true, lab.Text, "x", []string{}, "Not sent. The messages before this one are still waiting"},
	} {
		to := &target{ready: test.ready, full: test.full}
		c := newComposer(to)
		c.write(test.format, test.text)
		c.send()
		if got := to.texts(); !slices.Equal(got, test.sent) {
			t.Errorf("%s: sent %.80q, want %.80q", test.name, got, test.sent)
		}
		if !strings.HasPrefix(c.said.text, test.said) || c.said.bad != (len(test.sent) == 0) {
			t.Errorf("%s: said %q, bad: %v, want %q", test.name, c.said.text, c.said.bad, test.said)
		}
		if c.draft.text != test.text {
			t.Errorf("%s: what was written is gone", test.name)
		}
		if got := len(c.shelf.sent.items); got != len(test.sent) {
			t.Errorf("%s: %d messages are in the history, want %d", test.name, got, len(test.sent))
		}
	}
}

func TestSendFile(t *testing.T) {
	to := &target{ready: true}
	c := newComposer(to)
	c.chose("note.txt", []byte("a\r\n"))
	c.sendFile()
	c.file.asText = true
	c.sendFile()
	c.chose("large", make([]byte, maxHistorySize+1))
	if !c.file.utf8 || c.file.asText {
		t.Errorf("a new file is %v, %v, want UTF-8 and sent as binary", c.file.utf8, c.file.asText)
	}
	c.sendFile()
	if got, want := to.texts()[:2], []string{"binary:a\r\n", "a\r\n"}; !slices.Equal(got, want) || len(to.got) != 3 {
		t.Errorf("sent %q, want %q and the large one", got, want)
	}
	if got, want := c.shelf.sent.items, []item{{"", lab.Text, "a\r\n"}, {"", lab.Base64, "YQ0K"}}; !slices.Equal(got, want) {
		t.Errorf("the history is %q, want %q", got, want)
	}
	if c.load(c.shelf.sent.items[0]); !strings.Contains(c.said.text, "carriage returns") {
		t.Errorf("said %q of what an editor changes", c.said.text)
	}
	to.set(false, false)
	c.sendFile()
	if want := "Not sent. There is no connection"; !strings.HasPrefix(c.said.text, want) {
		t.Errorf("said %q, want %q", c.said.text, want)
	}
}

func TestFormatAndUndo(t *testing.T) {
	c := newComposer(&target{})
	c.write(lab.JSON, `{"a":1.50,"b":[]}`)
	c.format(lab.FormatJSON, "Formatted.")
	if want := "{\n  \"a\": 1.50,\n  \"b\": []\n}"; c.draft.text != want || c.said.text != "Formatted." {
		t.Errorf("got %q, said %q", c.draft.text, c.said.text)
	}
	c.format(lab.FormatJSON, "Formatted.")
	if c.said.text != "Nothing to change." {
		t.Errorf("again: said %q", c.said.text)
	}
	c.format(lab.CompactJSON, "Compacted.")
	c.undo()
	if !strings.Contains(c.draft.text, "\n") || c.said.undo != nil {
		t.Errorf("after undo: %q", c.draft.text)
	}
	c.typed("{")
	c.format(lab.FormatJSON, "Formatted.")
	if c.draft.text != "{" || !c.said.bad {
		t.Errorf("what is no JSON became %q, said %q", c.draft.text, c.said.text)
	}
	c.undo() // nothing
	c.pasted(`[1,2]`)
	if want := "[\n  1,\n  2\n]"; c.draft.text != want {
		t.Errorf("pasted: got %q, want %q", c.draft.text, want)
	}
	c.undo()
	if c.draft.text != "[1,2]" {
		t.Errorf("undone: got %q", c.draft.text)
	}
	c.write(lab.Text, "")
	if c.pasted(`[1,2]`); c.draft.text != `[1,2]` {
		t.Errorf("pasted as text: got %q", c.draft.text)
	}
}

func TestLoadAndRemove(t *testing.T) {
	c := newComposer(&target{ready: true})
	c.write(lab.Hex, "ca fe")
	c.name = "bytes"
	if !c.save() || c.name != "" {
		t.Errorf("said %q, the name is %q", c.said.text, c.name)
	}
	c.write(lab.Text, "half a sen")
	c.load(c.shelf.saved.items[0])
	if c.draft.format != lab.Hex || c.draft.text != "ca fe" || c.name != "bytes" {
		t.Errorf("loaded %v as %q", c.draft, c.name)
	}
	if c.undo(); c.draft.format != lab.Text || c.draft.text != "half a sen" {
		t.Errorf("after undo: %v", c.draft)
	}
	if c.save(); !strings.Contains(c.said.text, "in place of") {
		t.Errorf("said %q", c.said.text)
	}
	c.remove("bytes")
	if len(c.shelf.saved.items) != 0 {
		t.Error("it isn't deleted")
	}
	if c.undo(); len(c.shelf.saved.items) != 1 {
		t.Error("the deletion isn't undone")
	}
	c.renaming = "bytes"
	if c.rename("") || c.renaming == "" || !c.said.bad {
		t.Errorf("renamed to nothing: said %q", c.said.text)
	}
	if !c.rename(" other ") || c.renaming != "" || c.shelf.find("other") < 0 {
		t.Errorf("said %q", c.said.text)
	}
	c.send()
	c.forget()
	if c.undo(); len(c.shelf.sent.items) != 1 {
		t.Error("clearing the history isn't undone")
	}
}

func TestHistoryOfTheLine(t *testing.T) {
	c := newComposer(&target{ready: true})
	c.Sent("one")
	c.Sent("two")
	if text, ok := c.Previous("typed"); text != "two" || !ok {
		t.Errorf("got %q, %v", text, ok)
	}
	if text, ok := c.Previous("two"); text != "one" || !ok {
		t.Errorf("got %q, %v", text, ok)
	}
	c.Sent("three")
	if text, ok := c.Next(); ok {
		t.Errorf("after sending, Next: got %q", text)
	}
	if text, ok := c.Previous(""); text != "three" || !ok {
		t.Errorf("after sending: got %q, %v", text, ok)
	}
	if text, ok := c.Next(); text != "" || !ok {
		t.Errorf("got %q, %v, want what stood there", text, ok)
	}
}

func TestNotStarted(t *testing.T) {
	for _, test := range []struct {
		name                string
		ready               bool
		every, count, burst string
		format              lab.Format
		text, want          string
	}{
		{"too often", true, "9", "", "1", lab.Text, "", "The interval is a whole number from 10 to 3,600,000."},
		{"no number", true, "", "", "0", lab.Text, "", "is a whole number from"},
		{"too many", true, "10", "1000001", "10001", lab.Text, "", "is a whole number from 1 to 1"},
		{"no JSON", true, "10", "", "1", lab.JSON, "{{n}", "Not JSON at"},
		{"too large", true, "10", "", "1", lab.Text, strings.Repeat("x", maxRepeated+1), "has at most 1.0 MiB"},
		{"no connection", false, "10", "", "1", lab.Text, "", "There is no connection"},
	} {
		c := newComposer(&target{ready: test.ready})
		c.write(test.format, test.text)
		c.every, c.count, c.burst = test.every, test.count, test.burst
		for name, begin := range map[string]func(){"repeat": c.repeat, "burst": c.burstNow} {
			if name == "burst" && strings.Contains(test.want, "interval") {
				continue
			}
			begin()
			if c.job != nil || !c.said.bad || !strings.HasPrefix(c.said.text, "Not started. ") || !strings.Contains(c.said.text, test.want) {
				t.Errorf("%s, %s: said %q, want %q", test.name, name, c.said.text, test.want)
			}
		}
	}
}

// The page hears of what runs, of its end once, and of that also if it looks only later.
func TestRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &target{ready: true}
		c := newComposer(to)
		page := make(chan func(), 100)
		c.attach(func(change func()) { page <- change })
		c.write(lab.JSON, `{"n":{{n}},"at":"{{time}}"}`)
		c.every, c.count = "20", "2"
		c.repeat()
		if !c.Running() {
			t.Errorf("it doesn't run: said %q", c.said.text)
		}
		c.repeat() // another one
		if want := "Stop what is being sent first."; !strings.Contains(c.said.text, want) {
			t.Errorf("said %q, want %q", c.said.text, want)
		}
		<-c.job.done
		if want := []string{`{"n":1,"at":"2026-01-31T09:30:00.005Z"}`, `{"n":2,"at":"2026-01-31T09:30:00.005Z"}`}; !slices.Equal(to.texts(), want) {
			t.Errorf("sent %q, want %q", to.texts(), want)
		}
		before := c.version
		for len(page) > 0 {
			(<-page)()
		}
		if c.said.text != "2 of 2 sent. Done." || c.said.bad || c.version == before || c.Running() {
			t.Errorf("said %q, version %d", c.said.text, c.version)
		}
		c.tell("Something else.")
		if c.settle(); c.said.text != "Something else." {
			t.Errorf("the end is told again: %q", c.said.text)
		}

		c.attach(nil)
		c.write(lab.Text, "x")
		c.count = ""
		c.repeat()
		time.Sleep(time.Second + 5*time.Millisecond)
		c.Stop()
		c.Stop()
		<-c.job.done
		if c.settle(); c.said.text != "51 sent. Stopped: the connection has ended." || !c.said.bad {
			t.Errorf("said %q, bad: %v", c.said.text, c.said.bad)
		}
		if got := []item{c.shelf.sent.items[0], c.shelf.sent.items[1]}; got[0].Content != "x" || !strings.Contains(got[1].Content, "{{n}}") {
			t.Errorf("the history is %v, want what was written", got)
		}
	})
}

// Stop is for any time.
func TestStopBeforeStart(t *testing.T) { newComposer(&target{}).Stop() }
