package ledger

import (
	"fmt"
	"slices"
	"time"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
)

// progress tells in a line how far a run is.
func (r *run) progress(counts map[string]int) string {
	broken := 0
	for _, n := range counts {
		broken += n
	}
	delivered, reconnected := r.delivered()
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	return fmt.Sprintf("%v: %d kills, %d faults in all, %d acknowledged, %d delivered, %d reconnections",
		time.Since(r.began).Round(time.Second), counts[killed], broken, len(r.book.kept), delivered, reconnected)
}

func (r *run) delivered() (events, reconnected int) {
	for _, h := range r.hearings() {
		h.mu.Lock()
		events += len(h.heard)
		reconnected += max(0, h.connection-1)
		h.mu.Unlock()
	}
	return events, reconnected
}

// rest ends the writers, waits until the listeners have the newest of what concerns
// them or it is clear that they won't get it, and ends them too. It returns the log.
func (r *run) rest(patience time.Duration) []Row {
	r.writers.end()
	r.gateway.WaitReady(r.t)
	if r.second != nil {
		r.second.WaitReady(r.t)
	}
	deadline := time.Now().Add(patience)
	rows := r.rows()
	for {
		for _, h := range r.hearings() {
			if position, any := newest(rows, h.Scope); any {
				r.await(h, position, deadline)
			}
		}
		// The server may have done something by itself meanwhile.
		now := r.rows()
		if len(now) == len(rows) {
			break
		}
		rows = now
	}
	r.listeners.end()
	if r.t.Failed() {
		r.t.FailNow()
	}
	return rows
}

func (r *run) rows() []Row {
	r.t.Helper()
	rows, err := r.db.rows(r.t.Context())
	r.must(err)
	return rows
}

// newest returns where the newest row in a scope is, if there is any.
func newest(rows []Row, scope cart.Scope) (position cart.Position, any bool) {
	for _, row := range slices.Backward(rows) {
		if row.in(scope) {
			return row.Position, true
		}
	}
	return cart.Position{}, false
}

// await waits until a listener has heard what is at a position, or the time is up.
func (r *run) await(h *Hearing, position cart.Position, deadline time.Time) {
	for !h.has(position) && !r.t.Failed() {
		if time.Now().After(deadline) {
			r.t.Logf("%s did not get the newest in time", h.Name)
			return
		}
		pause(r.t.Context(), 20*time.Millisecond)
	}
}

func (r *run) report(rows []Row) *Report {
	report := &Report{Findings: Check(rows, r.book), Activities: len(rows), Took: time.Since(r.began)}
	report.Delivered, report.Reconnected = r.delivered()
	report.Faults, _, _ = r.faults.state()
	if r.faults.nats != nil {
		// It may have come back only just now.
		testenv.Eventually(r.t, patience, "word of the stream", func() (known bool) {
			var err error
			report.Streamed, err = r.faults.nats.streamed(r.t.Context())
			return err == nil
		})
	}
	report.Acknowledged, report.Unanswered = len(r.book.kept), r.book.unanswered
	var delays []time.Duration
	for _, h := range r.hearings() {
		report.Listeners++
		delays = append(delays, h.delays...)
		for _, event := range h.heard {
			if event.Replaces != nil {
				report.ReplacedBy++
			}
		}
	}
	report.Delays = DelaysOf(delays)
	return report
}
