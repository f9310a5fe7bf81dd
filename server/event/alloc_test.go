package event

import (
	"context"
	"testing"
	"time"
)

// drained is a subscriber whose queue is taken at once.
type drained struct {
	queue *Queue
	taken []Delivery
}

func (d *drained) Deliver(delivery Delivery) {
	if d.queue.Push(delivery) == Begin {
		d.taken = d.queue.Take(d.taken)
		d.queue.Settle()
	}
}

// TestPublishAllocates holds that an event costs no memory for each of its listeners but
// for what a pool loses, to the garbage collector or, one time in four, to the race
// detector.
func TestPublishAllocates(t *testing.T) {
	const listeners = 100
	hub, err := NewHub([]string{"c"}, nil, NoSource{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range listeners {
		if _, _, err := hub.Listen(context.Background(), &drained{queue: NewQueue(1 << 10)}, "c", Manner{}); err != nil {
			t.Fatal(err)
		}
	}
	e, err := FromNotification("c", `{"a":1}`, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { hub.Publish(e) }) / listeners; got > 0.6 {
		t.Errorf("got %.2f allocations for each listener, want none", got)
	}
}
