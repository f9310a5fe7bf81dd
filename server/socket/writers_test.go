package socket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/server/event"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// delivered makes deliveries as the hub does: of events on a channel with these texts, to
// someone who listens in a manner.
func delivered(t *testing.T, how event.Manner, payloads ...string) []event.Delivery {
	t.Helper()
	hub, err := event.NewHub([]string{"c"}, nil, event.NoSource{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all collector
	if _, _, err := hub.Listen(t.Context(), &all, "c", how); err != nil {
		t.Fatal(err)
	}
	for _, payload := range payloads {
		e, err := event.FromNotification("c", payload, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		hub.Publish(e)
	}
	return all
}

type collector []event.Delivery

func (c *collector) Deliver(d event.Delivery) { *c = append(*c, d) }

// spoken is the message of a payload.
func spoken(payload string) string { return `["c",` + payload + `,{"at":"0001-01-01T00:00:00Z"}]` }

func TestEncode(t *testing.T) {
	big := `["` + strings.Repeat("x", shared.MaxBatch*2/3) + `"]`
	batch, plain := event.Manner{Batch: true}, event.Manner{}
	mixed := delivered(t, batch, "[1]", "[2]")
	mixed = append(mixed, event.Plain([]byte("answer")))
	mixed = append(mixed, delivered(t, batch, "[3]", "[4]")...)
	mixed = append(mixed, delivered(t, plain, "[5]")...)
	mixed = append(mixed, delivered(t, batch, "[6]")...)
	for _, test := range []struct {
		name       string
		deliveries []event.Delivery
		want       []string
	}{
		{"nothing", nil, nil},
		{"one each", delivered(t, plain, "[1]", "[2]"), []string{spoken("[1]"), spoken("[2]")}},
		{"together", delivered(t, batch, "[1]", "[2]", "[3]"), []string{`["batch",[` + spoken("[1]") + "," + spoken("[2]") + "," + spoken("[3]") + "]]"}},
		{"one is no batch", delivered(t, batch, "[1]"), []string{spoken("[1]")}},
		{"order is kept", mixed, []string{`["batch",[` + spoken("[1]") + "," + spoken("[2]") + "]]", "answer", `["batch",[` + spoken("[3]") + "," + spoken("[4]") + "]]", spoken("[5]"), spoken("[6]")}},
		{"bounded", delivered(t, batch, big, "[1]", big), []string{`["batch",[` + spoken(big) + "," + spoken("[1]") + "]]", spoken(big)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []byte
			for _, text := range test.want {
				want = wire.AppendFrame(want, wire.Text, []byte(text))
			}
			e := new(encoder)
			// What was encoded before, or for someone else, changes nothing.
			for _, before := range [][]event.Delivery{nil, test.deliveries, delivered(t, plain, "[9]", "[9]"), test.deliveries} {
				if before != nil {
					if _, err := e.encode(before); err != nil {
						t.Fatal(err)
					}
				}
				got, err := e.encode(test.deliveries)
				if err != nil || string(got) != string(want) {
					t.Fatalf("got %.200q (error: %v), want %.200q", got, err, want)
				}
			}
			e.forget()
			if got, err := e.encode(test.deliveries); err != nil || string(got) != string(want) {
				t.Errorf("after forget: got %.200q (error: %v), want %.200q", got, err, want)
			}
		})
	}
}

// TestMannersAreKeptApart gives the same events to one who takes batches and to one who
// doesn't, whose deliveries are of the same texts.
func TestMannersAreKeptApart(t *testing.T) {
	hub, err := event.NewHub([]string{"c"}, nil, event.NoSource{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var batched, plain collector
	for listener, how := range map[*collector]event.Manner{&batched: {Batch: true}, &plain: {}} {
		if _, _, err := hub.Listen(t.Context(), listener, "c", how); err != nil {
			t.Fatal(err)
		}
	}
	for _, payload := range []string{"[1]", "[2]"} {
		e, err := event.FromNotification("c", payload, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		hub.Publish(e)
	}
	together := string(wire.AppendFrame(nil, wire.Text, []byte(`["batch",[`+spoken("[1]")+","+spoken("[2]")+"]]")))
	apart := string(wire.AppendFrame(wire.AppendFrame(nil, wire.Text, []byte(spoken("[1]"))), wire.Text, []byte(spoken("[2]"))))
	e := new(encoder)
	for _, test := range []struct {
		deliveries []event.Delivery
		want       string
	}{{batched, together}, {plain, apart}, {batched, together}} {
		if got, err := e.encode(test.deliveries); err != nil || string(got) != test.want {
			t.Errorf("got %q (error: %v), want %q", got, err, test.want)
		}
	}
}

// TestSameIsEncodedOnce looks at what is allocated for each of an event's listeners after
// the first: nothing.
func TestSameIsEncodedOnce(t *testing.T) {
	deliveries := delivered(t, event.Manner{Batch: true}, "[1]", "[2]")
	e := new(encoder)
	first, err := e.encode(deliveries)
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() {
		again, err := e.encode(deliveries)
		if err != nil || &again[0] != &first[0] {
			t.Errorf("it was encoded again (error: %v)", err)
		}
	}); got > 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

// TestBatches publishes faster than anyone can write. Who asked for it gets several
// events in one message, others one by one; nobody misses any, in order.
func TestBatches(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	plain, batched := g.connect(t, "ann"), g.connect(t, "bob")
	plain.listen("news")
	batched.send(`{"listen":"news","batch":true}`)
	batched.want(`["listening",{"channel":"news","protocol":1}]`)
	sent, got, batches := 0, 0, 0
	for batches == 0 && sent < 100_000 { // the first round does, unless the machine is busy
		for range 100 {
			sent++
			publish(t, g.hub, "news", fmt.Sprint("n", sent))
		}
		for n := sent - 99; n <= sent; n++ {
			plain.want(fmt.Sprintf(`["news","n%d",%s]`, n, meta))
		}
		for got < sent {
			message := batched.next()
			texts := [][]byte{[]byte(`["news",` + string(message.Payload) + `]`)}
			if message.Kind == shared.KindBatch {
				batches++
				inside, err := message.Batch()
				if err != nil || len(inside) < 2 {
					t.Fatalf("got a batch of %d (error: %v)", len(inside), err)
				}
				texts = texts[:0]
				for _, text := range inside {
					texts = append(texts, text)
				}
			}
			for _, text := range texts {
				got++
				one, err := shared.ParseMessage(text)
				if want := fmt.Sprintf(`"n%d"`, got); err != nil || string(one.Payload) != want {
					t.Fatalf("got %.100s (error: %v), want %s", text, err, want)
				}
			}
		}
	}
	if batches == 0 {
		t.Errorf("%d events came one by one", sent)
	}
}

// idle says whether nobody is being written for.
func (w *writers) idle() bool {
	for _, one := range w.all {
		one.mu.Lock()
		active := one.active
		one.mu.Unlock()
		if active {
			return false
		}
	}
	return true
}

// Nobody is written for while an event is being handed out, and then everybody.
func TestRoundsAreWhole(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	clients := make([]*client, 5)
	for i := range clients {
		clients[i] = g.connect(t, "ann")
		clients[i].listen("news")
	}
	await(t, "the answers to be written", g.writers.idle)
	g.writers.Hold()
	for _, session := range g.all() {
		session.Deliver(event.Plain([]byte("held")))
	}
	if !g.writers.idle() {
		t.Error("a writer began while an event was handed out")
	}
	g.writers.Release()
	for _, c := range clients {
		c.want("held")
	}
}

// TestWritersEnd checks that no goroutine stays when there is nothing to write, and that
// nothing is written after the end.
func TestWritersEnd(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c := g.connect(t, "ann")
	c.listen("news")
	publish(t, g.hub, "news", "[1]")
	c.want(`["news",[1],` + meta + `]`)
	for _, w := range g.writers.all {
		await(t, "the writer to end", func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return !w.active
		})
		w.running.Wait()
	}
	publish(t, g.hub, "news", "[2]")
	c.want(`["news",[2],` + meta + `]`)
	g.shutdown(t)
	g.writers.all[0].add(new(session))
	if w := g.writers.all[0]; w.active || len(w.ready) > 0 {
		t.Error("a writer that was stopped begins again")
	}
}
