package compose

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cartline/shared/lab"
)

// saved and sent list what a shelf holds, as a page that is opened now would.
func savedOn(storage Storage) []item {
	s := NewShelf(storage)
	s.refresh()
	return s.saved.items
}

func sentOn(storage Storage) []item {
	s := NewShelf(storage)
	s.refresh()
	return s.sent.items
}

func TestSave(t *testing.T) {
	storage := &memory{}
	s := NewShelf(storage)
	save := func(name, content string) (bool, error) {
		return s.save(item{Name: name, Format: lab.Text, Content: content})
	}
	if replaced, err := save("  a \n b ", "1"); replaced || err != nil {
		t.Errorf("the first: %v, %v", replaced, err)
	}
	if replaced, err := save("a b", "2"); !replaced || err != nil {
		t.Errorf("again: %v, %v, want it replaced", replaced, err)
	}
	for _, test := range []struct{ name, content, want string }{
		{" \t", "", "needs a name"},
		{"large", strings.Repeat("x", maxSavedSize+1), "at most 64.0 KiB"},
	} {
		if _, err := save(test.name, test.content); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q in it", test.name, err, test.want)
		}
	}
	if _, err := save(strings.Repeat("é", maxName+5), "long name"); err != nil {
		t.Error(err)
	}
	for i := range maxSaved - 2 {
		if _, err := save(fmt.Sprint(i), ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := save("one more", ""); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("one too many: got %v", err)
	}
	if replaced, err := save("a b", "3"); !replaced || err != nil {
		t.Errorf("when it is full: %v, %v, want it replaced", replaced, err)
	}
	storage.refuses = true
	if _, err := save("a b", "4"); err != errNotKept {
		t.Errorf("a storage that refuses: got %v", err)
	}
	got := savedOn(storage)
	if len(got) != maxSaved || got[0] != (item{"a b", lab.Text, "3"}) || got[1].Name != strings.Repeat("é", maxName) {
		t.Errorf("%d are saved, the first two are %v", len(got), got[:2])
	}
	if !slices.Equal(s.saved.items, got) {
		t.Error("what is shown isn't what is kept")
	}
}

func TestRenameAndRemove(t *testing.T) {
	storage := &memory{}
	s, other := NewShelf(storage), NewShelf(storage)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := s.save(item{Name: name, Format: lab.Hex}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ from, to, want string }{
		{"a", "a", ""}, {"a", " ", "needs a name"}, {"a", "b", "Another message is saved as “b”."}, {"x", "y", "isn't saved any more"}, {"a", "z", ""},
	} {
		err := s.rename(test.from, test.to)
		if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.Contains(got, test.want) {
			t.Errorf("%s to %s: got %v, want %q", test.from, test.to, err, test.want)
		}
	}
	if was, ok, err := other.remove("b"); was.Name != "b" || !ok || err != nil {
		t.Errorf("another tab removes: %v, %v, %v", was, ok, err)
	}
	if _, ok, err := s.remove("b"); ok || err != nil {
		t.Errorf("what is gone already: %v, %v", ok, err)
	}
	storage.refuses = true
	if _, ok, err := s.remove("c"); ok || err == nil {
		t.Errorf("a storage that refuses: %v, %v", ok, err)
	}
	if err := s.rename("c", "d"); err != errNotKept {
		t.Errorf("a storage that refuses: got %v", err)
	}
	if got, want := savedOn(storage), []item{{"z", lab.Hex, ""}, {"c", lab.Hex, ""}}; !slices.Equal(got, want) || !slices.Equal(s.saved.items, want) {
		t.Errorf("saved are %v, shown %v, want %v", got, s.saved.items, want)
	}
}

// Whatever several tabs do, in whatever order and whatever the storage refuses: what
// was saved is there, and nothing else.
func TestSavedModel(t *testing.T) {
	for seed := range uint64(2) {
		random := rand.New(rand.NewPCG(seed, 7))
		storage := &memory{}
		tabs := []*Shelf{NewShelf(storage), NewShelf(storage), NewShelf(storage)}
		var model []item
		find := func(name string) int {
			return slices.IndexFunc(model, func(m item) bool { return m.Name == name })
		}
		for step := range 450 {
			tab := tabs[random.IntN(len(tabs))]
			storage.refuses = random.IntN(6) == 0
			name, to := fmt.Sprint("n", random.IntN(103)), fmt.Sprint("n", random.IntN(103))
			at := find(name)
			switch random.IntN(6) {
			case 0, 1, 2, 3:
				m := item{name, lab.Formats()[random.IntN(4)], fmt.Sprint(step)}
				replaced, err := tab.save(m)
				switch {
				case at < 0 && len(model) == maxSaved, storage.refuses:
					if err == nil {
						t.Fatalf("seed %d, step %d: save %s is taken", seed, step, name)
					}
				case err != nil || replaced != (at >= 0):
					t.Fatalf("seed %d, step %d: save %s: %v, %v", seed, step, name, replaced, err)
				case replaced:
					model[at] = m
				default:
					model = append(model, m)
				}
			case 4:
				if err := tab.rename(name, to); err == nil && name != to {
					model[at].Name = to
				} else if err == nil && at < 0 && name != to || err != nil && at >= 0 && find(to) < 0 && !storage.refuses {
					t.Fatalf("seed %d, step %d: rename %s to %s: %v", seed, step, name, to, err)
				}
			case 5:
				_, ok, err := tab.remove(name)
				if want := at >= 0 && !storage.refuses; ok != want || (err != nil) != (at >= 0 && storage.refuses) {
					t.Fatalf("seed %d, step %d: remove %s: %v, %v, want %v", seed, step, name, ok, err, want)
				}
				if ok {
					model = slices.Delete(model, at, at+1)
				}
			}
			if got := savedOn(storage); !slices.Equal(got, model) || len(got)+len(tab.saved.items) > 0 && !slices.Equal(tab.saved.items, model) {
				t.Fatalf("seed %d, step %d: kept are %v, shown %v, want %v", seed, step, got, tab.saved.items, model)
			}
		}
	}
}

// The history holds the last different messages of all tabs.
func TestHistoryModel(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 3))
		storage := &memory{}
		tabs := []*Shelf{NewShelf(storage), NewShelf(storage)}
		var model []item // newest first
		for step := range 250 {
			tab := tabs[random.IntN(len(tabs))]
			m := item{Format: lab.Formats()[random.IntN(2)], Content: fmt.Sprint(random.IntN(150))}
			tab.remember(m)
			model = append([]item{m}, slices.DeleteFunc(model, func(old item) bool { return old == m })...)
			model = model[:min(len(model), maxHistory)]
			if got := sentOn(storage); !slices.Equal(got, model) || !slices.Equal(tab.sent.items, model) {
				t.Fatalf("seed %d, step %d: %d are kept, %d shown, want %d", seed, step, len(got), len(tab.sent.items), len(model))
			}
		}
	}
}

// Large messages push out more than one other, and too large ones none.
func TestHistoryBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	storage := &memory{}
	s := NewShelf(storage)
	for step := range 150 {
		s.remember(item{Format: lab.Text, Content: fmt.Sprint(step) + strings.Repeat("x", random.IntN(maxHistorySize-3))})
		if !validSent(s.sent.items) || !strings.HasPrefix(s.sent.items[0].Content, fmt.Sprint(step)) {
			t.Fatalf("step %d: %d messages are kept", step, len(s.sent.items))
		}
	}
	before := slices.Clone(s.sent.items)
	if len(before) < maxHistoryKept/maxHistorySize {
		t.Errorf("only %d are kept", len(before))
	}
	s.remember(item{Format: lab.Text, Content: strings.Repeat("x", maxHistorySize+1)})
	if !slices.Equal(s.sent.items, before) || !slices.Equal(sentOn(storage), before) {
		t.Error("one that is too large has changed the history")
	}
}

// What a storage refuses stays on the page, and is kept once it takes things again,
// beside what others wrote meanwhile.
func TestHistoryApart(t *testing.T) {
	storage := &memory{}
	s, other := NewShelf(storage), NewShelf(storage)
	text := func(content string) item { return item{Format: lab.Text, Content: content} }
	s.remember(text("kept"))
	storage.refuses = true
	s.remember(text("alone"))
	if want := []item{text("alone"), text("kept")}; !slices.Equal(s.sent.items, want) || !s.sent.apart {
		t.Errorf("shown are %v, apart: %v", s.sent.items, s.sent.apart)
	}
	storage.refuses = false
	other.remember(text("other"))
	s.refresh()
	if want := []item{text("alone"), text("kept"), text("other")}; !slices.Equal(s.sent.items, want) {
		t.Errorf("after another tab wrote, shown are %v", s.sent.items)
	}
	s.remember(text("new"))
	if want := []item{text("new"), text("alone"), text("kept"), text("other")}; !slices.Equal(sentOn(storage), want) || s.sent.apart {
		t.Errorf("kept are %v", sentOn(storage))
	}
	was := s.forget()
	if got := sentOn(storage); len(got) != 0 {
		t.Errorf("after clearing, kept are %v", got)
	}
	s.remember(text("after"))
	s.recover(was)
	if want := append([]item{text("after")}, was...); !slices.Equal(sentOn(storage), want) {
		t.Errorf("after undoing that, kept are %v, want %v", sentOn(storage), want)
	}
}

// Who watches hears of each change, until they leave.
func TestWatch(t *testing.T) {
	s := NewShelf(&memory{})
	heard := 0
	s.watch(t, func() { heard++ })
	if _, err := s.save(item{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	s.remember(item{Format: lab.Text})
	if heard != 2 || s.version != 2 {
		t.Errorf("heard of %d changes, version %d, want 2", heard, s.version)
	}
	s.watch(t, nil)
	s.forget()
	if heard != 2 {
		t.Error("who left is told")
	}
}
