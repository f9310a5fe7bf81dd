package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// entry makes one of the log, of a cart that these staff attend.
func entry(seq int64, kind shared.ActivityKind, staff ...string) cart.Entry {
	var attendants []string
	for _, name := range staff {
		attendants = append(attendants, fmt.Sprintf(`{"staff":%q}`, name))
	}
	return cart.Entry{
		Position: cart.Position{Epoch: "e", Seq: seq}, CartID: "1", Shopper: "sue", Kind: kind, At: time.Unix(0, 0).UTC(),
		Activity: fmt.Appendf(nil, `{"cart_id":"1","kind":%q,"note":"secret"}`, kind),
		State:    fmt.Appendf(nil, `{"id":"1","attendants":[%s]}`, strings.Join(attendants, ",")),
	}
}

// Each audience is told on its channel, and of each entry where it stands in the log,
// whether it is published or replayed.
func TestFeeds(t *testing.T) {
	for name, test := range map[string]struct {
		feed           event.Feed
		channel, topic string
		scope          cart.Scope
		told           map[shared.ActivityKind]bool // else told as well
		secret         bool
	}{
		"watchers":   {feed: Watchers(), channel: "cart_activity", topic: "cart_activity", scope: cart.Scope{Bare: true}},
		"attendants": {feed: OfCart("1"), channel: "cart/1", topic: "cart/1", scope: cart.Scope{CartID: "1"}, secret: true},
		"shopper": {feed: OfShopper("sue"), channel: "my_cart", topic: "my_cart/sue", scope: cart.Scope{Shopper: "sue"},
			told: map[shared.ActivityKind]bool{shared.NoteWritten: false}},
	} {
		if test.feed.Channel != test.channel || test.feed.Topic != test.topic || test.feed.Scope != test.scope {
			t.Errorf("%s: got %+v", name, test.feed)
		}
		for _, kind := range []shared.ActivityKind{shared.LineAdded, shared.NoteWritten} {
			e, err := test.feed.Tell(entry(7, kind, "ann"))
			want, stated := test.told[kind]
			if err != nil || (e != nil) != (want || !stated) {
				t.Errorf("%s, %s: got %v, %v", name, kind, e, err)
				continue
			}
			if e == nil {
				continue
			}
			if e.Channel != test.channel || e.Topic != test.topic || e.Position != entry(7, kind).Position || !strings.HasPrefix(string(e.Text), `["`+test.channel+`",`) {
				t.Errorf("%s, %s: got %+v", name, kind, e)
			}
			if kind == shared.NoteWritten && strings.Contains(string(e.Text), "secret") != test.secret {
				t.Errorf("%s: got %s", name, e.Text)
			}
		}
	}
}

// That a cart's events are for those who attend it must hold also when that is nobody:
// no list of readers would let everyone read.
func TestReadersAreNeverLeftOut(t *testing.T) {
	for _, staff := range [][]string{{}, {"ann"}, {"ann", "bob"}} {
		e, err := OfCart("1").Tell(entry(1, shared.LineAdded, staff...))
		if err != nil || e.Readers == nil || !slices.Equal(e.Readers, staff) {
			t.Errorf("got %v, %v; want %q, and never nil", e.Readers, err, staff)
		}
	}
	without := entry(1, shared.LineAdded)
	without.State = []byte(`{"id":"1"}`)
	if e, err := OfCart("1").Tell(without); err != nil || e.Readers == nil {
		t.Errorf("got %v, %v; want nobody", e.Readers, err)
	}
}

func TestWhatCannotBeTold(t *testing.T) {
	broken := entry(1, shared.LineAdded)
	broken.State = []byte("{")
	for _, feed := range []event.Feed{OfCart("1"), OfShopper("sue")} {
		if e, err := feed.Tell(broken); err == nil || e != nil {
			t.Errorf("%s: got %v, %v; want an error", feed.Channel, e, err)
		}
	}
}

// heard is a subscriber who keeps what is delivered.
type heard struct{ texts []string }

func (h *heard) Name() string    { return "ann" }
func (h *heard) Expelled(string) { h.texts = append(h.texts, "expelled") }
func (h *heard) Deliver(d event.Delivery) {
	text, err := d.Text()
	h.texts = append(h.texts, strings.SplitN(string(text), ",", 2)[0])
	if err != nil {
		h.texts = append(h.texts, err.Error())
	}
}

// What one audience can't be told keeps nothing from the others, nor what comes next.
func TestPublisher(t *testing.T) {
	log := testenv.NewLog()
	hub, err := event.NewHub([]string{shared.ChannelCartActivity}, nil, event.NoSource{}, log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	p := &Publisher{Hub: hub, Log: log.Logger()}
	p.Reset(cart.Position{Epoch: "e"})
	var watcher, attendant, shopper, other heard
	begin := func(s *event.Subscription, _ bool) {
		t.Helper()
		if !s.Begin(hub.Head()) {
			t.Fatal("it isn't live")
		}
	}
	s, _, err := hub.Listen(t.Context(), &watcher, shared.ChannelCartActivity, event.Manner{})
	if err != nil {
		t.Fatal(err)
	}
	begin(s, true)
	begin(hub.Join(&attendant, OfCart("1").Topic, OfCart("1").Channel, event.Manner{}))
	begin(hub.Join(&shopper, OfShopper("sue").Topic, OfShopper("sue").Channel, event.Manner{}))
	begin(hub.Join(&other, OfShopper("tom").Topic, OfShopper("tom").Channel, event.Manner{}))

	p.Publish(entry(1, shared.LineAdded, "ann"))
	p.Publish(entry(2, shared.NoteWritten, "ann"))
	broken := entry(3, shared.LineAdded)
	broken.State = []byte("{")
	p.Publish(broken)
	p.Publish(entry(4, shared.LineAdded))
	nobodys := entry(5, shared.LineAdded)
	nobodys.CartID, nobodys.Shopper = "2", ""
	p.Publish(nobodys)
	for name, test := range map[string]struct {
		got  heard
		want []string
	}{
		"watcher":   {watcher, []string{`["cart_activity"`, `["cart_activity"`, `["cart_activity"`, `["cart_activity"`, `["cart_activity"`}},
		"attendant": {attendant, []string{`["cart/1"`, `["cart/1"`, "expelled"}},
		"shopper":   {shopper, []string{`["my_cart"`, `["my_cart"`}},
		"other":     {other, nil},
	} {
		if !slices.Equal(test.got.texts, test.want) {
			t.Errorf("%s: got %q, want %q", name, test.got.texts, test.want)
		}
	}
	if got := len(log.Records("an activity can't be told")); got != 2 {
		t.Errorf("got %d logged, want the two audiences that couldn't be told", got)
	}
	if got := hub.Head().Seq; got != 5 {
		t.Errorf("got the head at %d, want 5", got)
	}
}
