package wire

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// inputSize is what is read at once: a message of 4 KiB with its header, or many
	// small ones.
	inputSize = 8 << 10

	// plainSize is what is read at once where waiting takes a buffer.
	plainSize = 512
)

// inbound is the half of a transport that receives. While nothing comes it holds no
// buffer, and its goroutine waits on a shallow stack: most connections are idle most of
// the time, and there are many.
//
// Everything but arrivals belongs to the goroutine that reads.
type inbound struct {
	arrivals atomic.Uint32 // how often something was read

	readMu sync.Mutex // held while reading from the connection

	// What has come and was not looked at is room[next:end]. Room is from inputs if it
	// is of inputSize; else it is what net/http had read, or of plainSize.
	room      []byte
	next, end int

	// Of the read under way; see receive.
	ready func(fd uintptr) (done bool)
	into  []byte
	count int
	err   error
}

// inputs holds buffers for connections that something has come on.
var inputs = sync.Pool{New: func() any { return new([inputSize]byte) }}

// input returns what has come and was not looked at.
func (in *inbound) input() []byte { return in.room[in.next:in.end] }

// fill waits until something has come. There must be no input before, and is some after.
func (t *transport) fill() error {
	n, err := t.read(nil)
	t.next, t.end = 0, n
	return err
}

// read reads into p, which is not empty, or into room if it is nil.
func (t *transport) read(p []byte) (n int, err error) {
	t.readMu.Lock()
	defer t.readMu.Unlock()
	if t.stopped.Load() {
		return 0, net.ErrClosed
	}
	if p != nil {
		t.release()
	}
	if n, err = t.receive(p); n > 0 {
		t.arrivals.Add(1)
		return n, nil // An error comes again.
	}
	if err == nil {
		err = io.EOF
	}
	t.broken.Store(true)
	return 0, err
}

// receivePlain is receive where waiting takes a buffer.
func (t *transport) receivePlain(p []byte) (int, error) {
	if p == nil {
		if len(t.room) != plainSize {
			t.room = make([]byte, plainSize)
		}
		p = t.room
	}
	return t.Conn.Read(p)
}

// borrow has room from the pool.
func (in *inbound) borrow() {
	if len(in.room) != inputSize {
		in.room = inputs.Get().(*[inputSize]byte)[:]
	}
}

// release drops the input, and gives its room back if that is from the pool.
func (in *inbound) release() {
	in.next, in.end = 0, 0
	if len(in.room) == inputSize {
		inputs.Put((*[inputSize]byte)(in.room))
		in.room = nil
	}
}

// begin has what net/http has read already come first.
func (in *inbound) begin(early []byte) {
	if len(early) > 0 {
		in.room, in.next, in.end = slices.Clone(early), 0, len(early)
		in.arrivals.Add(1)
	}
}
