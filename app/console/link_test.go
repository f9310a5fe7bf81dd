package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cartline/shared/live"
)

// fake is a connection without a network: what the server sends is put into
// inbox, what it gets is in wrote, and closing either side ends the reading.
type fake struct {
	inbox chan live.Message
	end   chan *live.CloseError
	gate  chan struct{} // writing waits until it is closed, if there is one

	mu       sync.Mutex
	wrote    []string
	fail     bool // writing fails, and breaks the connection
	buffered int
}

func newFake() *fake {
	return &fake{inbox: make(chan live.Message), end: make(chan *live.CloseError, 2)}
}

func (f *fake) Read(ctx context.Context) (live.Message, error) {
	select {
	case m := <-f.inbox:
		return m, nil
	case err := <-f.end:
		return live.Message{}, err
	case <-ctx.Done():
		return live.Message{}, ctx.Err()
	}
}

func (f *fake) WriteText(_ context.Context, text string) error {
	if f.gate != nil {
		<-f.gate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail {
		err := &live.CloseError{Code: 1006}
		f.end <- err
		return err
	}
	f.wrote = append(f.wrote, text)
	return nil
}

func (f *fake) WriteBinary(ctx context.Context, data []byte) error {
	return f.WriteText(ctx, "binary "+string(data))
}

func (f *fake) Subprotocol() string { return "" }

func (f *fake) Buffered() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.buffered
}

func (f *fake) hold(bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buffered = bytes
}

func (f *fake) Close(code int, reason string) error {
	f.end <- &live.CloseError{Code: code, Reason: reason}
	return nil
}

// dial answers with the fake, at once.
func (f *fake) dial(context.Context, string, []string) (connection, error) { return f, nil }

func words(text string) live.Message { return live.Message{Data: []byte(text)} }

// story notes what a link says.
type story struct {
	mu   sync.Mutex
	said []string
}

func (s *story) say(format string, v ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, fmt.Sprintf(format, v...))
}

func (s *story) opened(string)                 { s.say("opened") }
func (s *story) sent(outgoing)                 {}
func (s *story) received(m live.Message)       { s.say("received %s", m.Data) }
func (s *story) failed(timeout bool)           { s.say("failed %v", timeout) }
func (s *story) ended(code int, reason string) { s.say("ended %d %s", code, reason) }

func (s *story) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, ", ")
}

func TestLink(t *testing.T) {
	tests := []struct {
		name  string
		do    func(*link, *fake)
		want  string
		wrote string
	}{
		{"the server ends it", func(_ *link, f *fake) {
			f.inbox <- live.Message{Data: []byte("hello")}
			f.end <- &live.CloseError{Code: 1001, Reason: "bye"}
		}, "opened, received hello, ended 1001 bye", ""},
		{"we end it", func(l *link, _ *fake) {
			l.close(3001, "enough")
			l.close(closeNormal, "")
		}, "opened, ended 3001 enough", ""},
		{"messages are sent in order", func(l *link, _ *fake) {
			for i := range 5 {
				l.send(words(fmt.Sprint(i)))
			}
			synctest.Wait()
			l.close(closeNormal, "")
		}, "opened, ended 1000 ", "0 1 2 3 4"},
		{"binary as such", func(l *link, _ *fake) {
			l.send(live.Message{Binary: true, Data: []byte("x")})
			synctest.Wait()
			l.close(closeNormal, "")
		}, "opened, ended 1000 ", "binary x"},
		{"no more than the browser should hold", func(l *link, f *fake) {
			f.hold(maxBuffered)
			l.send(words("1"))
			time.Sleep(time.Second)
			f.mu.Lock()
			if len(f.wrote) > 0 {
				t.Errorf("wrote %q although too much waits", f.wrote)
			}
			f.mu.Unlock()
			f.hold(maxBuffered - 1)
			time.Sleep(lookEvery)
			synctest.Wait()
			l.send(words("2"))
			f.hold(maxBuffered)
			l.close(closeNormal, "") // sends what was queued all the same
		}, "opened, ended 1000 ", "1 2"},
		{"nor when it breaks", func(l *link, f *fake) {
			f.hold(maxBuffered)
			l.send(words("1"))
			synctest.Wait()
			f.end <- &live.CloseError{Code: 1006}
		}, "opened, ended 1006 ", ""},
		{"those queued before the end too", func(l *link, f *fake) {
			f.gate = make(chan struct{})
			for i := range 8 {
				l.send(words(fmt.Sprint(i)))
			}
			l.close(closeNormal, "")
			close(f.gate)
		}, "opened, ended 1000 ", "0 1 2 3 4 5 6 7"},
		{"a write that fails ends it", func(l *link, f *fake) {
			f.mu.Lock()
			f.fail = true
			f.mu.Unlock()
			l.send(words("x"))
		}, "opened, ended 1006 ", ""},
		{"and another while leaving", func(l *link, f *fake) {
			f.mu.Lock()
			f.fail = true
			f.mu.Unlock()
			l.send(words("x"))
			l.send(words("y"))
			l.close(closeNormal, "")
		}, "opened, ended 1006 ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, got := newFake(), new(story)
				l := open(f.dial, "ws://x/", nil, got)
				synctest.Wait()
				test.do(l, f)
				<-l.done
				if got.String() != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if wrote := strings.Join(f.wrote, " "); wrote != test.wrote {
					t.Errorf("wrote %q, want %q", wrote, test.wrote)
				}
			})
		})
	}
}

func TestLinkThatDoesNotOpen(t *testing.T) {
	waiting := func(ctx context.Context, _ string, _ []string) (connection, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	refusing := func(context.Context, string, []string) (connection, error) { return nil, errors.New("refused") }
	tests := []struct {
		name string
		dial dialer
		do   func(*link)
		want string
		took time.Duration
	}{
		{"refused", refusing, func(*link) {}, "failed false", 0},
		{"no answer", waiting, func(*link) {}, "failed true", dialTimeout},
		{"left before", waiting, func(l *link) { l.close(closeNormal, "") }, "ended 1000 ", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, got := time.Now(), new(story)
				l := open(test.dial, "ws://x/", nil, got)
				synctest.Wait()
				test.do(l)
				<-l.done
				if got.String() != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

func TestLinkQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		dial := func(ctx context.Context, _ string, _ []string) (connection, error) {
			<-release
			return nil, errors.New("refused")
		}
		l := open(dial, "ws://x/", nil, new(story))
		queued := 0
		for l.send(words("x")) {
			queued++
		}
		if queued != outboxSize {
			t.Errorf("queued %d, want %d", queued, outboxSize)
		}
		close(release)
		<-l.done
	})
}

// Who waits for room gets it, or learns that there won't be any.
func TestLinkQueueWaits(t *testing.T) {
	tests := []struct {
		name string
		do   func(*link, *fake, context.CancelFunc)
		want error
	}{
		{"room", func(_ *link, f *fake, _ context.CancelFunc) { close(f.gate) }, nil},
		{"no wish any more", func(_ *link, _ *fake, cancel context.CancelFunc) { cancel() }, context.Canceled},
		{"left", func(l *link, _ *fake, _ context.CancelFunc) { l.close(closeNormal, "") }, errLinkOver},
		{"broken off", func(_ *link, f *fake, _ context.CancelFunc) { f.end <- &live.CloseError{Code: 1006} }, errLinkOver},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.gate = make(chan struct{})
				l := open(f.dial, "ws://x/", nil, new(story))
				synctest.Wait()
				for l.send(words("x")) {
					synctest.Wait()
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				queued := make(chan error, 1)
				go func() { queued <- l.queue(ctx, words("y")) }()
				synctest.Wait()
				if len(queued) > 0 {
					t.Fatal("it didn't wait")
				}
				test.do(l, f, cancel)
				if err := <-queued; !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if test.name != "room" {
					close(f.gate)
				}
				l.close(closeNormal, "")
				<-l.done
				if err := l.queue(t.Context(), words("z")); !errors.Is(err, errLinkOver) {
					t.Errorf("after the end: got %v", err)
				}
			})
		})
	}
}
