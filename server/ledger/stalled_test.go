package ledger_test

import (
	"errors"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/server/ledger"
	"cartline/shared"
	"cartline/shared/live"
)

// One among a thousand who doesn't read holds up nobody, and is let go before much is
// kept for it. All others get everything, once and in order.
func TestStalledAmongThousand(t *testing.T) {
	const readers, events, rounds = 1000, 5, 4
	crowd := ledger.NewCrowd(t, readers)
	without := ledger.DelaysOf(crowd.Tell(events * rounds))
	var with []time.Duration
	var first *ledger.Stalled
	for range rounds {
		// The last one may have been let go by now.
		if stalled := crowd.Stall(); first == nil {
			first = stalled
		}
		with = append(with, crowd.Tell(events)...)
	}
	t.Logf("delays of %d readers without one that is stalled: %+v", readers, without)
	t.Logf("                          with one that is stalled: %+v", ledger.DelaysOf(with))

	// However long the others take, that is more than its queue and buffers hold.
	began := time.Now()
	crowd.Stall()
	crowd.Tell(40)
	took := time.Since(began)
	testenv.Eventually(t, time.Minute, "those who are stalled to be let go", func() bool { return crowd.Status().Connections == readers })
	// On a machine that is this slow they may have been cut off for not taking a message
	// in ten seconds, before their queues were full.
	if refused := crowd.Status().Refused[shared.LimitQueue]; refused == 0 && took < 8*time.Second {
		t.Error("nobody was let go because their queue was full")
	}

	// What was on its way: the limit of its queue and the buffers of two sockets.
	const most = 1 << 20
	size, end := first.Wake()
	if size > most {
		t.Errorf("%d bytes were kept for one who doesn't read, want at most %d", size, most)
	}
	var closed *live.CloseError
	if !errors.As(end, &closed) || closed.Code != shared.CloseSlow && closed.Code != 1006 {
		t.Errorf("the stalled one's connection ended with %v, want code %d, or none", end, shared.CloseSlow)
	}
	t.Logf("the stalled one got %d bytes, and: %v", size, end)
}

// What a thousand readers wait for an event, and what one more that is stalled does to
// that. Compare p50 and p99 of the two.
func BenchmarkStalledAmongThousand(b *testing.B) {
	for _, stalled := range []bool{false, true} {
		name := map[bool]string{false: "without", true: "with"}[stalled]
		b.Run(name, func(b *testing.B) {
			const readers = 1000
			crowd := ledger.NewCrowd(b, readers)
			var all []time.Duration
			for i := 0; b.Loop(); i++ {
				if stalled && i%10 == 0 {
					crowd.Stall() // the last one may have been let go by now
				}
				all = append(all, crowd.Tell(1)...)
			}
			delays := ledger.DelaysOf(all)
			b.ReportMetric(float64(delays.Median.Microseconds()), "p50-µs")
			b.ReportMetric(float64(delays.P99.Microseconds()), "p99-µs")
		})
	}
}
