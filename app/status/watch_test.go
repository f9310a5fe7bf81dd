package status

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cartline/shared"
	"cartline/shared/live"
)

// fakeClient does as live.Client, without a network.
type fakeClient struct {
	do   func(context.Context) error
	sent []string
	fail error
}

func (f *fakeClient) Run(ctx context.Context) error { return f.do(ctx) }
func (f *fakeClient) Hurry()                        {}
func (f *fakeClient) Send(_ context.Context, text string) error {
	if f.fail == nil {
		f.sent = append(f.sent, text)
	}
	return f.fail
}

// notes is told what a watch hears.
type notes struct {
	mu    sync.Mutex
	said  []string
	ticks int
}

func (n *notes) moved(s live.State) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, s.Phase.String())
}

func (n *notes) took(arrivals []arrival, lost int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range arrivals {
		n.said = append(n.said, a.item.text)
	}
	if lost > 0 {
		n.said = append(n.said, fmt.Sprintf("lost %d", lost))
	}
}

func (n *notes) ticked() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ticks++
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return fmt.Sprint(n.said)
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		w := newWatch("ws://localhost/events/io", got)
		fake := &fakeClient{}
		fake.do = func(ctx context.Context) error {
			w.onState(live.State{Phase: live.Live})
			for i := range 3 {
				w.onMessage(shared.Message{Kind: "k"}, fmt.Sprint(i))
			}
			// A state comes after the messages before it.
			w.onState(live.State{Phase: live.Waiting})
			w.onState(live.State{Phase: live.Live})
			<-ctx.Done()
			w.onState(live.State{Phase: live.Ended, Err: ctx.Err()})
			return ctx.Err()
		}
		w.client = fake
		w.start()
		synctest.Wait()
		if err := w.send("mine"); err != nil {
			t.Errorf("send: %v", err)
		}
		time.Sleep(tickEvery + drawEvery)
		synctest.Wait()
		if got, want := got.String(), "[live 0 1 2 waiting live mine]"; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if got.ticks != 1 {
			t.Errorf("got %d ticks after a second, want 1", got.ticks)
		}
		if len(fake.sent) != 1 {
			t.Errorf("sent %q", fake.sent)
		}
		w.stop()
		w.stop()
		<-w.done
		w.onMessage(shared.Message{}, "late")
		time.Sleep(10 * tickEvery)
		if got, want := got.String(), "[live 0 1 2 waiting live mine]"; got != want {
			t.Errorf("after stop: got %v, want %v", got, want)
		}
		if got.ticks != 1 {
			t.Errorf("the clock goes on after stop: %d ticks", got.ticks)
		}
	})
}

// A watch that the server ends for good leaves nothing behind, unasked.
func TestWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		w := newWatch("ws://localhost/events/io", got)
		w.client = &fakeClient{do: func(context.Context) error {
			err := &live.CloseError{Code: shared.CloseSessionEnded}
			w.onState(live.State{Phase: live.Ended, Err: err})
			return err
		}}
		w.start()
		<-w.done
		if got, want := got.String(), "[ended]"; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestWatchSendFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		w := newWatch("ws://localhost/events/io", got)
		w.client = &fakeClient{fail: live.ErrNotConnected}
		if err := w.send("lost"); !errors.Is(err, live.ErrNotConnected) {
			t.Errorf("got %v, want %v", err, live.ErrNotConnected)
		}
		time.Sleep(drawEvery)
		if got, want := got.String(), "[]"; got != want {
			t.Errorf("got %v, want %v: what was not sent is no part of the feed", got, want)
		}
		w.stop()
	})
}
