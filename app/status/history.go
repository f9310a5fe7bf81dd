package status

import (
	"time"

	"cartline/app/feed"
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

// history is the list of events. While it is paused, what comes is kept aside and
// what is shown stands still. It is for one goroutine.
type history struct {
	roll    *part.Roll[item]
	next    int
	gateway bool // show the gateway's own messages
	paused  bool
	shown   []item // while paused
	waiting int    // came since
}

func newHistory() *history {
	return &history{roll: part.NewRoll(maxItems, maxKept, func(i item) int { return len(i.text) + len(i.words) })}
}

// add takes items, without the gateway's own unless they are to be shown. Some
// may have been lost before they got here.
func (h *history) add(items []item, lost int) {
	h.roll.Lose(lost)
	for _, i := range items {
		if i.kind == shared.ChannelGateway && !h.gateway {
			continue
		}
		h.next++
		i.id = h.next
		h.roll.Append(i)
		if h.paused {
			h.waiting++
		}
	}
}

// items returns what is to be shown, oldest first.
func (h *history) items() []item {
	if h.paused {
		return h.shown
	}
	return h.roll.Items()
}

func (h *history) pause() {
	h.paused, h.waiting = true, 0
	h.shown = append([]item(nil), h.roll.Items()...)
}

func (h *history) resume() { h.paused, h.waiting, h.shown = false, 0, nil }

// clear forgets everything; a pause goes on.
func (h *history) clear() {
	h.roll.Clear()
	h.shown, h.waiting = nil, 0
}

// toggle folds or unfolds the text of an item.
func (h *history) toggle(id int) {
	for _, list := range [][]item{h.shown, h.roll.Items()} {
		for i := range list {
			if list[i].id == id {
				list[i].open = !list[i].open
			}
		}
	}
}

// arrivalItem makes an item of what the server sent, or the visitor did.
func arrivalItem(a feed.Arrival) item {
	kept, left := part.Clip(a.Text, maxItemKept)
	if a.Sent {
		return item{at: a.At, origin: fromHere, text: kept, left: left}
	}
	return item{at: a.At, kind: a.Message.Kind, words: sentence(a.Message), text: kept, left: left}
}

// ownItem makes an item of what the page has to say.
func ownItem(at time.Time, words string) item {
	return item{at: at, origin: fromPage, words: words}
}
