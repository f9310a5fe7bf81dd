package compose

import (
	"fmt"
	"strings"
	"testing"

	"cartline/shared/lab"
)

// What isn't ours is told, and stays until somebody wants it replaced.
func TestForeign(t *testing.T) {
	tooMany := `{"version":1,"messages":[` + strings.Repeat(`{"format":"text","content":""},`, maxSaved) + `{"format":"text","content":""}]}`
	for _, text := range []string{
		"junk", "[]", "{}", `{"version":2,"messages":[]}`, `{"version":1,"messages":[{"format":"xml","content":""}]}`,
		`{"version":1,"messages":[{"name":"","format":"text","content":"` + strings.Repeat("x", maxSavedSize+1) + `"}]}`, tooMany, "\x00\xff",
	} {
		storage := &memory{texts: map[string]string{keySaved: text, keySent: text}}
		s := NewShelf(storage)
		s.refresh()
		if !s.saved.foreign || !s.sent.foreign || len(s.saved.items)+len(s.sent.items) > 0 {
			t.Errorf("%.60q is taken: %v, %v", text, s.saved, s.sent)
		}
		s.remember(item{Format: lab.Text, Content: "sent"})
		if _, _, err := s.remove("x"); err != nil {
			t.Error(err)
		}
		if storage.texts[keySaved] != text || storage.texts[keySent] != text {
			t.Errorf("%.60q is gone", text)
		}
		if len(s.sent.items) != 1 || !s.sent.apart {
			t.Errorf("beside %.60q, the history is %v", text, s.sent.items)
		}
		if _, err := s.save(item{Name: "n", Format: lab.Text, Content: "c"}); err != nil {
			t.Error(err)
		}
		s.forget()
		s.remember(item{Format: lab.Text, Content: "again"})
		if len(savedOn(storage)) != 1 || len(sentOn(storage)) != 1 || s.saved.foreign || s.sent.foreign {
			t.Errorf("after %.60q, kept are %v and %v", text, savedOn(storage), sentOn(storage))
		}
	}
}

// Names that differ for people, and contents of all kinds, come back as they were.
func TestKeptAsItWas(t *testing.T) {
	storage := &memory{}
	s := NewShelf(storage)
	for i, content := range []string{"", hostile, "\x00\x1f\u2028\ufeff", "☕\r\n\t", `{"a":"\u00e9"}`, strings.Repeat("<&>", 9)} {
		m := item{fmt.Sprint(i, hostile), lab.JSON, content}
		m.Name = cleanName(m.Name)
		if _, err := s.save(m); err != nil {
			t.Fatal(err)
		}
		if got := savedOn(storage); got[i] != m {
			t.Errorf("got %q, want %q", got[i], m)
		}
	}
}
