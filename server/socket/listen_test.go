package socket

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"cartline/server/event"
	"cartline/server/feed"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// tell publishes a text on a topic, to be read by some or, with none, by all.
func (g *gateway) tell(topic, text string, readers ...string) {
	g.hub.Publish(&event.Event{Channel: "x", Topic: topic, Text: []byte(text), Readers: readers})
}

// A shopper hears their own cart, and nothing that is for staff.
func TestShopperHearsTheirOwnCart(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	sue, tom := g.shop(t, "sue", ""), g.shop(t, "tom", "")
	sue.listen(shared.ChannelMyCart)
	tom.listen(shared.ChannelMyCart)
	g.tell(feed.OfShopper("sue").Topic, `"hers"`)
	g.tell(feed.OfShopper("tom").Topic, `"his"`)
	sue.want(`"hers"`)
	tom.want(`"his"`)
	for _, channel := range []string{shared.ChannelCartActivity, shared.ChannelGateway, "news", shared.ChannelOfCart("1"), "my_cart/tom", "nothing"} {
		sue.send(`{"listen":"` + channel + `"}`)
		sue.wantError(shared.CodeForbidden)
	}
	sue.send(`{"listen":"my_cart","raw":true}`)
	sue.wantError(shared.CodeInvalid)
	g.tell(feed.OfShopper("tom").Topic, `"still his"`)
	tom.want(`"still his"`)
	sue.send(`{"unlisten":"my_cart"}`)
	sue.want(`["unlistening",{"channel":"my_cart"}]`)
	g.tell(feed.OfShopper("sue").Topic, `"unheard"`)
	sue.listen(shared.ChannelMyCart)
}

// Whoever is nobody here is turned away as before; who is staff without the role, but
// also a shopper, comes in as a shopper.
func TestWhoIsAShopper(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	if _, err := g.dial(t, "nobody"); err == nil {
		t.Error("nobody got in")
	}
	carl := g.shop(t, "tom", "carl")
	carl.listen(shared.ChannelMyCart)
	carl.send(`{"listen":"cart_activity"}`)
	carl.wantError(shared.CodeForbidden)
	ann := g.connect(t, "ann")
	ann.send(`{"listen":"my_cart"}`)
	ann.wantError(shared.CodeForbidden)
	both := g.shop(t, "sue", "bob")
	both.listen(shared.ChannelMyCart)
	both.listen(shared.ChannelCartActivity)
	_, sessions := g.Sessions()
	var names []string
	for _, s := range sessions {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	if want := []string{"ann-1", "bob-1", "shopper-1"}; !slices.Equal(names, want) {
		t.Errorf("got sessions %q, want %q", names, want)
	}
}

// Staff hear a cart that they attend, until an event says that they no longer do.
func TestAttendedCart(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	ann, bob := g.connect(t, "ann"), g.connect(t, "bob")
	channel := shared.ChannelOfCart("1")
	ann.send(`{"listen":"` + channel + `"}`)
	ann.wantError(shared.CodeNotAttached)
	g.with(func() { g.attends["ann"], g.attends["bob"] = "1", "1" })
	ann.listen(channel)
	bob.listen(channel)
	ann.send(`{"listen":"` + shared.ChannelOfCart("2") + `"}`)
	ann.wantError(shared.CodeNotAttached)
	ann.send(`{"listen":"` + channel + `","raw":true}`)
	ann.wantError(shared.CodeInvalid)
	if got := g.Attending(); len(got) != 2 || !slices.Contains(got, Attending{CartID: "1", Staff: "ann"}) {
		t.Errorf("got attending %v, want ann and bob", got)
	}
	g.tell(channel, `"for both"`, "ann", "bob")
	ann.want(`"for both"`)
	bob.want(`"for both"`)
	g.tell(channel, `"for bob"`, "bob")
	ann.want(`["unlistening",{"channel":"` + channel + `"}]`)
	bob.want(`"for bob"`)
	if got := g.Attending(); !slices.Equal(got, []Attending{{CartID: "1", Staff: "bob"}}) {
		t.Errorf("got attending %v, want bob alone", got)
	}
	bob.send(`{"unlisten":"` + channel + `"}`)
	bob.want(`["unlistening",{"channel":"` + channel + `"}]`)
	if got := g.Attending(); len(got) != 0 {
		t.Errorf("got attending %v, want nobody", got)
	}
	g.with(func() { g.lookUp = errDatabase })
	bob.send(`{"listen":"` + channel + `"}`)
	bob.wantError(shared.CodeUnavailable)
	g.with(func() { g.lookUp = nil })
}

// A cart is attended as long as one of the pages that show it is there.
func TestAttendingEndsWithTheConnection(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	g.with(func() { g.attends["ann"] = "1" })
	first, second := g.connect(t, "ann"), g.connect(t, "ann")
	first.listen(shared.ChannelOfCart("1"))
	second.listen(shared.ChannelOfCart("1"))
	for i, c := range []*client{first, second} {
		c.Abandon()
		testenv.Eventually(t, patience, "the attendance of a connection that is gone to end", func() bool { return len(g.Attending()) == 1-i })
	}
}

// A shopper's sockets end with the session that they hang on, those of others don't.
func TestShopperSessionEnds(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	sue, tom, ann := g.shop(t, "sue", ""), g.shop(t, "tom", "ann"), g.connect(t, "ann")
	g.EndShopper(nil) // nobody's
	// The session is over first; a socket that is just opening looks it up.
	g.with(func() { delete(g.shoppers, "sue") })
	g.EndShopper([]byte("cookie of sue"))
	sue.wantClose(shared.CloseSessionEnded)
	tom.listen(shared.ChannelMyCart)
	ann.listen(shared.ChannelCartActivity)
	g.EndExpired(time.Now().Add(30 * time.Minute))
	tom.send(`{"unlisten":"my_cart"}`)
	tom.want(`["unlistening",{"channel":"my_cart"}]`)
	g.with(func() { delete(g.users, "ann") })
	if err := g.Recheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	tom.wantClose(shared.CloseSessionEnded)
	ann.wantClose(shared.CloseSessionEnded)
}

// A session that ends between the look at it and the begin of the socket's ends that
// socket as well.
func TestEndShopperMissesNobody(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	look := g.config.Shopper
	g.config.Shopper = func(r *http.Request) (identity.Shopper, bool, error) {
		who, known, err := look(r)
		g.with(func() { delete(g.shoppers, "sue") })
		g.EndShopper(who.Hash)
		return who, known, err
	}
	g.shop(t, "sue", "").wantClose(shared.CloseSessionEnded)
}

func TestRecheckOfShoppers(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	sue, tom := g.shop(t, "sue", ""), g.shop(t, "tom", "ann")
	sue.listen(shared.ChannelMyCart) // so that both are open
	tom.listen(shared.ChannelMyCart)
	g.with(func() { g.lookUp = errDatabase })
	if err := g.Recheck(t.Context()); err == nil {
		t.Error("got no error from a database that is away")
	}
	g.with(func() { g.lookUp = nil; delete(g.shoppers, "tom") })
	if err := g.Recheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	tom.wantClose(shared.CloseSessionEnded)
	sue.send(`{"unlisten":"my_cart"}`)
	sue.want(`["unlistening",{"channel":"my_cart"}]`)
}

// That one of the staff lost a right has nobody look up all shoppers, who may be many.
func TestRecheckOfStaffAlone(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	sue, tom, ann := g.shop(t, "sue", ""), g.shop(t, "tom", "ann"), g.connect(t, "ann")
	for _, shopper := range []*client{sue, tom} {
		shopper.listen(shared.ChannelMyCart)
	}
	ann.listen("news")
	g.config.RevalidateShopper = func(context.Context, []byte) (identity.Shopper, bool, error) {
		t.Error("a shopper was looked up")
		return identity.Shopper{}, true, nil
	}
	g.with(func() { delete(g.users, "ann") })
	if err := g.RecheckStaff(t.Context()); err != nil {
		t.Fatal(err)
	}
	tom.wantClose(shared.CloseSessionEnded)
	ann.wantClose(shared.CloseSessionEnded)
	sue.send(`{"unlisten":"my_cart"}`)
	sue.want(`["unlistening",{"channel":"my_cart"}]`)
}

func TestShopperExpires(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	sue := g.shop(t, "sue", "")
	sue.listen(shared.ChannelMyCart)
	g.EndExpired(time.Now().Add(2 * time.Hour))
	sue.wantClose(shared.CloseSessionEnded)
}
