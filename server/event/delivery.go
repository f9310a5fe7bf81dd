package event

import (
	"unsafe"

	"cartline/shared"
)

// Delivery is one text for one subscriber.
type Delivery struct {
	text []byte
	// event is what the text tells of; nil for an answer and the like, and for what was
	// read for one alone, unless it is needed. A later one of the same cart may stand for
	// it, unless its subscriber wants each, and replaced tells for which ones it stands
	// itself.
	event    *Event
	replaced *shared.Replaced
	// alone: no other queue holds this event.
	alone bool
	batch bool
	each  bool
}

// Plain makes a delivery of a text that nothing else can stand for.
func Plain(text []byte) Delivery { return Delivery{text: text} }

// Text returns what is to be written. The error says that it can't be encoded.
func (d Delivery) Text() ([]byte, error) {
	if d.replaced == nil {
		return d.text, nil
	}
	return d.event.standingFor(*d.replaced)
}

// Batch says whether the subscriber may be given it in one message with others.
func (d Delivery) Batch() bool { return d.batch }

// Same says whether two deliveries have the same text because they are of one event. It
// may be false for equal texts.
func (d Delivery) Same(other Delivery) bool {
	return d.replaced == nil && other.replaced == nil && d.batch == other.batch &&
		len(d.text) == len(other.text) && unsafe.SliceData(d.text) == unsafe.SliceData(other.text)
}

// key tells deliveries of which a later one can stand for an earlier one.
type key struct{ channel, cartID string }

func (d Delivery) key() (k key, ok bool) {
	if d.event == nil || d.each || d.event.cartID == "" {
		return key{}, false
	}
	return key{d.event.Channel, d.event.cartID}, true
}

// over returns d, standing also for an earlier delivery and all that one stood for.
func (d Delivery) over(earlier Delivery) Delivery {
	replaced := shared.Replaced{Count: 1, From: earlier.event.message.Meta.Cursor}
	if earlier.replaced != nil {
		replaced = shared.Replaced{Count: earlier.replaced.Count + 1, From: earlier.replaced.From}
	}
	d.replaced = &replaced
	return d
}
