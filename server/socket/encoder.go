package socket

import (
	"errors"
	"slices"

	"cartline/server/event"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// keptFrames is the largest buffer that an encoder keeps, in bytes.
const keptFrames = 256 << 10

// encoder makes frames of what is due to a client. Of one event's many listeners, only
// the first costs anything, as the others are due the same. It belongs to one goroutine.
type encoder struct {
	frames []byte
	of     []event.Delivery // what frames were made of
	group  [][]byte         // texts that go into one message
	size   int              // in bytes, of group
	load   load             // what of is, to be counted for each who gets it
}

// encode returns the frames of deliveries, for as long as nothing else is encoded. Without
// those that can't be encoded; the error tells why.
func (e *encoder) encode(deliveries []event.Delivery) (frames []byte, err error) {
	if len(e.of) > 0 && slices.EqualFunc(deliveries, e.of, event.Delivery.Same) {
		return e.frames, nil
	}
	// Nothing is left for the next one if this panics.
	e.forget()
	e.frames = e.frames[:0]
	e.load.reset()
	for _, d := range deliveries {
		e.load.note(d)
		text, failed := d.Text()
		switch {
		case failed != nil:
			err = errors.Join(err, failed)
		case d.Batch():
			e.gather(text)
		default:
			e.endGroup()
			e.frames = wire.AppendFrame(e.frames, wire.Text, text)
		}
	}
	e.endGroup()
	if err == nil { // else the next one is told as well
		e.of = append(e.of, deliveries...)
	}
	return e.frames, err
}

// gather adds a text to the group, or to the next one if it is full.
func (e *encoder) gather(text []byte) {
	if e.size+len(text) > shared.MaxBatch {
		e.endGroup()
	}
	e.group = append(e.group, text)
	e.size += len(text)
}

const (
	batchHead = `["` + shared.KindBatch + `",[`
	batchTail = `]]`
)

// endGroup makes one message of the group. One that is alone stays as it is.
func (e *encoder) endGroup() {
	switch n := len(e.group); n {
	case 0:
		return
	case 1:
		e.frames = wire.AppendFrame(e.frames, wire.Text, e.group[0])
	default:
		e.frames = wire.AppendHeader(e.frames, wire.Text, len(batchHead)+e.size+n-1+len(batchTail))
		e.frames = append(e.frames, batchHead...)
		for i, text := range e.group {
			if i > 0 {
				e.frames = append(e.frames, ',')
			}
			e.frames = append(e.frames, text...)
		}
		e.frames = append(e.frames, batchTail...)
	}
	clear(e.group)
	e.group, e.size = e.group[:0], 0
}

// forget lets go of what was encoded, so that it isn't kept alive.
func (e *encoder) forget() {
	clear(e.of)
	e.of = e.of[:0]
	clear(e.group)
	e.group, e.size = e.group[:0], 0
	if cap(e.frames) > keptFrames {
		e.frames = nil
	}
}
