package compose

import (
	"bytes"
	"encoding/json"
	"slices"

	"cartline/shared/lab"
)

// Storage keeps texts under keys, as a browser's localStorage does, for all tabs.
type Storage interface {
	// Load returns what is kept under a key, or "".
	Load(key string) string
	// Save keeps a text, or deletes the key if it is empty. It reports false if it
	// could not.
	Save(key, text string) bool
}

// list is a list of messages in a Storage that other tabs write to as well: it is read
// anew before each change.
type list struct {
	storage Storage
	key     string
	valid   func([]item) bool

	items []item
	text  string // that the items were last read from or written to
	// foreign says that what is kept is no such list. It stays there until somebody
	// wants it replaced.
	foreign bool
	// apart says that the items couldn't be written, so they are this page's alone.
	apart bool
}

// kept is how a list is written.
type kept struct {
	Version  int    `json:"version"`
	Messages []item `json:"messages"`
}

// version is of the format of kept.
const version = 1

// read reads the list anew, and says whether it changed.
func (l *list) read() (changed bool) {
	text := l.storage.Load(l.key)
	if text == l.text {
		return false
	}
	l.text = text
	items, ok := l.decode(text)
	l.foreign = !ok
	if l.apart {
		// What was written elsewhere meanwhile comes after what is here alone.
		items = within(append(slices.Clone(l.items), items...))
	}
	l.items = items
	return true
}

func (l *list) decode(text string) (items []item, ok bool) {
	if text == "" {
		return nil, true
	}
	var k kept
	if json.Unmarshal([]byte(text), &k) != nil || k.Version != version || !l.valid(k.Messages) {
		return nil, false
	}
	for _, m := range k.Messages {
		if !slices.Contains(lab.Formats(), m.Format) {
			return nil, false
		}
	}
	return k.Messages, true
}

// write keeps the items in place of what is there. If it can't, nothing changes.
func (l *list) write(items []item) bool {
	text := ""
	if len(items) > 0 {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false) // it would be twice the size
		if encoder.Encode(kept{version, items}) != nil {
			return false
		}
		text = b.String()
	}
	if !l.storage.Save(l.key, text) {
		return false
	}
	l.items, l.text, l.foreign, l.apart = items, text, false, false
	return true
}

// keep is write for what may also be in this page alone: it writes over nothing that
// is foreign.
func (l *list) keep(items []item) {
	if l.foreign || !l.write(items) {
		l.items, l.apart = items, true
	}
}
