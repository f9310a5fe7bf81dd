package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"runtime"
	"testing"

	"github.com/coder/websocket"
)

// numbered are frames with messages of a kibibyte each.
func numbered(count int) (frames []byte) {
	for n := range count {
		text := fmt.Appendf(nil, "%d ", n)
		frames = AppendFrame(frames, Text, append(text, bytes.Repeat([]byte("x"), 1<<10-len(text))...))
	}
	return frames
}

// wantCut reads numbered messages, of which the last must be missing, and then a close
// frame: a peer that is slow is to be told so, rather than given what it can't take in time.
func wantCut(t *testing.T, count int, next func() (text []byte, err error)) {
	t.Helper()
	for n := 0; ; n++ {
		text, err := next()
		if err != nil {
			if websocket.CloseStatus(err) != GoingAway {
				t.Errorf("got %v after %d messages, want a close frame behind whole ones", err, n)
			}
			if n >= count {
				t.Errorf("got all %d messages, want the close frame before the last", n)
			}
			return
		}
		if head := fmt.Sprintf("%d ", n); !bytes.HasPrefix(text, []byte(head)) || len(text) != 1<<10 {
			t.Fatalf("got %d bytes that begin with %.10q, want %q", len(text), text, head)
		}
	}
}

// awaitClosing waits until a connection has begun to close.
func awaitClosing(c *Conn) {
	for !c.t.closing.Load() {
		runtime.Gosched()
	}
}

// TestCloseLeavesOut closes a connection to a peer that is behind by many frames that an
// Offer has left. Only the one that has begun is ended.
func TestCloseLeavesOut(t *testing.T) {
	const count = 8 << 10
	closing := make(chan struct{})
	closed := make(chan error, 1)
	server := serve(t, Options{SendBuffer: 4 << 10}, func(c *Conn) {
		go func() { _ = readAll(c) }()
		if _, done, err := c.Offer(numbered(count)); done || err != nil {
			t.Errorf("Offer: got done %v, error %v, want something left", done, err)
		}
		go func() { closed <- c.Close(GoingAway, "too slow") }()
		awaitClosing(c)
		close(closing)
		<-c.Done()
	})
	ws := dialEngine(t, server)
	receive(t, closing, "Close to begin")
	wantCut(t, count, func() (text []byte, err error) {
		_, text, err = ws.Read(t.Context())
		return text, err
	})
	if err := receive(t, closed, "Close"); err != nil {
		t.Error(err)
	}
}

// TestCloseCutsWritingShort closes a connection while somebody writes many frames that
// their peer takes slowly. It takes the part that was under way.
func TestCloseCutsWritingShort(t *testing.T) {
	const count = 3 * partSize >> 10
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	c := newConn(near, nil, Options{}.withDefaults())
	written, closed := make(chan error, 1), make(chan error, 1)
	go func() { written <- c.WriteFrames(numbered(count)) }()
	first := make([]byte, 1)
	if _, err := far.Read(first); err != nil {
		t.Fatal(err)
	}
	go func() { closed <- c.Close(GoingAway, "too slow") }()
	awaitClosing(c)
	var got []byte
	for b := make([]byte, 4<<10); !bytes.HasSuffix(got, []byte("too slow")); {
		n, err := far.Read(b)
		if err != nil {
			t.Fatalf("after %d bytes: %v", len(got), err)
		}
		got = append(got, b[:n]...)
	}
	_ = far.Close()
	got = append(first, got...)
	all, end := numbered(count), closeFrame(GoingAway, "too slow")
	sent, _ := bytes.CutSuffix(got, end)
	if len(sent)%(4+1<<10) != 0 || len(sent) > partSize || !bytes.HasPrefix(all, sent) {
		t.Errorf("got %d bytes before the close frame, want whole frames, up to %d bytes", len(sent), partSize)
	}
	if err := receive(t, written, "WriteFrames"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("WriteFrames: got %v, want net.ErrClosed", err)
	}
	if err := receive(t, closed, "Close"); err != nil {
		t.Error(err)
	}
}

// TestFrameEnd finds the ends of frames of all sizes.
func TestFrameEnd(t *testing.T) {
	var frames []byte
	ends := map[int]bool{0: true}
	for _, size := range []int{0, 1, 125, 126, 0xFFFF, 0x10000, 3} {
		frames = AppendFrame(frames, Binary, make([]byte, size))
		ends[len(frames)] = true
	}
	want := len(frames)
	for at := len(frames); at >= 0; at-- {
		if ends[at] {
			want = at
		}
		if got := frameEnd(frames, at); got != want {
			t.Fatalf("at %d: got %d, want %d", at, got, want)
		}
	}
}
