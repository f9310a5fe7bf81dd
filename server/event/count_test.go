package event

import (
	"context"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/shared"
)

// Events are told from answers, what is read for one alone from what happens, and each has
// the time of its commit, whatever manner its listener asked for.
func TestDeliveriesAreCounted(t *testing.T) {
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(seq int64) cart.Position { return cart.Position{Epoch: "e", Seq: seq} }
	logged, err := FromLog("c", cart.Entry{Position: at(1), CartID: "1", At: noon}, []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := FromNotification("c", "x", noon)
	if err != nil {
		t.Fatal(err)
	}
	type counted struct{ isEvent, replayed, committed bool }
	for name, how := range map[string]Manner{"plain": {}, "raw": {Raw: true}, "coalesce": {Coalesce: true}, "batch": {Batch: true}} {
		hub, err := NewHub([]string{"c"}, nil, NoSource{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []counted
		listener := deliverTo(func(d Delivery) {
			when, committed := d.Committed()
			if committed != !when.IsZero() {
				t.Errorf("%s: got %v, %t", name, when, committed)
			}
			got = append(got, counted{d.IsEvent(), d.Replayed(), committed})
		})
		s, _, err := hub.Listen(t.Context(), listener, "c", how)
		if err != nil {
			t.Fatal(err)
		}
		s.replay(logged)
		if hearing := hub.Heard(listener); len(hearing) != 1 || hearing[0] != (Hearing{Topic: "c", Channel: "c", Position: at(1)}) {
			t.Errorf("%s, catching up: got %+v", name, hearing)
		}
		s.goLive(cart.Position{})
		hub.Advance(at(1))
		hub.Publish(logged)
		hub.Publish(bare)
		if hearing := hub.Heard(listener); len(hearing) != 1 || hearing[0] != (Hearing{Topic: "c", Channel: "c", Live: true, Position: at(1)}) {
			t.Errorf("%s, live: got %+v", name, hearing)
		}
		s.gap(shared.LostActivities)
		want := []counted{{true, true, false}, {true, false, true}, {true, false, false}, {false, false, false}}
		if len(got) != len(want) {
			t.Fatalf("%s: got %d deliveries, want %d", name, len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s, delivery %d: got %+v, want %+v", name, i, got[i], want[i])
			}
		}
		if logged, notified := hub.Arrived(); logged != 1 || notified != 1 {
			t.Errorf("%s: got %d of the log and %d notifications, want 1 and 1", name, logged, notified)
		}
	}
}

type delivering struct{ do func(Delivery) }

func (d *delivering) Deliver(delivery Delivery) { d.do(delivery) }

func deliverTo(do func(Delivery)) Subscriber { return &delivering{do} }

// What a hub makes itself doesn't come from anywhere.
func TestOwnChannelsAreNotArrivals(t *testing.T) {
	hub, err := NewHub([]string{"c"}, []string{"own"}, NoSource{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := FromValue("own", 1, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	hub.Publish(e)
	if logged, notified := hub.Arrived(); logged != 0 || notified != 0 {
		t.Errorf("got %d and %d, want none", logged, notified)
	}
}

// A joined topic is told of as its channel, and nothing is told of who has left.
func TestHeard(t *testing.T) {
	hub, err := NewHub([]string{"c"}, nil, NoSource{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	me, other := deliverTo(func(Delivery) {}), deliverTo(func(Delivery) {})
	if _, _, err := hub.Listen(context.Background(), other, "c", Manner{}); err != nil {
		t.Fatal(err)
	}
	hub.Join(me, "my_cart/sue", "my_cart", Manner{})
	if got := hub.Heard(me); len(got) != 1 || got[0] != (Hearing{Topic: "my_cart/sue", Channel: "my_cart"}) {
		t.Errorf("got %+v", got)
	}
	hub.Leave(me)
	if got := hub.Heard(me); len(got) != 0 {
		t.Errorf("after leaving: got %+v", got)
	}
}

// A queue counts what it replaced, and what it dropped at its end, but no answers.
func TestLoad(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(q *Queue, e func() Delivery)
		want Load
	}{
		{"nothing", func(*Queue, func() Delivery) {}, Load{}},
		{"closed with an event and an answer", func(q *Queue, e func() Delivery) {
			q.Push(e())
			q.Push(Plain([]byte("answer")))
			q.Close()
			q.Close()
			q.Push(e())
		}, Load{Dropped: 1}},
		{"what was taken isn't dropped", func(q *Queue, e func() Delivery) {
			q.Push(e())
			q.Take(nil)
			q.Close()
		}, Load{}},
		{"overflow", func(q *Queue, e func() Delivery) {
			for q.Push(e()) != Overflow {
			}
		}, Load{Dropped: 3}},
	} {
		q := NewQueue(1 << 10)
		test.do(q, func() Delivery { return Delivery{text: []byte(strings.Repeat("x", 500)), alone: true} })
		if got := q.Load(); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
	q := NewQueue(1 << 10)
	for range 3 {
		q.Push(Delivery{text: []byte(strings.Repeat("x", 400)), event: &Event{Channel: "c", cartID: "1", message: shared.Message{Meta: &shared.Meta{}}}})
	}
	if got := q.Load(); got.Replaced != 2 || got.Dropped != 0 {
		t.Errorf("behind: got %+v, want 2 replaced", got)
	}
}
