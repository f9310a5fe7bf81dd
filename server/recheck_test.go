package main

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/shared"
)

// Two servers share a database. A customer whose session ends at one, or by a command,
// hears no more from the other.
func TestEndsReachEveryProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		one, other := start(t, "--database", database), start(t, "--database", database)
		for i, test := range []struct {
			name string
			end  func(t *testing.T, v *visitor, email string)
		}{
			{"sign-out", func(t *testing.T, v *visitor, _ string) {
				v.ask(t, "DELETE", "/api/customer/session", "", nil)
			}},
			{"another sign-in in the same browser", func(t *testing.T, v *visitor, email string) {
				v.ask(t, "POST", "/api/customer/session", `{"email":"`+email+`","password":"correct horse"}`, nil)
			}},
			{"erasure", func(t *testing.T, _ *visitor, email string) {
				must(t, "", "customer", "erase", email, "--yes", "--database", database)
			}},
		} {
			t.Run(test.name, func(t *testing.T) {
				email := fmt.Sprintf("ann%d@example.com", i)
				here := one.visitor(t)
				there := &visitor{other, here.client} // the same browser, led to the other
				here.ask(t, "POST", "/api/customers", `{"name":"Ann","email":"`+email+`","password":"correct horse"}`, nil)
				stays := other.visitor(t)
				stays.ask(t, "POST", "/api/customers", `{"name":"Bob","email":"bob`+email+`","password":"correct horse"}`, nil)
				ends, remains := there.open(t, "/events/io"), stays.open(t, "/events/io")
				for _, socket := range []*wsClient{ends, remains} {
					socket.listen(t, shared.ChannelMyCart)
				}
				began := time.Now()
				test.end(t, here, email)
				ends.wantClose(t, shared.CloseSessionEnded)
				t.Logf("after %v, where two seconds are promised", time.Since(began))
				remains.listen(t, shared.ChannelMyCart) // is still answered
			})
		}
	})
}

// What ended is told once, in order, whoever ended it and however many at a time, and
// forgotten after a day.
func TestEndedShoppers(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := ok[store](t)(openStore(t.Context(), database))
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		ctx := t.Context()
		now := time.Now().UTC().Truncate(time.Microsecond)
		customer := identity.Customer{ID: "customer", Name: "Ann", Email: "ann@example.com", PasswordHash: "x", Shopper: "ann", CreatedAt: now}
		if err := s.AddCustomer(ctx, customer); err != nil {
			t.Fatal(err)
		}
		begin := func(hash, customer string, expires time.Time, replaces []byte) {
			t.Helper()
			if err := s.AddShopper(ctx, identity.Shopper{Hash: []byte(hash), ID: hash, Customer: customer, CreatedAt: now.Add(-2 * time.Hour), ExpiresAt: expires}, replaces); err != nil {
				t.Fatal(err)
			}
		}
		hour := now.Add(time.Hour)
		if head := ok[int64](t)(s.EndedHead(ctx)); head != 0 {
			t.Errorf("at first, the head is %d", head)
		}
		begin("guest", "", hour, nil)
		begin("ann", customer.ID, hour, []byte("guest"))
		begin("ann's phone", customer.ID, hour, nil)
		begin("ann's desk", customer.ID, hour, nil)
		begin("leaves", "", hour, nil)
		begin("late", "", now.Add(-time.Minute), nil)
		begin("bot", "", hour, nil)
		for _, err := range []error{s.EndShopper(ctx, []byte("leaves")), s.EndShopper(ctx, []byte("nobody")), s.EraseCustomer(ctx, customer.ID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		ok[int64](t)(s.Sweep(ctx, now))
		ok[int64](t)(s.SweepGuests(ctx, now.Add(-time.Hour)))
		var told []string
		var last int64
		for {
			hashes, next, err := s.EndedShoppers(ctx, last, 2)
			if err != nil || len(hashes) > 2 || next != last+int64(len(hashes)) {
				t.Fatalf("after %d: got %q, %d, %v", last, hashes, next, err)
			}
			for _, hash := range hashes {
				told = append(told, string(hash))
			}
			if last = next; len(hashes) == 0 {
				break
			}
		}
		if len(told) != 7 {
			t.Fatalf("told are %q", told)
		}
		slices.Sort(told[2:5]) // all of one statement
		if want := []string{"guest", "leaves", "ann", "ann's desk", "ann's phone", "late", "bot"}; !slices.Equal(told, want) {
			t.Errorf("told are %q, want %q", told, want)
		}
		if head := ok[int64](t)(s.EndedHead(ctx)); head != last {
			t.Errorf("the head is %d, want %d", head, last)
		}
		for _, test := range []struct {
			later time.Duration
			want  int
		}{{23 * time.Hour, 7}, {25 * time.Hour, 0}} {
			ok[int64](t)(s.Sweep(ctx, now.Add(test.later)))
			if hashes, next, err := s.EndedShoppers(ctx, 0, 100); err != nil || len(hashes) != test.want || next != last {
				t.Errorf("%v later: got %q, %d, %v", test.later, hashes, next, err)
			}
		}
		begin("next", "", hour, nil)
		if err := s.EndShopper(ctx, []byte("next")); err != nil {
			t.Fatal(err)
		}
		if hashes, next, err := s.EndedShoppers(ctx, last, 100); err != nil || len(hashes) != 1 || next != last+1 {
			t.Errorf("after all was forgotten: got %q, %d, %v; want 1 more than %d", hashes, next, err, last)
		}
		if hashes, next, err := s.EndedShoppers(ctx, last+100, 100); err != nil || len(hashes) != 0 || next != last+1 {
			t.Errorf("ahead of all: got %q, %d, %v; want the head, %d", hashes, next, err, last+1)
		}
	})
}

// Sessions that end at the same time, in transactions of their own, are all told to one
// who keeps asking for what came after the last.
func TestEndedShoppersTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		const writers, each = 4, 25
		stores := make([]store, writers)
		for i := range stores {
			stores[i] = ok[store](t)(openStore(t.Context(), database))
			t.Cleanup(func() {
				if err := stores[i].Close(); err != nil {
					t.Error(err)
				}
			})
		}
		now := time.Now()
		var wg sync.WaitGroup
		done := make(chan struct{})
		for i, s := range stores {
			wg.Go(func() {
				for j := range each {
					hash := fmt.Appendf(nil, "%d-%d", i, j)
					if err := s.AddShopper(t.Context(), identity.Shopper{Hash: hash, ID: string(hash), CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, nil); err != nil {
						t.Error(err)
					}
					if err := s.EndShopper(t.Context(), hash); err != nil {
						t.Error(err)
					}
				}
			})
		}
		go func() { wg.Wait(); close(done) }()
		var told [][]byte
		var last int64
		for finished := false; ; {
			hashes, next, err := stores[0].EndedShoppers(t.Context(), last, 7)
			if err != nil {
				t.Fatal(err)
			}
			told, last = append(told, hashes...), next
			if finished && len(hashes) == 0 {
				break
			}
			select {
			case <-done:
				finished = true
			default:
			}
		}
		slices.SortFunc(told, bytes.Compare)
		if distinct := slices.CompactFunc(slices.Clone(told), bytes.Equal); len(told) != writers*each || len(distinct) != len(told) {
			t.Errorf("told were %d, of them %d distinct; want %d", len(told), len(distinct), writers*each)
		}
	})
}
