package compose

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cartline/app/part"
	"cartline/shared/lab"
)

// Bounds of what is kept. The sizes are of contents, in bytes.
const (
	maxSaved       = 100
	maxSavedSize   = 64 << 10
	maxName        = 60 // characters
	maxHistory     = 100
	maxHistorySize = 16 << 10
	maxHistoryKept = 512 << 10
)

// item is a message as it was written.
type item struct {
	Name    string     `json:"name,omitempty"` // of saved messages
	Format  lab.Format `json:"format"`
	Content string     `json:"content"`
}

// Shelf is what is kept in the browser: saved messages, and the history of what was
// sent. It is for one goroutine, and for all composers of a page; those of other tabs
// have their own on the same Storage.
type Shelf struct {
	saved, sent list
	version     int // counts changes, so that what shows the shelf knows of them
	watchers    map[any]func()
}

// Where in a Storage the two lists are.
const (
	keySaved = "cartline.messages.saved"
	keySent  = "cartline.messages.sent"
)

// NewShelf makes a Shelf on what keeps it. It reads nothing until it is looked at.
func NewShelf(storage Storage) *Shelf {
	return &Shelf{
		saved: list{storage: storage, key: keySaved, valid: validSaved},
		sent:  list{storage: storage, key: keySent, valid: validSent},
	}
}

func validSaved(items []item) bool {
	names := make(map[string]bool)
	for _, m := range items {
		if m.Name == "" || m.Name != cleanName(m.Name) || names[m.Name] || len(m.Content) > maxSavedSize {
			return false
		}
		names[m.Name] = true
	}
	return len(items) <= maxSaved
}

func validSent(items []item) bool {
	total := 0
	for _, m := range items {
		total += len(m.Content)
		if m.Name != "" || len(m.Content) > maxHistorySize {
			return false
		}
	}
	return len(items) <= maxHistory && total <= maxHistoryKept
}

// watch has changed called after each change of what is kept, until it is nil. Who
// tells the watchers apart.
func (s *Shelf) watch(who any, changed func()) {
	if s.watchers == nil {
		s.watchers = make(map[any]func())
	}
	if changed == nil {
		delete(s.watchers, who)
	} else {
		s.watchers[who] = changed
	}
}

func (s *Shelf) changed() {
	s.version++
	for _, tell := range s.watchers {
		tell()
	}
}

// refresh reads anew what other tabs may have changed.
func (s *Shelf) refresh() {
	saved, sent := s.saved.read(), s.sent.read()
	if saved || sent {
		s.version++
	}
}

// errNotKept is why a message isn't saved when the storage refuses it.
const errNotKept = refusal("This browser has no room left for it, or keeps nothing for this page.")

// save keeps a message under a name, in place of the one that has it.
func (s *Shelf) save(m item) (replaced bool, err error) {
	m.Name = cleanName(m.Name)
	switch {
	case m.Name == "":
		return false, refusal("It needs a name.")
	case len(m.Content) > maxSavedSize:
		return false, refusal(fmt.Sprintf("A message that is saved has at most %s, and this one %s.", part.Size(maxSavedSize), part.Size(len(m.Content))))
	}
	s.saved.read()
	items := slices.Clone(s.saved.items)
	at := s.find(m.Name)
	if at >= 0 {
		items[at] = m
	} else if len(items) >= maxSaved {
		return false, refusal(fmt.Sprintf("%d messages are saved, and there is room for no more. Delete one that isn't needed any more.", maxSaved))
	} else {
		items = append(items, m)
	}
	if !s.saved.write(items) {
		return false, errNotKept
	}
	s.changed()
	return at >= 0, nil
}

// rename gives a saved message another name, which no other may have.
func (s *Shelf) rename(from, to string) error {
	to = cleanName(to)
	s.saved.read()
	at := s.find(from)
	switch {
	case to == "":
		return refusal("It needs a name.")
	case to == from:
		return nil
	case at < 0:
		return refusal(fmt.Sprintf("“%s” isn't saved any more: another tab has deleted or renamed it.", from))
	case s.find(to) >= 0:
		return refusal(fmt.Sprintf("Another message is saved as “%s”.", to))
	}
	items := slices.Clone(s.saved.items)
	items[at].Name = to
	if !s.saved.write(items) {
		return errNotKept
	}
	s.changed()
	return nil
}

// remove deletes a saved message, and returns what it was. One that is gone already is
// no error.
func (s *Shelf) remove(name string) (was item, ok bool, err error) {
	s.saved.read()
	at := s.find(name)
	if at < 0 {
		s.changed()
		return item{}, false, nil
	}
	was = s.saved.items[at]
	if !s.saved.write(slices.Delete(slices.Clone(s.saved.items), at, at+1)) {
		return item{}, false, refusal("This browser doesn't let us delete it.")
	}
	s.changed()
	return was, true, nil
}

// find returns the place of a saved message, or -1.
func (s *Shelf) find(name string) int {
	return slices.IndexFunc(s.saved.items, func(m item) bool { return m.Name == name })
}

// remember puts a message on top of the history. What is too large for it is left out.
func (s *Shelf) remember(m item) {
	m.Name, m.Content = "", strings.ToValidUTF8(m.Content, "\uFFFD")
	if len(m.Content) > maxHistorySize {
		return
	}
	s.sent.read()
	s.sent.keep(within(append([]item{m}, s.sent.items...)))
	s.changed()
}

// forget empties the history, and with it what is kept in its place.
func (s *Shelf) forget() (was []item) {
	s.sent.read()
	was = s.sent.items
	s.sent.foreign = false
	s.sent.keep(nil)
	s.changed()
	return was
}

// recover undoes forget.
func (s *Shelf) recover(was []item) {
	s.sent.read()
	s.sent.keep(within(append(slices.Clone(s.sent.items), was...)))
	s.changed()
}

// within leaves the first of equal messages, and as many as the history holds.
func within(all []item) []item {
	items := make([]item, 0, min(len(all), maxHistory))
	met, total := make(map[item]bool, len(all)), 0
	for _, m := range all {
		if met[m] {
			continue
		}
		if total += len(m.Content); len(items) == maxHistory || total > maxHistoryKept {
			break
		}
		met[m] = true
		items = append(items, m)
	}
	return items
}

// cleanName makes a name of what was typed, in one line and not too long.
func cleanName(typed string) string {
	name := strings.Join(strings.Fields(strings.ToValidUTF8(typed, "")), " ")
	for utf8.RuneCountInString(name) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = strings.TrimRight(name[:len(name)-size], " ")
	}
	return name
}
