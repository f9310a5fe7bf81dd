package redis_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/server/redis"
)

func openShoppers(t *testing.T, server *testenv.RedisServer) *redis.Shoppers {
	t.Helper()
	s, err := redis.OpenShoppers(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func session(hash, customer string, lifetime time.Duration) identity.Shopper {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return identity.Shopper{Hash: []byte(hash), ID: "id of " + hash, Customer: customer, CreatedAt: now, ExpiresAt: now.Add(lifetime)}
}

// A session's key goes with the session, so that nobody has to sweep; and so does what is
// remembered of a customer's.
func TestShoppersExpire(t *testing.T) {
	server := testenv.Redis(t)
	s, keys := openShoppers(t, server), client(t, server)
	must(t, s.AddShopper(t.Context(), session("short", "ann", time.Millisecond), nil))
	testenv.Eventually(t, patience, "the session to expire", func() bool {
		_, err := s.Shopper(t.Context(), []byte("short"))
		return errors.Is(err, identity.ErrNotFound)
	})
	must(t, s.AddShopper(t.Context(), session("over", "ann", -time.Hour), nil)) // by a clock that differs
	testenv.Eventually(t, patience, "everything to be gone", func() bool {
		n, err := keys.DBSize(t.Context()).Result()
		return err == nil && n == 0
	})
	long, short := session("long", "ann", time.Hour), session("gone", "ann", time.Millisecond)
	must(t, s.AddShopper(t.Context(), short, nil))
	must(t, s.AddShopper(t.Context(), long, nil))
	testenv.Eventually(t, patience, "the other session to expire", func() bool {
		got, err := s.ShoppersOf(t.Context(), "ann")
		return err == nil && reflect.DeepEqual(got, []identity.Shopper{long})
	})
	if left, err := keys.PTTL(t.Context(), "cartline:shopper:6c6f6e67").Result(); err != nil || left > time.Hour || left < time.Hour-patience {
		t.Errorf("got %v left, %v; want an hour", left, err)
	}
	if left, err := keys.PTTL(t.Context(), "cartline:customer:ann").Result(); err != nil || left > time.Hour || left < time.Hour-patience {
		t.Errorf("of the customer's: got %v left, %v; want an hour", left, err)
	}
}

// Bots begin many sessions, and carry none of their cookies: those of guests go within an
// hour, unless somebody asks for one before.
func TestGuestsWhoNeverCameBack(t *testing.T) {
	server := testenv.Redis(t)
	s, keys := openShoppers(t, server), client(t, server)
	guest, customer := session("guest", "", 90*24*time.Hour), session("customer", "ann", 90*24*time.Hour)
	must(t, s.AddShopper(t.Context(), guest, nil))
	must(t, s.AddShopper(t.Context(), customer, nil))
	stays := func(shopper identity.Shopper, want time.Duration) {
		t.Helper()
		left, err := keys.PTTL(t.Context(), fmt.Sprintf("cartline:shopper:%x", shopper.Hash)).Result()
		if err != nil || left > want || left < want-patience {
			t.Errorf("%s: got %v left, %v; want %v", shopper.Hash, left, err, want)
		}
	}
	stays(guest, time.Hour)
	stays(customer, 90*24*time.Hour)
	for range 2 {
		if got, err := s.Shopper(t.Context(), guest.Hash); err != nil || !reflect.DeepEqual(got, guest) {
			t.Errorf("got %+v, %v; want %+v", got, err, guest)
		}
		stays(guest, 90*24*time.Hour)
	}
	must(t, s.EndShopper(t.Context(), guest.Hash))
	if _, err := s.Shopper(t.Context(), guest.Hash); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("after its end: got %v, want that there is none", err)
	}
}

// Each end has a number, whoever ended the session and however many do at a time.
func TestEnded(t *testing.T) {
	server := testenv.Redis(t)
	s, other := openShoppers(t, server), openShoppers(t, server)
	ctx := t.Context()
	head, err := s.EndedHead(ctx)
	if err != nil || head != 0 {
		t.Fatalf("got %d, %v; want none", head, err)
	}
	var ending sync.WaitGroup
	for i := range 20 {
		hash := fmt.Sprintf("%02d\xff", i)
		must(t, s.AddShopper(ctx, session(hash, "", time.Hour), nil))
		for _, by := range []*redis.Shoppers{s, other} {
			ending.Go(func() {
				if err := by.EndShopper(ctx, []byte(hash)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	ending.Wait()
	must(t, s.AddShopper(ctx, session("new", "ann", time.Hour), []byte("no such")))
	must(t, s.AddShopper(ctx, session("newer", "ann", time.Hour), []byte("new")))
	must(t, s.EndShoppersOf(ctx, "ann"))
	if head, err = s.EndedHead(ctx); err != nil || head != 22 {
		t.Errorf("got the head %d, %v; want 22", head, err)
	}
	seen := make(map[string]bool)
	var last int64
	for range 10 {
		hashes, next, err := other.EndedShoppers(ctx, last, 5)
		if err != nil || next != min(last+5, 22) || int64(len(hashes)) != next-last {
			t.Fatalf("after %d: got %q, %d, %v", last, hashes, next, err)
		}
		for _, hash := range hashes {
			seen[string(hash)] = true
		}
		last = next
	}
	if len(seen) != 22 || !seen["07\xff"] || !seen["new"] || !seen["newer"] {
		t.Errorf("got %v, want all that ended", seen)
	}
	// What came back empty has a lower head than anybody remembers.
	server.Kill()
	must(t, server.Start())
	if hashes, last, err := other.EndedShoppers(ctx, 22, 5); err != nil || last != 0 || len(hashes) != 0 {
		t.Errorf("got %q, %d, %v; want that everything is gone", hashes, last, err)
	}
}

// Of a customer who signs in and out again and again, nothing is left.
func TestCustomersSessionsAreForgotten(t *testing.T) {
	server := testenv.Redis(t)
	s, keys := openShoppers(t, server), client(t, server)
	must(t, s.AddShopper(t.Context(), session("one", "ann", time.Hour), nil))
	must(t, s.AddShopper(t.Context(), session("two", "ann", time.Hour), []byte("one")))
	if got, err := keys.SMembers(t.Context(), "cartline:customer:ann").Result(); err != nil || !reflect.DeepEqual(got, []string{"two"}) {
		t.Errorf("got %q, %v; want the session that there is", got, err)
	}
	must(t, s.EndShopper(t.Context(), []byte("two")))
	if n, err := keys.Exists(t.Context(), "cartline:customer:ann").Result(); err != nil || n != 0 {
		t.Errorf("got %d, %v; want nothing", n, err)
	}
}

// Another process hears at once of an end, and of each time that it may have missed one.
func TestWatch(t *testing.T) {
	server := testenv.Redis(t)
	s, other := openShoppers(t, server), openShoppers(t, server)
	heard := make(chan struct{}, 100)
	ctx, stop := context.WithCancel(t.Context())
	log := testenv.NewLog()
	var watching sync.WaitGroup
	watching.Go(func() { other.Watch(ctx, func() { heard <- struct{}{} }, log.Logger()) })
	wait := func(what string) {
		t.Helper()
		select {
		case <-heard:
		case <-time.After(patience):
			t.Fatalf("timed out waiting for %s", what)
		}
	}
	wait("the subscription")
	must(t, s.AddShopper(ctx, session("one", "", time.Hour), nil))
	must(t, s.EndShopper(ctx, []byte("one")))
	wait("the end")
	server.Kill()
	log.Wait(t, "ends of shoppers' sessions aren't heard of at once", 1)
	must(t, server.Start())
	wait("the subscription to come back")
	stop()
	watching.Wait()
}

func TestShoppersWhileRedisIsAway(t *testing.T) {
	server := testenv.Redis(t)
	s := openShoppers(t, server)
	server.Kill()
	ctx := t.Context()
	_, found := s.Shopper(ctx, []byte("one"))
	_, listed := s.ShoppersOf(ctx, "ann")
	_, headed := s.EndedHead(ctx)
	_, _, ended := s.EndedShoppers(ctx, 0, 10)
	for name, err := range map[string]error{
		"AddShopper": s.AddShopper(ctx, session("one", "", time.Hour), nil), "Shopper": found, "ShoppersOf": listed,
		"EndShopper": s.EndShopper(ctx, []byte("one")), "EndShoppersOf": s.EndShoppersOf(ctx, "ann"),
		"EndedHead": headed, "EndedShoppers": ended, "Ping": s.Ping(ctx),
	} {
		if !redis.Unavailable(err) {
			t.Errorf("%s: got %v, want that Redis is away", name, err)
		}
	}
}
