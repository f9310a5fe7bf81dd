package tracing

import (
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"cartline/server/cart"
)

// ended is a span that counts how often it was ended.
type ended struct {
	trace.Span
	times *int
}

func (e ended) End(...trace.SpanEndOption) { *e.times++ }

// What nobody is written doesn't pile up, and what several are written is delivered once.
func TestUndelivered(t *testing.T) {
	tracer := New("http://localhost:4318", "1.0.0", "box/1", slog.New(slog.DiscardHandler))
	at := func(n int) cart.Position { return cart.Position{Epoch: "e", Seq: int64(n)} }
	const changes = 3 * maxUndelivered
	times := 0
	for n := range changes {
		tracer.await(at(n), ended{times: &times})
	}
	if got := len(tracer.undelivered); got != maxUndelivered || len(tracer.order) != got {
		t.Errorf("remembers %d, in the order of %d; want %d", got, len(tracer.order), maxUndelivered)
	}
	tracer.Written(at(0), time.Now()) // forgotten
	if times != 0 {
		t.Errorf("what was forgotten was ended %d times", times)
	}
	for range 2 {
		tracer.Written(at(changes-1), time.Now())
	}
	if times != 1 || len(tracer.undelivered) != maxUndelivered-1 {
		t.Errorf("ended %d times, %d remain", times, len(tracer.undelivered))
	}
}
