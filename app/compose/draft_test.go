package compose

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cartline/shared/lab"
)

func TestTurn(t *testing.T) {
	for _, test := range []struct {
		from  lab.Format
		typed string
		to    lab.Format
		want  string
		same  bool
	}{
		{lab.Text, "Hé", lab.Hex, "48 c3 a9", true},
		{lab.Text, "Hi", lab.Base64, "SGk=", true},
		{lab.JSON, "[1]", lab.Hex, "5b 31 5d", true},
		{lab.Text, "oops", lab.JSON, "oops", true},
		{lab.JSON, "{", lab.Text, "{", true},
		{lab.Hex, "0x48:69", lab.Text, "Hi", true},
		{lab.Hex, "48 69", lab.Base64, "SGk=", true},
		{lab.Base64, "SGk", lab.Hex, "48 69", true},
		{lab.Hex, "", lab.Text, "", true},
		{lab.Hex, "ff", lab.Text, "ff", false},
		{lab.Hex, "0d 0a", lab.Text, "0d 0a", false}, // an editor would make it 0a
		{lab.Hex, "4", lab.Base64, "4", false},
		{lab.Base64, "!", lab.JSON, "!", false},
	} {
		d := draft{format: test.from, text: test.typed}
		if same := d.turn(test.to); d.text != test.want || same != test.same || d.format != test.to {
			t.Errorf("%s %q as %s: got %q, %v, want %q, %v", test.from, test.typed, test.to, d.text, same, test.want, test.same)
		}
		if same := d.turn(test.from); d.text != test.typed || !same {
			t.Errorf("%s %q as %s and back: got %q", test.from, test.typed, test.to, d.text)
		}
	}
}

// However formats are changed, whoever goes back to where they typed finds what they
// typed; and as long as each change says that the bytes are the same, they are.
func TestTurnLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	formats := lab.Formats()
	pieces := []string{"4", "8", "ff", " ", "0x", "SGk", "=", "é", "\n", "\r", "\x00", "{", "}", "☕", "d"}
	for range 3000 {
		var typed strings.Builder
		for range random.IntN(6) {
			typed.WriteString(pieces[random.IntN(len(pieces))])
		}
		from := formats[random.IntN(len(formats))]
		d := draft{format: from}
		d.edit(typed.String())
		meant, err := from.Parse(d.text)
		same := err == nil
		var path []lab.Format
		for range 1 + random.IntN(5) {
			to := formats[random.IntN(len(formats))]
			path = append(path, to)
			same = d.turn(to) && same
			if now, err := to.Parse(d.text); same && to != lab.JSON && (err != nil || !bytes.Equal(now.Data, meant.Data)) {
				t.Fatalf("%s %q by %v: became %q, %v", from, typed.String(), path, d.text, err)
			}
		}
		if d.turn(from); d.text != typed.String() {
			t.Fatalf("%s %q by %v and back: became %q", from, typed.String(), path, d.text)
		}
	}
}

func TestCheck(t *testing.T) {
	long := strings.Repeat("x", maxMessage+1)
	for _, test := range []struct {
		format lab.Format
		text   string
		want   string
		bad    bool
		brief  string
	}{
		{lab.Text, "", "0 B", false, ""},
		{lab.Text, "Hé", "3 B", false, ""},
		{lab.JSON, " ", "Nothing yet", false, ""},
		{lab.JSON, `{"a":1}`, "Valid JSON, 7 B", false, "Valid JSON."},
		{lab.JSON, "{\n x", "Not JSON at line 2, column 2: ", true, "Not JSON."},
		{lab.JSON, `{"n":{{n}},"at":"{{time}}"}`, "With the placeholders filled in it is", true, "Not JSON."},
		{lab.Hex, "48 69", "2 B, as text: Hi", false, "Valid Hex."},
		{lab.Hex, "00 ff 00", "3 B, as base64: AP8A", false, "Valid Hex."},
		{lab.Hex, strings.Repeat("00", 65), "65 B, as base64: " + strings.Repeat("A", 84) + "…", false, "Valid Hex."},
		{lab.Hex, strings.Repeat("41", 65), "65 B, as text: " + strings.Repeat("A", 64) + "…", false, "Valid Hex."},
		{lab.Hex, "4", "half a byte", true, "Not Hex."},
		{lab.Base64, "AP8=", "2 B, as hex: 00 ff", false, "Valid Base64."},
		{lab.Base64, "AP8A", "3 B, as hex: 00 ff 00", false, "Valid Base64."},
		{lab.Text, long, "8.0 MiB is too much", true, "Too long."},
		{lab.JSON, long[:maxChecked+1], "512.0 KiB, which is checked when it is sent", false, ""},
	} {
		d := draft{format: test.format, text: test.text}
		d.check()
		got := d.check() // from memory
		if !strings.Contains(got.text, test.want) || got.bad != test.bad || got.brief != test.brief {
			t.Errorf("%s %.40q: got %+v, want %q, %v, %q", test.format, test.text, got, test.want, test.bad, test.brief)
		}
		if !utf8.ValidString(got.text) {
			t.Errorf("%s %.40q: %q has broken characters", test.format, test.text, got.text)
		}
	}
}

// What was found of another text or format isn't told of this one.
func TestCheckAgain(t *testing.T) {
	d := draft{format: lab.Text}
	for _, step := range []struct {
		format lab.Format
		text   string
		want   string
	}{{lab.Text, "1", "1 B"}, {lab.JSON, "1", "Valid JSON, 1 B"}, {lab.JSON, "{", "Not JSON at"}, {lab.Text, "{", "1 B"}, {lab.Text, "", "0 B"}} {
		d.turn(step.format)
		d.edit(step.text)
		if got := d.check().text; !strings.HasPrefix(got, step.want) {
			t.Errorf("%s %q: got %q, want %q", step.format, step.text, got, step.want)
		}
	}
}

func TestFill(t *testing.T) {
	at := time.Date(2026, 1, 31, 9, 30, 0, 5e6, time.FixedZone("", 3600))
	if got, want := fill("{{n}} {{n}} {{time}} {{x}} {{ n }}", 7, at), "7 7 2026-01-31T08:30:00.005Z {{x}} {{ n }}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRecall(t *testing.T) {
	history := []item{
		{Format: lab.Text, Content: "new"}, {Format: lab.Hex, Content: "00"}, {Format: lab.JSON, Content: "{}"},
		{Format: lab.Text, Content: "two\nlines"}, {Format: lab.Text, Content: "{}"}, {Format: lab.Text, Content: "old"},
	}
	var r recall
	if text, ok := r.forth(); ok {
		t.Errorf("forth before back: got %q", text)
	}
	var seen []string
	for current := "typed"; ; {
		text, ok := r.back(current, history)
		if !ok {
			break
		}
		seen, current = append(seen, text), text
	}
	if want := []string{"new", "{}", "old"}; !slices.Equal(seen, want) {
		t.Errorf("back: got %q, want %q", seen, want)
	}
	for _, want := range []string{"{}", "new", "typed"} {
		if text, ok := r.forth(); text != want || !ok {
			t.Errorf("forth: got %q, %v, want %q", text, ok, want)
		}
	}
	if text, ok := r.forth(); ok {
		t.Errorf("forth past the end: got %q", text)
	}

	// What was recalled and then changed isn't lost: the walk begins anew from it.
	r.back("typed", history)
	if text, _ := r.back("changed", history); text != "new" {
		t.Errorf("after a change: got %q, want the newest", text)
	}
	if text, _ := r.forth(); text != "changed" {
		t.Errorf("after a change, forth: got %q", text)
	}
	if text, ok := r.back("new", nil); ok {
		t.Errorf("an empty history: got %q", text)
	}
}
