package console

import "sync/atomic"

// traffic counts what went over one connection. It may be used from any goroutine.
type traffic struct{ sent, received flow }

// flow is one direction of it.
type flow struct{ messages, bytes atomic.Int64 }

func (f *flow) add(bytes int) {
	f.messages.Add(1)
	f.bytes.Add(int64(bytes))
}
