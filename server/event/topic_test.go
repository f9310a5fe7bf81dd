package event

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// reader is a listener with a name, whose right is looked at.
type reader struct {
	listener
	name string
	gone []string
}

func (r *reader) Name() string { return r.name }

func (r *reader) Expelled(topic string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = append(r.gone, topic)
}

func topicHub(t testing.TB) *Hub {
	t.Helper()
	hub, err := NewHub([]string{"news"}, nil, NoSource{}, testenv.NewLog().Logger())
	if err != nil {
		t.Fatal(err)
	}
	return hub
}

func own(topic, text string, readers ...string) *Event {
	return &Event{Channel: "cart/x", Topic: topic, Text: []byte(text), Readers: readers}
}

// Topics of their own are heard by those who joined them, as long as they do, and are
// forgotten with the last of them.
func TestTopics(t *testing.T) {
	hub := topicHub(t)
	ann, bob := new(listener), new(listener)
	hub.Publish(own("cart/1", "nobody"))
	hub.Join(ann, "cart/1", "cart/1", plain)
	hub.Join(ann, "cart/1", "cart/1", plain) // again
	hub.Join(ann, "cart/2", "cart/2", plain)
	hub.Join(bob, "cart/2", "cart/2", plain)
	hub.Publish(own("cart/1", "one"))
	hub.Publish(own("cart/2", "two"))
	hub.Part(bob, "cart/2")
	hub.Part(bob, "cart/2")  // again
	hub.Part(bob, "nothing") // never there
	hub.Publish(own("cart/2", "three"))
	hub.Leave(ann)
	hub.Publish(own("cart/1", "four"))
	if got, want := ann.take(), []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("ann: got %q, want %q", got, want)
	}
	if got, want := bob.take(), []string{"two"}; !slices.Equal(got, want) {
		t.Errorf("bob: got %q, want %q", got, want)
	}
	if len(hub.own) != 0 || len(hub.joined) != 0 {
		t.Errorf("got %d topics and %d subscribers left, want none", len(hub.own), len(hub.joined))
	}
}

// An event is told on its topic, though it names its channel: each shopper hears
// "my_cart", and only their own.
func TestTopicIsNotTheChannel(t *testing.T) {
	hub := topicHub(t)
	ann, bob := new(listener), new(listener)
	hub.Join(ann, "my_cart/ann", "my_cart/ann", plain)
	hub.Join(bob, "my_cart/bob", "my_cart/bob", plain)
	hub.Publish(&Event{Channel: shared.ChannelMyCart, Topic: "my_cart/ann", Text: []byte("hers")})
	hub.Publish(&Event{Channel: shared.ChannelMyCart, Topic: shared.ChannelMyCart, Text: []byte("nobody's")})
	if got, want := ann.take(), []string{"hers"}; !slices.Equal(got, want) {
		t.Errorf("ann: got %q, want %q", got, want)
	}
	if got := bob.take(); len(got) != 0 {
		t.Errorf("bob: got %q, want nothing", got)
	}
}

// Whoever isn't among an event's readers any more doesn't get it, is told, and hears
// no later event of the topic either, even one that they may read.
func TestReadersAreLookedAtOnDelivery(t *testing.T) {
	hub := topicHub(t)
	ann, bob, nameless := &reader{name: "ann"}, &reader{name: "bob"}, new(listener)
	for _, s := range []Subscriber{ann, bob, nameless} {
		hub.Join(s, "cart/1", "cart/1", plain)
		hub.Join(s, "cart/2", "cart/2", plain)
	}
	hub.Publish(own("cart/1", "both", "ann", "bob"))
	hub.Publish(own("cart/1", "only ann", "ann"))
	hub.Publish(own("cart/1", "both again", "ann", "bob"))
	hub.Publish(own("cart/2", "another cart", "bob", "ann"))
	if got, want := ann.take(), []string{"both", "only ann", "both again", "another cart"}; !slices.Equal(got, want) {
		t.Errorf("ann: got %q, want %q", got, want)
	}
	if got, want := bob.take(), []string{"both", "another cart"}; !slices.Equal(got, want) {
		t.Errorf("bob: got %q, want %q", got, want)
	}
	if got := nameless.take(); len(got) != 0 {
		t.Errorf("a subscriber without a name: got %q, want nothing", got)
	}
	if want := []string{"cart/1"}; len(ann.gone) != 0 || !slices.Equal(bob.gone, want) {
		t.Errorf("got ann expelled from %q and bob from %q, want nothing and %q", ann.gone, bob.gone, want)
	}
}

// An event that only comes late, from before somebody was let in, is kept from them and
// doesn't end their access; one from after does.
func TestEventsFromBeforeTheRight(t *testing.T) {
	hub := topicHub(t)
	ann := &reader{name: "ann"}
	hub.Join(ann, "cart/1", "cart/1", Manner{AsOf: 5})
	at := func(version int64, readers ...string) {
		e := own("cart/1", fmt.Sprint(version), readers...)
		e.Version = version
		hub.Publish(e)
	}
	at(4, "bob")
	at(5, "bob")
	at(6, "ann")
	if got, want := ann.take(), []string{"6"}; !slices.Equal(got, want) || len(ann.gone) != 0 {
		t.Fatalf("got %q, expelled from %q; want %q, and to stay", got, ann.gone, want)
	}
	at(7, "bob")
	at(8, "ann")
	if got := ann.take(); len(got) != 0 || !slices.Equal(ann.gone, []string{"cart/1"}) {
		t.Errorf("got %q, expelled from %q; want to be expelled", got, ann.gone)
	}
}

// Nobody is a list of readers too: it lets no one through.
func TestNoReaders(t *testing.T) {
	hub := topicHub(t)
	ann := &reader{name: "ann"}
	hub.Join(ann, "cart/1", "cart/1", plain)
	e := own("cart/1", "secret")
	e.Readers = []string{}
	hub.Publish(e)
	if got := ann.take(); len(got) != 0 || hub.Listeners("cart/1") != 0 {
		t.Errorf("got %q and %d listeners, want nothing", got, hub.Listeners("cart/1"))
	}
}

func TestTopicsAtOnce(t *testing.T) {
	hub := topicHub(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r := &reader{name: fmt.Sprint(i)}
			for n := range 200 {
				topic := fmt.Sprint("cart/", n%3)
				hub.Join(r, topic, topic, plain)
				hub.Publish(own(topic, "x", "0", "1", "2", "3"))
				if n%2 == 0 {
					hub.Part(r, topic)
				}
			}
			hub.Leave(r)
		})
	}
	all.Wait()
	if len(hub.own) != 0 || len(hub.joined) != 0 {
		t.Errorf("got %d topics and %d subscribers left, want none", len(hub.own), len(hub.joined))
	}
}

// Interest: what happens to one cart costs the same however many others are heard.
func BenchmarkPublishToOneOfManyTopics(b *testing.B) {
	for _, topics := range []int{1, 10_000} {
		b.Run(fmt.Sprint(topics), func(b *testing.B) {
			hub := topicHub(b)
			for i := range topics {
				hub.Join(new(counter), fmt.Sprint("my_cart/", i), fmt.Sprint("my_cart/", i), plain)
			}
			e := own("my_cart/0", "x")
			for b.Loop() {
				hub.Publish(e)
			}
		})
	}
}

type counter struct{ n int }

func (c *counter) Deliver(Delivery) { c.n++ }
