package terminal_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
	"cartline/shared"
)

// flood is a server that sends numbered messages of 64 KiB, as fast as they are taken.
func flood(t *testing.T, messages int) (url string, sent *atomic.Int64) {
	sent = new(atomic.Int64)
	return serve(t, func(ctx context.Context, conn *websocket.Conn) {
		for i := range messages {
			text := strconv.Itoa(i) + strings.Repeat(" ", 64<<10)
			if conn.Write(ctx, websocket.MessageText, []byte(text)) != nil {
				return
			}
			sent.Add(1)
		}
		_ = conn.Close(1000, "") // the client may have gone
	}), sent
}

// stands waits until a number hasn't changed for a while.
func stands(t *testing.T, what string, n *atomic.Int64) int64 {
	t.Helper()
	last, since := int64(-1), time.Now()
	testenv.Eventually(t, patience, what, func() bool {
		if now := n.Load(); now != last {
			last, since = now, time.Now()
		}
		return last > 0 && time.Since(since) > 300*time.Millisecond
	})
	return last
}

// While nobody takes what is written, nothing more is read: it waits with the server,
// and not in memory. Nothing of it is lost.
func TestSlowOutputHoldsReadingBack(t *testing.T) {
	t.Parallel()
	const messages = 400
	url, sent := flood(t, messages)
	out, to := io.Pipe()
	s := sit(t, url, func(s *terminal.Session) { s.Out = to })
	if got := stands(t, "the server to be held back", sent); got > messages*3/4 {
		t.Errorf("the server could send %d of %d messages to who takes none", got, messages)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for i := range messages {
		if !lines.Scan() || strings.TrimSpace(lines.Text()) != strconv.Itoa(i) {
			t.Fatalf("got %.20q, %v; want %d", lines.Text(), lines.Err(), i)
		}
	}
	s.wants(t, "")
}

// Who takes nothing can't keep Ctrl-C from ending it.
func TestStuckOutput(t *testing.T) {
	for name, listen := range map[string][]shared.Request{"plain": nil, "kept": {{Listen: "a"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, sent := flood(t, 400)
			out, to := io.Pipe()
			s := sit(t, url, func(s *terminal.Session) { s.Out, s.Listen = to, listen })
			stands(t, "the output to be stuck", sent)
			s.stop()
			s.wants(t, "")
			_ = out.Close() // the process would be gone by now, and with it who is stuck
		})
	}
}

// Nor can it where what was typed is recorded, and waits for the output as well.
func TestStuckRecording(t *testing.T) {
	defer terminal.EndSoon(100 * time.Millisecond)()
	for _, listen := range [][]shared.Request{nil, {{Listen: "a"}}} {
		out, to := io.Pipe()
		s := sit(t, serve(t, echo), func(s *terminal.Session) { s.Out, s.Listen, s.JSON = to, listen, true })
		line, err := bufio.NewReaderSize(out, 16).ReadSlice('\n') // the beginning of the first
		if !errors.Is(err, bufio.ErrBufferFull) {
			t.Fatalf("got %q, %v", line, err)
		}
		s.stop()
		s.wants(t, "")
		_ = out.Close() // as above
	}
}

// An output that fails ends it.
func TestFailingOutput(t *testing.T) {
	for _, listen := range [][]shared.Request{nil, {{Listen: "a"}}} {
		for _, json := range []bool{false, true} {
			s := sit(t, serve(t, echo), func(s *terminal.Session) { s.Out, s.Listen, s.JSON = fullDisk{}, listen, json })
			s.wants(t, "standard output: no space left")
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// A server that doesn't answer a close frame is told of, unless somebody wants it to
// end anyway.
func TestServerThatDoesNotAnswerTheClose(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	url := serve(t, func(ctx context.Context, conn *websocket.Conn) {
		select { // reads nothing, so its engine doesn't either
		case <-gone:
		case <-ctx.Done():
		}
	})
	t.Cleanup(func() { close(gone) })
	t.Run("told", func(t *testing.T) {
		t.Parallel()
		s := sit(t, url, func(s *terminal.Session) { s.Slash = true })
		s.types(t, "/close")
		s.wants(t, "the other side did not answer")
	})
	t.Run("by Ctrl-C", func(t *testing.T) {
		t.Parallel()
		s := sit(t, url, nil)
		s.notes.waitFor(t, "Connected")
		s.stop()
		s.wants(t, "")
	})
}
