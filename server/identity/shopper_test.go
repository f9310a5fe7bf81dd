package identity_test

import (
	"strings"
	"testing"
	"time"

	"cartline/server/identity"
)

func TestShoppers(t *testing.T) {
	store := openStore(t)
	clock := &clock{at: noon}
	shoppers := identity.NewShoppers(store)
	shoppers.SetClock(clock.now)
	token, began, err := shoppers.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, second, err := shoppers.Begin(t.Context())
	if err != nil || other == token || second.ID == began.ID || began.ID == token {
		t.Errorf("got %+v after %+v, %v; want another, whose ID is not the secret", second, began, err)
	}
	find := func(name, token string, want bool) {
		t.Helper()
		got, ok, err := shoppers.Find(t.Context(), token)
		if err != nil || ok != want || ok && got.ID != began.ID || !ok && got.ID != "" {
			t.Errorf("%s: got %+v, %v, %v; want found %v", name, got, ok, err, want)
		}
	}
	find("the token", token, true)
	find("none", "", false)
	find("rubbish", "rubbish\x00\xff", false)
	find("the ID", began.ID, false)
	find("in lower case", strings.ToLower(token), false)
	find("as long as can be", strings.Repeat("A", identity.MaxToken), false)
	find("oversized", strings.Repeat("A", 1<<20), false)
	clock.advance(identity.ShopperLifetime - time.Microsecond)
	find("to the last moment", token, true)
	clock.advance(time.Microsecond)
	find("expired", token, false)
}

func TestShoppersTellWhenTheStoreFails(t *testing.T) {
	shoppers := identity.NewShoppers(brokenStore{})
	if _, _, err := shoppers.Begin(t.Context()); err != errBroken {
		t.Errorf("begin: got %v, want %v", err, errBroken)
	}
	if _, ok, err := shoppers.Find(t.Context(), "token"); ok || err != errBroken {
		t.Errorf("find: got %v, %v; want %v", ok, err, errBroken)
	}
}
