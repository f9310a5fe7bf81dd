package feed

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

// drawEvery paces the feeds of the tests.
const drawEvery = 60 * time.Millisecond

// fakeClient does as live.Client, without a network.
type fakeClient struct {
	config  live.Config
	do      func(context.Context, live.Config) error
	sent    []string
	hurried int
	fail    error
}

func (f *fakeClient) Run(ctx context.Context) error { return f.do(ctx, f.config) }
func (f *fakeClient) Hurry()                        { f.hurried++ }
func (f *fakeClient) Send(_ context.Context, text string) error {
	if f.fail == nil {
		f.sent = append(f.sent, text)
	}
	return f.fail
}

func (f *fakeClient) Listen(_ context.Context, r shared.Request) error {
	f.sent = append(f.sent, "listen "+r.Listen)
	return nil
}

func (f *fakeClient) Unlisten(_ context.Context, channel string) error {
	f.sent = append(f.sent, "unlisten "+channel)
	return nil
}

// notes is what a page hears of its feed.
type notes struct {
	mu    sync.Mutex
	said  []string
	ticks int
}

func (n *notes) add(text string) { n.said = append(n.said, text) }

func (n *notes) config() Config {
	return Config{
		Listen: []shared.Request{{Listen: "a"}},
		Every:  drawEvery, Most: 5,
		Dispatch: func(change func()) {
			n.mu.Lock()
			defer n.mu.Unlock()
			change()
		},
		After: func(do func()) { do() },
		Moved: func(s live.State) { n.add(s.Phase.String()) },
		Took: func(heard []Arrival, lost int) {
			for _, a := range heard {
				n.add(a.Text)
			}
			if lost > 0 {
				n.add(fmt.Sprintf("lost %d", lost))
			}
		},
		Ticked: func() { n.ticks++ },
	}
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return fmt.Sprint(n.said)
}

// feedOf makes a feed whose client does something in place of connecting.
func feedOf(n *notes, fake *fakeClient) *Feed {
	f := New(n.config())
	f.dial = func(c live.Config) client {
		fake.config = c
		return fake
	}
	return f
}

// untilStopped is a client's Run once it has done what it is to do.
func untilStopped(ctx context.Context, c live.Config) error {
	<-ctx.Done()
	c.OnState(live.State{Phase: live.Ended, Err: ctx.Err()})
	return ctx.Err()
}

func check(t *testing.T, n *notes, want string) {
	t.Helper()
	synctest.Wait()
	if got := n.String(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, fake := new(notes), new(fakeClient)
		fake.do = func(ctx context.Context, c live.Config) error {
			if len(c.Listen) != 1 || c.Listen[0].Listen != "a" {
				t.Errorf("listens to %v", c.Listen)
			}
			c.OnState(live.State{Phase: live.Live})
			for i := range 3 {
				c.OnMessage(shared.Message{Kind: "k"}, fmt.Sprint(i))
			}
			// A state keeps its place among the messages.
			c.OnState(live.State{Phase: live.Waiting})
			c.OnState(live.State{Phase: live.Live})
			return untilStopped(ctx, c)
		}
		f := feedOf(got, fake)
		f.Start()
		synctest.Wait()
		if err := f.Send("mine"); err != nil {
			t.Errorf("send: %v", err)
		}
		f.Listen(shared.Request{Listen: "b"})
		f.Unlisten("b")
		f.Hurry()
		time.Sleep(tickEvery + drawEvery)
		check(t, got, "[live 0 1 2 waiting live mine]")
		if got.ticks != 1 {
			t.Errorf("got %d ticks after a second, want 1", got.ticks)
		}
		if want := "[mine listen b unlisten b]"; fmt.Sprint(fake.sent) != want || fake.hurried != 1 {
			t.Errorf("sent %q, hurried %d times", fake.sent, fake.hurried)
		}
		done := f.run.done
		f.Stop()
		f.Stop()
		<-done
		fake.config.OnMessage(shared.Message{}, "late")
		time.Sleep(10 * tickEvery)
		check(t, got, "[live 0 1 2 waiting live mine]")
		if got.ticks != 1 || f.Started() {
			t.Errorf("it goes on after stop: %d ticks", got.ticks)
		}
	})
}

// A feed that the server ends for good leaves nothing behind, unasked; and the page
// hears of it.
func TestFeedEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		f := feedOf(got, &fakeClient{do: func(_ context.Context, c live.Config) error {
			err := &live.CloseError{Code: shared.CloseSessionEnded}
			c.OnState(live.State{Phase: live.Ended, Err: err})
			return err
		}})
		f.Start()
		<-f.run.done
		check(t, got, "[ended]")
		f.Stop()
	})
}

// A page that is drawn late, like one in the background, hears of the end none the
// less, and of nothing once it has stopped the feed.
func TestFeedEndsBeforeThePageIsDrawn(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			got := new(notes)
			fake := &fakeClient{do: func(_ context.Context, c live.Config) error {
				c.OnState(live.State{Phase: live.Ended, Err: &live.CloseError{Code: 1008}})
				return nil
			}}
			config := got.config()
			queue := make(chan func(), 10)
			config.Dispatch = func(change func()) { queue <- change }
			f := New(config)
			f.dial = func(c live.Config) client { fake.config = c; return fake }
			f.Start()
			<-f.run.done
			want := "[ended]"
			if stopped {
				f.Stop()
				want = "[]"
			}
			(<-queue)()
			check(t, got, want)
			f.Stop()
		})
	}
}

// A feed that is started again begins anew, with all that it listened to; one that was
// stopped, with what it was made for.
func TestFeedStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		var listened []string
		f := feedOf(got, &fakeClient{do: func(ctx context.Context, c live.Config) error {
			text := ""
			for _, request := range c.Listen {
				text += request.Listen
			}
			listened = append(listened, text)
			c.OnState(live.State{Phase: live.Connecting})
			return untilStopped(ctx, c)
		}})
		f.Start()
		check(t, got, "[connecting]")
		for _, channel := range []string{"b", "c", "d", "b"} {
			f.Listen(shared.Request{Listen: channel})
		}
		f.Unlisten("c")
		f.Start()
		check(t, got, "[connecting connecting]")
		f.Stop()
		f.Start()
		check(t, got, "[connecting connecting connecting]")
		f.Stop()
		synctest.Wait()
		if want := "[a adb a]"; fmt.Sprint(listened) != want {
			t.Errorf("listened to %v, want %v", listened, want)
		}
	})
}

func TestFeedLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		f := feedOf(got, &fakeClient{do: func(ctx context.Context, c live.Config) error {
			c.OnMessage(shared.Message{}, "first") // is drawn at once
			synctest.Wait()
			for i := range 7 {
				c.OnMessage(shared.Message{}, fmt.Sprint(i))
			}
			return untilStopped(ctx, c)
		}})
		f.Start()
		time.Sleep(drawEvery)
		check(t, got, "[first 2 3 4 5 6 lost 2]")
		f.Stop()
	})
}

func TestFeedSendFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(notes)
		fake := &fakeClient{fail: live.ErrNotConnected, do: func(ctx context.Context, c live.Config) error {
			c.OnState(live.State{Phase: live.Live})
			return untilStopped(ctx, c)
		}}
		f := feedOf(got, fake)
		if err := f.Send("early"); !errors.Is(err, live.ErrNotConnected) {
			t.Errorf("before the start: got %v, want %v", err, live.ErrNotConnected)
		}
		f.Start()
		if err := f.Send("too early"); !errors.Is(err, live.ErrNotConnected) {
			t.Errorf("before the connection: got %v, want %v", err, live.ErrNotConnected)
		}
		synctest.Wait()
		if err := f.Send("lost"); !errors.Is(err, live.ErrNotConnected) {
			t.Errorf("got %v, want %v", err, live.ErrNotConnected)
		}
		time.Sleep(drawEvery)
		check(t, got, "[live]") // what was not sent is not heard
		f.Stop()
	})
}

func TestArrival(t *testing.T) {
	tests := []struct {
		text, fresh, channel string
		other                bool
	}{
		{`["listening",{"channel":"a"}]`, "a", "a", false},
		{`["listening",{"channel":"a","cursor":"x"}]`, "a", "a", false},
		{`["listening",{"channel":"a","recovered":false,"cursor":"x"}]`, "a", "a", true},
		{`["listening",{"channel":"a","recovered":true,"cursor":"x"}]`, "", "a", false},
		{`["gap",{"channel":"a","lost":"activities"}]`, "a", "a", true},
		{`["gap",{"channel":"a","lost":"notifications"}]`, "", "a", false},
		{`["unlistening",{"channel":"a"}]`, "", "a", false},
		{`["listening","nonsense"]`, "", "", false},
		{`["gap","nonsense"]`, "", "", false},
	}
	for _, test := range tests {
		message, err := shared.ParseMessage([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		a := Arrival{Message: message}
		if fresh, other := a.Fresh(); fresh != test.fresh || other != test.other || a.Channel() != test.channel {
			t.Errorf("%s: got %q, %v, %q", test.text, fresh, other, a.Channel())
		}
	}
}

// What the visitor sends is known to the client as well, so that it holds after a
// break, and so that a replay isn't taken for repeats.
func TestFeedSendsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, fake := new(notes), new(fakeClient)
		fake.do = func(ctx context.Context, c live.Config) error {
			c.OnState(live.State{Phase: live.Live})
			return untilStopped(ctx, c)
		}
		f := feedOf(got, fake)
		f.Start()
		synctest.Wait()
		tests := []struct{ text, sent, shown string }{
			{`hello`, `[hello]`, `[hello]`},
			{`{"ping":"x"}`, `[{"ping":"x"}]`, `[{"ping":"x"}]`},
			{`{"listen":"a"}`, `[{"listen":"a"}]`, `[{"listen":"a"}]`},
			{`{"listen":"a","after":"c"}`, `[unlisten a listen a]`, `[{"unlisten":"a"} {"listen":"a","after":"c"}]`},
			{`{"unlisten":"a"}`, `[unlisten a]`, `[{"unlisten":"a"}]`},
			{`{"unlisten":"a"}`, `[{"unlisten":"a"}]`, `[{"unlisten":"a"}]`},
			{`{"listen":"b","raw":true}`, `[listen b]`, `[{"listen":"b","raw":true}]`},
			{`{"listen":"a","unlisten":"b"}`, `[{"listen":"a","unlisten":"b"}]`, `[{"listen":"a","unlisten":"b"}]`},
		}
		for _, test := range tests {
			time.Sleep(drawEvery)
			fake.sent, got.said = nil, nil
			if err := f.Send(test.text); err != nil {
				t.Errorf("%s: %v", test.text, err)
			}
			time.Sleep(drawEvery)
			check(t, got, test.shown)
			if fmt.Sprint(fake.sent) != test.sent {
				t.Errorf("%s: sent %v, want %s", test.text, fake.sent, test.sent)
			}
		}
		f.Start()
		if len(fake.config.Listen) != 1 || fake.config.Listen[0].Listen != "b" || !fake.config.Listen[0].Raw {
			t.Errorf("listens to %v after another start", fake.config.Listen)
		}
		f.Stop()
		synctest.Wait()
	})
}

// However much a visitor asks for, the next connection asks for no more than a server
// takes at once.
func TestFeedKeepsFewChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, fake := new(notes), new(fakeClient)
		fake.do = func(ctx context.Context, c live.Config) error {
			c.OnState(live.State{Phase: live.Live})
			return untilStopped(ctx, c)
		}
		f := feedOf(got, fake)
		f.Start()
		synctest.Wait()
		for i := range 2 * maxListen {
			if err := f.Send(fmt.Sprintf(`{"listen":"x%d"}`, i)); err != nil {
				t.Fatal(err)
			}
		}
		if last := fake.sent[len(fake.sent)-1]; len(fake.sent) != 2*maxListen || last != fmt.Sprintf(`{"listen":"x%d"}`, 2*maxListen-1) {
			t.Errorf("%d were sent, the last %s", len(fake.sent), last)
		}
		f.Start()
		if n := len(fake.config.Listen); n != maxListen {
			t.Errorf("the next connection asks for %d channels, want %d", n, maxListen)
		}
		f.Stop()
		synctest.Wait()
	})
}
