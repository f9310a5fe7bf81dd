package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/server/postgres"
	"cartline/shared"
)

// What many gateways cost the database, beside the changes themselves: when each listens
// and reads the log, and when one does so for all over NATS. The figures are processors'
// time of all of PostgreSQL's processes for one change. Each round measures all three, so
// that what else the machine does meets all alike: go test -run - -bench Gateways
// -benchtime 3x ./server/ledger
func BenchmarkGateways(b *testing.B) {
	const gateways, perSecond, lasting = 8, 200, 6 * time.Second
	for round := 1; b.Loop(); round++ {
		spent := make(map[string]float64)
		for _, how := range []string{"none", "listening", "NATS"} {
			dsn := testenv.NewCluster(b).DSN("postgres")
			store, err := postgres.Open(b.Context(), dsn)
			if err == nil {
				err = store.PutProducts(b.Context(), products)
			}
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { closeStore(b, store) })
			waker := postgres.NewWaker(store, slog.New(slog.DiscardHandler))
			inBackground(b, waker.Run)
			service := cart.NewService(store, nil, waker.Wake)
			args := []string{"--serve", "events"}
			if how == "NATS" {
				args = append(args, "--nats", testenv.NewNATS(b).URL())
			}
			if how != "none" {
				for range gateways {
					NewGateway(b, dsn, args...).WaitReady(b)
				}
			}
			pause(b.Context(), 5*time.Second) // until somebody is elected
			var record cart.Record
			before := postgresTime(b, dsn)
			ticker := time.NewTicker(time.Second / perSecond)
			changes := 0
			for end := time.Now().Add(lasting); time.Now().Before(end); changes++ {
				<-ticker.C
				change := shared.SetLine{Quantity: 1 + changes%2, Version: lineVersion(&record.Cart, products[0].SKU)}
				if record, err = service.SetLine(b.Context(), cart.Shopper{ID: "anna"}, products[0].SKU, change); err != nil {
					b.Fatal(err)
				}
			}
			ticker.Stop()
			spent[how] = float64((postgresTime(b, dsn) - before).Microseconds()) / float64(changes)
		}
		b.Logf("round %d: µs a change: %.0f without gateways; %.0f with %d that listen (%+.0f); %.0f with %d over NATS (%+.0f)", round,
			spent["none"], spent["listening"], gateways, spent["listening"]-spent["none"], spent["NATS"], gateways, spent["NATS"]-spent["none"])
	}
}

// postgresTime tells the processors' time that a server's processes have taken, with those
// that have ended.
func postgresTime(b *testing.B, dsn string) time.Duration {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(b.Context())) }()
	var parent string
	if err := conn.QueryRow(b.Context(), `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)`).Scan(&parent); err != nil {
		b.Fatal(err)
	}
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	ticks := 0
	for _, path := range all {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(stat), ") ") // behind the program's name
		fields := strings.Fields(after)
		// See proc(5): fields 14 to 17 of those that are told, the third of which is here
		// the first. The last two are those of children that have ended.
		var count []string
		switch {
		case path == fmt.Sprintf("/proc/%s/stat", parent):
			count = fields[11:15]
		case fields[1] == parent:
			count = fields[11:13]
		}
		for _, field := range count {
			n, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
