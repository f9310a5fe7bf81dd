package event

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/shared"
)

// listener keeps what it hears.
type listener struct {
	mu    sync.Mutex
	texts []string
}

func (l *listener) Deliver(d Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, textOf(d))
}

// textOf is what a delivery is written as, or what is wrong with it.
func textOf(d Delivery) string {
	text, err := d.Text()
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// take returns what was heard since the last time.
func (l *listener) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := l.texts
	l.texts = nil
	return texts
}

// source counts who listens, and can be made to fail.
type source struct {
	mu    sync.Mutex
	fail  error
	count map[string]int
	calls int
	least int // below 0 if Unlisten was called without a Listen
}

func newSource() *source { return &source{count: make(map[string]int)} }

func (s *source) Listen(ctx context.Context, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.fail != nil {
		return s.fail
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.count[channel]++
	return nil
}

func (s *source) Unlisten(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.count[channel]--
	s.least = min(s.least, s.count[channel])
}

func (s *source) state() (calls int, count map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count = make(map[string]int)
	for channel, n := range s.count {
		if n != 0 {
			count[channel] = n
		}
	}
	return s.calls, count
}

func newHub(t testing.TB, src Source) *Hub {
	t.Helper()
	h, err := NewHub([]string{"cart_activity", "news"}, []string{"gateway"}, src, silent)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func listen(t testing.TB, h *Hub, l Subscriber, channel string, how Manner) {
	t.Helper()
	if _, _, err := h.Listen(t.Context(), l, channel, how); err != nil {
		t.Fatalf("listen to %s: %v", channel, err)
	}
}

// raw and plain are how payloads come.
var raw, plain = Manner{Raw: true}, Manner{}

func listenError(t testing.TB, h *Hub, l Subscriber, channel string) error {
	_, _, err := h.Listen(t.Context(), l, channel, plain)
	return err
}

func publish(t testing.TB, h *Hub, channel, payload string) {
	t.Helper()
	e, err := FromNotification(channel, payload, noon)
	if err != nil {
		t.Fatal(err)
	}
	h.Publish(e)
}

// on is the text of a notification.
func on(channel, payload string) string {
	return fmt.Sprintf(`["%s",%s,{"at":"2026-11-21T12:00:00Z"}]`, channel, payload)
}

func TestNewHubRefuses(t *testing.T) {
	long := strings.Repeat("a", shared.MaxChannelName)
	tests := []struct {
		name            string
		channels, local []string
		ok              bool
	}{
		{"none", nil, nil, true},
		{"a name as long as can be", []string{long}, nil, true},
		{"no name", []string{""}, nil, false},
		{"a long name", []string{long + "a"}, nil, false},
		{"a kind of message", []string{"error"}, nil, false},
		{"a kind of message, local", nil, []string{"listening"}, false},
		{"twice", []string{"a", "b", "a"}, nil, false},
		{"twice, once local", []string{"a"}, []string{"a"}, false},
	}
	for _, test := range tests {
		h, err := NewHub(test.channels, test.local, NoSource{}, silent)
		if (err == nil) != test.ok || (h != nil) != test.ok {
			t.Errorf("%s: got %v, %v; want ok %v", test.name, h, err, test.ok)
		}
	}
}

func TestListenAndUnlisten(t *testing.T) {
	src := newSource()
	h := newHub(t, src)
	var ann, bob listener
	check := func(step string, wantAnn, wantBob []string, wantSource map[string]int) {
		t.Helper()
		for _, channel := range []string{"cart_activity", "news", "gateway"} {
			publish(t, h, channel, `{"a":1}`)
		}
		if got := ann.take(); !slices.Equal(got, wantAnn) {
			t.Errorf("%s: ann got %q, want %q", step, got, wantAnn)
		}
		if got := bob.take(); !slices.Equal(got, wantBob) {
			t.Errorf("%s: bob got %q, want %q", step, got, wantBob)
		}
		if _, got := src.state(); fmt.Sprint(got) != fmt.Sprint(wantSource) {
			t.Errorf("%s: the source counts %v, want %v", step, got, wantSource)
		}
	}
	carts, news, gateway := on("cart_activity", `{"a":1}`), on("news", `{"a":1}`), on("gateway", `{"a":1}`)

	check("at first", nil, nil, map[string]int{})
	listen(t, h, &ann, "cart_activity", plain)
	check("ann listens", []string{carts}, nil, map[string]int{"cart_activity": 1})
	listen(t, h, &ann, "cart_activity", plain)
	check("again", []string{carts}, nil, map[string]int{"cart_activity": 1})
	listen(t, h, &bob, "cart_activity", raw)
	listen(t, h, &bob, "news", plain)
	check("bob, raw", []string{carts}, []string{on("cart_activity", `"{\"a\":1}"`), news}, map[string]int{"cart_activity": 2, "news": 1})
	listen(t, h, &bob, "cart_activity", plain)
	check("no longer raw", []string{carts}, []string{carts, news}, map[string]int{"cart_activity": 2, "news": 1})
	listen(t, h, &ann, "gateway", plain)
	check("a local channel is not the source's", []string{carts, gateway}, []string{carts, news}, map[string]int{"cart_activity": 2, "news": 1})
	if got := h.Listeners("cart_activity"); got != 2 {
		t.Errorf("got %d listeners, want 2", got)
	}
	for range 2 { // to repeat is harmless
		if err := h.Unlisten(&bob, "cart_activity"); err != nil {
			t.Fatal(err)
		}
		check("bob unlistens", []string{carts, gateway}, []string{news}, map[string]int{"cart_activity": 1, "news": 1})
	}
	for range 2 {
		h.Leave(&ann)
		check("ann leaves", nil, []string{news}, map[string]int{"news": 1})
	}
	h.Leave(&bob)
	check("bob leaves", nil, nil, map[string]int{})
	for _, channel := range []string{"cart_activity", "news", "gateway", "none"} {
		if got := h.Listeners(channel); got != 0 {
			t.Errorf("%s: got %d listeners, want 0", channel, got)
		}
	}
}

func TestUnknownChannels(t *testing.T) {
	src := newSource()
	h := newHub(t, src)
	var ann listener
	for _, channel := range []string{"", "none", "CART_ACTIVITY", "cart_activity ", shared.KindError} {
		for name, err := range map[string]error{
			"listen":   listenError(t, h, &ann, channel),
			"unlisten": h.Unlisten(&ann, channel),
		} {
			if got := shared.ProblemOf(err).Code; err == nil || got != shared.CodeUnknownChannel {
				t.Errorf("%s to %q: got %v, want code %s", name, channel, err, shared.CodeUnknownChannel)
			}
		}
		if channel != "" {
			publish(t, h, channel, "x") // heard by nobody, and no harm
		}
	}
	if calls, _ := src.state(); calls != 0 {
		t.Errorf("the source was called %d times, want 0", calls)
	}
}

func TestSourceThatFails(t *testing.T) {
	src := newSource()
	src.fail = errors.New("dial tcp 10.0.0.7:5432: connection refused")
	h := newHub(t, src)
	var ann listener
	_, _, err := h.Listen(t.Context(), &ann, "news", plain)
	var p *shared.Problem
	if !errors.As(err, &p) || p.Code != shared.CodeUnavailable || strings.Contains(p.Detail, "10.0.0.7") {
		t.Errorf("got %v, want code %s and nothing of the cause", err, shared.CodeUnavailable)
	}
	publish(t, h, "news", "x")
	if got := ann.take(); got != nil || h.Listeners("news") != 0 {
		t.Errorf("got %q, %d listeners; want no subscription", got, h.Listeners("news"))
	}
	h.Leave(&ann)
	if calls, _ := src.state(); calls != 1 {
		t.Errorf("the source was called %d times; want no Unlisten without a Listen", calls)
	}
	// A local channel needs no source, nor does one that is heard already.
	listen(t, h, &ann, "gateway", plain)
	src.fail = nil
	listen(t, h, &ann, "news", plain)
	src.fail = errors.New("gone")
	listen(t, h, &ann, "news", raw)
	publish(t, h, "news", "[]")
	if got, want := ann.take(), []string{on("news", `"[]"`)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListenEndsWithItsContext(t *testing.T) {
	src := newSource()
	h := newHub(t, src)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var ann listener
	if _, _, err := h.Listen(ctx, &ann, "news", plain); shared.ProblemOf(err).Code != shared.CodeUnavailable || h.Listeners("news") != 0 {
		t.Errorf("got %v, %d listeners; want code %s and none", err, h.Listeners("news"), shared.CodeUnavailable)
	}
}

func TestNoSource(t *testing.T) {
	h := newHub(t, NoSource{})
	var ann listener
	listen(t, h, &ann, "news", plain)
	publish(t, h, "news", "x")
	h.Leave(&ann)
	if got, want := ann.take(), []string{on("news", `"x"`)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Many come and go while events pass. Whoever stays hears every event in order,
// and in the end the source has been let go as often as it was taken.
func TestChurn(t *testing.T) {
	src := newSource()
	h := newHub(t, src)
	var stays listener
	listen(t, h, &stays, "news", plain)
	const events, workers, rounds = 300, 8, 200
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range events {
			publish(t, h, "news", fmt.Sprint("n", i))
		}
	})
	for worker := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			var l listener
			for range rounds {
				channel := []string{"cart_activity", "news", "gateway"}[random.IntN(3)]
				switch random.IntN(4) {
				case 0, 1:
					if _, _, err := h.Listen(t.Context(), &l, channel, Manner{Raw: random.IntN(2) == 0, Anew: random.IntN(2) == 0}); err != nil {
						t.Errorf("listen: %v", err)
					}
				case 2:
					if err := h.Unlisten(&l, channel); err != nil {
						t.Errorf("unlisten: %v", err)
					}
				case 3:
					h.Leave(&l)
				}
				h.Listeners(channel)
			}
			h.Leave(&l)
		})
	}
	wg.Wait()
	got := stays.take()
	if len(got) != events {
		t.Errorf("got %d events, want %d", len(got), events)
	}
	for i, text := range got {
		if want := on("news", fmt.Sprintf(`"n%d"`, i)); text != want {
			t.Fatalf("event %d: got %s, want %s", i, text, want)
		}
	}
	h.Leave(&stays)
	if _, count := src.state(); len(count) != 0 || src.least < 0 {
		t.Errorf("the source still counts %v, and once counted %d; want nothing, and never below 0", count, src.least)
	}
	for _, channel := range []string{"cart_activity", "news", "gateway"} {
		if got := h.Listeners(channel); got != 0 {
			t.Errorf("%s: got %d listeners, want 0", channel, got)
		}
	}
}

// nobody takes texts and does nothing with them.
type nobody struct{ _ byte } // of a size, so that each has its own address

func (*nobody) Deliver(Delivery) {}

// idle doesn't gather.
type idle struct{}

func (idle) Hold()    {}
func (idle) Release() {}

// An event is encoded once; to hand it to one more listener costs no memory.
func TestPublishDoesNotAllocate(t *testing.T) {
	h := newHub(t, NoSource{})
	h.Gather(idle{})
	for i := range 1000 {
		listen(t, h, new(nobody), "news", Manner{Raw: i%2 == 0})
	}
	e, err := FromNotification("news", `{"a":1}`, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	h.Publish(e) // makes the list of listeners, and the raw text
	if got := testing.AllocsPerRun(100, func() { h.Publish(e) }); got != 0 {
		t.Errorf("got %v allocations for 1000 deliveries, want 0", got)
	}
}

// told writes down who is told what, in order.
type told []string

func (t *told) Hold()    { *t = append(*t, "hold") }
func (t *told) Release() { *t = append(*t, "release") }

// teller writes down that something is delivered, and may panic.
type teller struct {
	to    *told
	panic bool
}

func (s *teller) Deliver(Delivery) {
	*s.to = append(*s.to, "deliver")
	if s.panic {
		panic("a subscriber's")
	}
}

// Whoever writes for several hears when the last of them has been delivered to.
func TestGather(t *testing.T) {
	var got told
	h := newHub(t, NoSource{})
	h.Gather(&got)
	tell := func(want ...string) {
		t.Helper()
		got = nil
		publish(t, h, "news", "{}")
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	tell()
	listen(t, h, &teller{to: &got}, "news", plain)
	tell("deliver")
	listen(t, h, &teller{to: &got}, "news", plain)
	tell("hold", "deliver", "deliver", "release")
	listen(t, h, &teller{to: &got, panic: true}, "news", plain)
	got = nil
	func() {
		defer func() { _ = recover() }()
		publish(t, h, "news", "{}")
	}()
	if len(got) < 3 || got[0] != "hold" || got[len(got)-1] != "release" {
		t.Errorf("with a subscriber that panics: got %q, want the release nonetheless", got)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, listeners := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(listeners), func(b *testing.B) {
			h := newHub(b, NoSource{})
			for range listeners {
				listen(b, h, new(nobody), "news", plain)
			}
			e, err := FromNotification("news", `{"a":1}`, noon)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				h.Publish(e)
			}
		})
	}
}
