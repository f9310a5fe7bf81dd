package ledger

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
	"cartline/shared/live"
)

// How much later an event comes that goes by NATS. Two processes tell the same changes of
// one database: one listens, and one follows a stream that a third publishes to. Both have
// one client here, so that what is compared is two arrivals of one event, and what else
// the machine does meets both: go test -run - -bench NATSDelay -benchtime 3x ./server/ledger
func BenchmarkNATSDelay(b *testing.B) {
	const perSecond, changes = 100, 1000
	for round := 1; b.Loop(); round++ {
		dsn := testenv.NewCluster(b).DSN("postgres")
		store, err := postgres.Open(b.Context(), dsn)
		if err == nil {
			err = store.PutProducts(b.Context(), products)
		}
		if err == nil {
			err = identity.NewStaff(store).Add(b.Context(), username, password, []string{shared.RoleEventListener})
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { closeStore(b, store) })
		waker := postgres.NewWaker(store, slog.New(slog.DiscardHandler))
		inBackground(b, waker.Run)
		service := cart.NewService(store, nil, waker.Wake)

		address := testenv.NewNATS(b).URL()
		listening := NewGateway(b, dsn)
		NewGateway(b, dsn, "--serve", "events", "--nats", address).WaitReady(b)
		pause(b.Context(), 5*time.Second) // until that is elected
		following := NewGateway(b, dsn, "--serve", "events", "--nats", address)
		listening.WaitReady(b)
		following.WaitReady(b)
		desk := newCaller(listening.URL())
		if err := desk.call(b.Context(), http.MethodPost, "/api/staff/session", shared.SignIn{Username: username, Password: password}, nil); err != nil {
			b.Fatal(err)
		}
		direct, byNATS := noteArrivals(b, listening, desk), noteArrivals(b, following, desk)

		committed := make(map[int64]time.Time, changes)
		var record cart.Record
		ticker := time.NewTicker(time.Second / perSecond)
		for i := range changes {
			<-ticker.C
			change := shared.SetLine{Quantity: 1 + i%2, Version: lineVersion(&record.Cart, products[0].SKU)}
			if record, err = service.SetLine(b.Context(), cart.Shopper{ID: "anna"}, products[0].SKU, change); err != nil {
				b.Fatal(err)
			}
			committed[record.Cart.Version] = time.Now()
		}
		ticker.Stop()
		testenv.Eventually(b, patience, "all events", func() bool { return direct.has(changes) && byNATS.has(changes) })
		var plain, over, later []time.Duration
		for version, at := range committed {
			plain, over = append(plain, direct.at[version].Sub(at)), append(over, byNATS.at[version].Sub(at))
			later = append(later, byNATS.at[version].Sub(direct.at[version]))
		}
		b.Logf("round %d: after the commit: listening p50 %v, p99 %v; over NATS p50 %v, p99 %v; one event later by p50 %v, p99 %v", round,
			quantile(plain, 50), quantile(plain, 99), quantile(over, 50), quantile(over, 99), quantile(later, 50), quantile(later, 99))
	}
}

func quantile(all []time.Duration, percent int) time.Duration {
	slices.Sort(all)
	return all[(len(all)-1)*percent/100].Round(10 * time.Microsecond)
}

// arrivals are when a client got the events of a cart, by its version.
type arrivals struct {
	mu sync.Mutex
	at map[int64]time.Time
}

func (a *arrivals) has(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at) >= n
}

// noteArrivals connects a client, and returns when it listens. It ends with the benchmark.
func noteArrivals(b *testing.B, gateway *Gateway, who *caller) *arrivals {
	b.Helper()
	a := &arrivals{at: make(map[int64]time.Time)}
	listens, once := make(chan struct{}), sync.Once{}
	client := live.NewClient(live.Config{
		URL:     "ws://" + gateway.Address + "/events/io",
		Options: live.Options{Header: map[string][]string{"Cookie": {who.cookies()}}},
		Listen:  []shared.Request{{Listen: shared.ChannelCartActivity}},
		OnFresh: func(string) { once.Do(func() { close(listens) }) },
		OnMessage: func(message shared.Message, _ string) {
			var activity shared.Activity
			if message.Kind != shared.ChannelCartActivity || message.Into(&activity) != nil {
				return
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			a.at[activity.CartVersion] = time.Now()
		},
	})
	inBackground(b, func(ctx context.Context) { _ = client.Run(ctx) }) // ended by the context
	select {
	case <-listens:
	case <-time.After(patience):
		b.Fatal("the client doesn't listen")
	}
	return a
}
