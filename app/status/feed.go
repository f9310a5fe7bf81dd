package status

import (
	"time"

	"cartline/app/part"
	"cartline/shared"
)

// Bounds of what the feed keeps.
const (
	maxItems    = 400
	maxKept     = 4 << 20  // bytes of all texts
	maxItemKept = 16 << 10 // bytes of one text
)

// origin is whose an item of the feed is.
type origin int

const (
	fromServer origin = iota
	fromHere          // sent by the visitor
	fromPage          // said by the page itself
)

// item is one row of the feed.
type item struct {
	id     int
	at     time.Time
	origin origin
	kind   string // the message's, or ""
	words  string // or ""
	text   string // the message, exactly, as far as kept
	left   int    // bytes of it that weren't kept
	open   bool   // its text is shown whole
}

// feed is the list of events. While it is paused, what comes is kept aside and
// what is shown stands still. It is for one goroutine.
type feed struct {
	roll    *part.Roll[item]
	next    int
	gateway bool // show the gateway's own messages
	paused  bool
	shown   []item // while paused
	waiting int    // came since
}

func newFeed() *feed {
	return &feed{roll: part.NewRoll(maxItems, maxKept, func(i item) int { return len(i.text) + len(i.words) })}
}

// add takes items, without the gateway's own unless they are to be shown. Some
// may have been lost before they got here.
func (f *feed) add(items []item, lost int) {
	f.roll.Lose(lost)
	for _, i := range items {
		if i.kind == shared.ChannelGateway && !f.gateway {
			continue
		}
		f.next++
		i.id = f.next
		f.roll.Append(i)
		if f.paused {
			f.waiting++
		}
	}
}

// items returns what is to be shown, oldest first.
func (f *feed) items() []item {
	if f.paused {
		return f.shown
	}
	return f.roll.Items()
}

func (f *feed) pause() {
	f.paused, f.waiting = true, 0
	f.shown = append([]item(nil), f.roll.Items()...)
}

func (f *feed) resume() { f.paused, f.waiting, f.shown = false, 0, nil }

// clear forgets everything; a pause goes on.
func (f *feed) clear() {
	f.roll.Clear()
	f.shown, f.waiting = nil, 0
}

// toggle folds or unfolds the text of an item.
func (f *feed) toggle(id int) {
	for _, list := range [][]item{f.shown, f.roll.Items()} {
		for i := range list {
			if list[i].id == id {
				list[i].open = !list[i].open
			}
		}
	}
}

// messageItem makes an item of what the server sent.
func messageItem(at time.Time, m shared.Message, text string) item {
	kept, left := part.Clip(text, maxItemKept)
	return item{at: at, kind: m.Kind, words: sentence(m), text: kept, left: left}
}

// sentItem makes an item of what the visitor sent.
func sentItem(at time.Time, text string) item {
	kept, left := part.Clip(text, maxItemKept)
	return item{at: at, origin: fromHere, text: kept, left: left}
}

// ownItem makes an item of what the page has to say.
func ownItem(at time.Time, words string) item {
	return item{at: at, origin: fromPage, words: words}
}
