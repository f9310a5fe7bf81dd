package socket

import (
	"strings"
	"testing"
	"time"

	"cartline/server/identity"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// One user is looked up, and nobody else.
func TestRecheckUser(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	ann, other, bob := g.connect(t, "ann"), g.connect(t, "ann"), g.connect(t, "bob")
	for _, c := range []*client{ann, other, bob} {
		c.listen("news")
	}
	g.with(func() { clear(g.users) })
	if err := g.RecheckUser(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	ann.wantClose(shared.CloseSessionEnded)
	other.wantClose(shared.CloseSessionEnded)
	bob.listen("news")
	g.with(func() {
		if g.lookups != 2 {
			t.Errorf("got %d look-ups, want those of ann's two", g.lookups)
		}
	})
}

func TestRecheckTellsWhoMayNotComeIn(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	ann := g.connect(t, "ann")
	ann.listen("news")
	g.with(func() { g.lookUp = &shared.Problem{Code: shared.CodeForbidden, Detail: "Not you."} })
	if err := g.RecheckUser(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	ann.wantClose(shared.CloseForbidden)
}

// While nobody can be asked, sockets stay open for as long as the grace, reckoned from
// when they were last confirmed.
func TestEndUnconfirmed(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	g.config.Grace = 20 * time.Minute
	ann, sue := g.connect(t, "ann"), g.shop(t, "sue", "")
	ann.listen("news")
	sue.listen(shared.ChannelMyCart)
	began := time.Now()
	g.EndUnconfirmed(began.Add(19 * time.Minute))
	ann.listen("news")

	if err := g.RecheckStaff(t.Context()); err != nil {
		t.Fatal(err)
	}
	confirmed := time.Now()
	g.with(func() { g.lookUp = errDatabase })
	if err := g.RecheckStaff(t.Context()); err != errDatabase {
		t.Errorf("got %v, want %v", err, errDatabase)
	}
	g.EndUnconfirmed(confirmed.Add(19 * time.Minute))
	ann.listen("news")
	g.EndUnconfirmed(confirmed.Add(20 * time.Minute))
	ann.wantClose(wire.TryAgainLater)
	sue.send(`{"unlisten":"my_cart"}`)
	sue.want(`["unlistening",{"channel":"my_cart"}]`)
	ended := g.log.Wait(t, "events disconnected", 1)[0]
	if got, want := ended["reason"], "whether you are still signed in could not be found out for 20m0s; come back"; got != want {
		t.Errorf("got the reason %q, want %q", got, want)
	}
}

// An application may put off when a session expires, or bring it forward.
func TestRecheckMovesTheEnd(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	now := time.Now()
	expire := func(user string, in time.Duration) {
		g.with(func() {
			g.users[user] = identity.Session{Hash: []byte(user), Username: user, Roles: []string{shared.RoleEventListener}, ExpiresAt: now.Add(in)}
		})
	}
	expire("ann", 10*time.Minute)
	expire("bob", 50*time.Minute)
	ann, bob := g.connect(t, "ann"), g.connect(t, "bob")
	ann.listen("news")
	bob.listen("news")
	recheck := func() {
		t.Helper()
		if err := g.RecheckStaff(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expire("ann", 40*time.Minute)
	recheck()
	g.EndExpired(now.Add(15 * time.Minute))
	ann.listen("news")
	bob.listen("news")
	expire("bob", 20*time.Minute) // before anybody's is looked for again
	recheck()
	g.EndExpired(now.Add(25 * time.Minute))
	bob.wantClose(shared.CloseSessionEnded)
	ann.listen("news")
	g.EndExpired(now.Add(45 * time.Minute))
	ann.wantClose(shared.CloseSessionEnded)
}

// Where shoppers' sessions are away, staff who may have one get in as staff; the page of
// their own cart is told to come back. Who is no staff doesn't get in.
func TestShoppersAreAway(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	g.with(func() { g.noShops = errDatabase })
	desk, shop := g.shop(t, "sue", "ann"), g.shop(t, "sue", "ann")
	desk.listen("news")
	shop.send(`{"listen":"my_cart"}`)
	shop.wantClose(wire.TryAgainLater)
	desk.listen("news")
	header := g.header("")
	header.Set("X-Shopper", "sue")
	if _, err := g.dialWith(t, header); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a shopper: got %v, want 503", err)
	}
	g.with(func() { g.noShops = nil })
	g.shop(t, "sue", "ann").listen(shared.ChannelMyCart)
}
