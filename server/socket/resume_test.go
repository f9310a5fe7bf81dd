package socket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// What was missed comes first, then what happens, each once.
func TestResume(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	m.change("sue", 2)
	m.settle()
	c := m.connect(t, "ann")
	answer := c.listenWith(shared.Request{Listen: shared.ChannelCartActivity})
	if answer.Recovered != nil || answer.Cursor != m.head() {
		t.Errorf("got %+v, want where the log stands, and nothing of what nobody asked", answer)
	}
	m.change("sue", 3)
	heard := m.cursors(answer.Cursor, cart.Scope{})
	c.wantCursors(shared.ChannelCartActivity, "", heard)
	c.Abandon()

	m.change("tom", 3) // while it is away
	m.settle()
	c = m.connect(t, "ann")
	c.resume(shared.ChannelCartActivity, heard[2])
	m.change("sue", 2)
	missed := m.cursors(heard[2], cart.Scope{})
	if len(missed) != 5 {
		t.Fatalf("got %d in the log, want 5", len(missed))
	}
	c.wantCursors(shared.ChannelCartActivity, "", missed)

	// Again over the same connection, from further back, and in the raw form.
	c.send(`{"listen":"cart_activity","raw":true,"after":"` + heard[0] + `"}`)
	if message := c.next(); message.Kind != shared.KindListening || !strings.Contains(string(message.Payload), `"recovered":true`) {
		t.Fatalf("got %s %s", message.Kind, message.Payload)
	}
	for range m.cursors(heard[0], cart.Scope{}) {
		if message := c.next(); !strings.HasPrefix(string(message.Payload), `"{`) {
			t.Fatalf("got %s, want a string", message.Payload)
		}
	}
	c.resume(shared.ChannelCartActivity, m.head()) // nothing is missed
	m.change("sue", 1)
	c.wantCursors(shared.ChannelCartActivity, "", []string{m.head()})
}

// Where what was missed can't be told, nothing of it is, and the client is told so.
func TestNotRecovered(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	m.change("sue", 5)
	m.settle()
	beginning := cart.Position{Epoch: m.hub.Head().Epoch}
	all := m.cursors(beginning.Cursor(), cart.Scope{})
	if _, err := m.store.Trim(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	head := m.hub.Head()
	other, ahead, another := head, head, head
	other.Epoch, ahead.Seq, another.Mark = "elsewhere", head.Seq+1, head.Mark+1
	for name, after := range map[string]string{
		"forgotten":        all[0],
		"from beginning":   beginning.Cursor(),
		"another epoch":    other.Cursor(),
		"ahead":            ahead.Cursor(),
		"another activity": another.Cursor(),
	} {
		c := m.connect(t, "ann")
		answer := c.listenWith(shared.Request{Listen: shared.ChannelCartActivity, After: after})
		if answer.Recovered == nil || *answer.Recovered || answer.Cursor != m.head() {
			t.Errorf("%s: got %+v, want not recovered, and where the log stands", name, answer)
		}
		before := m.head()
		m.change("sue", 2)
		c.wantCursors(shared.ChannelCartActivity, "", m.cursors(before, cart.Scope{}))
		m.settle()
		c.Abandon()
	}
	c := m.connect(t, "ann")
	c.resume(shared.ChannelCartActivity, all[len(all)-1]) // what came after the last forgotten is all there
	if answer := c.next(); answer.Kind != shared.ChannelCartActivity {
		t.Errorf("got %s", answer.Kind)
	}
}

func TestResumeOfWhatHasNoLog(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	c := m.connect(t, "ann")
	answer := c.listenWith(shared.Request{Listen: "news", After: m.head()})
	if answer.Recovered == nil || *answer.Recovered || answer.Cursor != "" {
		t.Errorf("got %+v, want not recovered and no cursor", answer)
	}
}

// What a client asks in vain is refused, with the channel named so that it knows which of
// its requests it was, and changes nothing.
func TestResumeRefused(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	c := m.connect(t, "ann")
	c.listen(shared.ChannelCartActivity)
	refused := func(text string, code shared.Code, field string) {
		t.Helper()
		c.send(text)
		message := c.next()
		var problem shared.Problem
		if err := message.Into(&problem); err != nil || message.Kind != shared.KindError || problem.Code != code || problem.Field != field || problem.Channel != shared.ChannelCartActivity {
			t.Errorf("%s: got %s %s, want code %s and the channel", text, message.Kind, message.Payload, code)
		}
	}
	for _, cursor := range []string{"x", "e.1.2", "e.0.-1.0", strings.Repeat("e", 65) + ".0.1.1", "e.0.01.1"} {
		refused(`{"listen":"cart_activity","after":"`+cursor+`"}`, shared.CodeInvalid, "after")
	}
	refused(`{"listen":"cart_activity","raw":true,"coalesce":true}`, shared.CodeInvalid, "coalesce")
	m.log.set(func() { m.log.fail = errDatabase })
	refused(`{"listen":"cart_activity","after":"`+m.head()+`"}`, shared.CodeUnavailable, "")
	m.log.set(func() { m.log.fail = nil })
	before := m.head()
	m.change("sue", 1)
	c.wantCursors(shared.ChannelCartActivity, "", m.cursors(before, cart.Scope{}))
}

// A shopper's replay is of their own carts, whosever cursor they have.
func TestResumeOfAShopper(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	before := m.head()
	var sues string
	for range 3 {
		sues = m.change("sue", 1)
		m.change("tom", 2)
	}
	m.settle()
	toms := m.cursors(before, cart.Scope{Shopper: "tom"})
	c := m.shop(t, "sue", "")
	c.resume(shared.ChannelMyCart, toms[0])
	want := m.cursors(toms[0], cart.Scope{Shopper: "sue"})
	c.wantCursors(shared.ChannelMyCart, sues, want)
	if len(want) != 2 {
		t.Errorf("got %d, want 2", len(want))
	}
	m.change("tom", 1)
	m.change("sue", 1)
	c.wantCursors(shared.ChannelMyCart, sues, []string{m.head()})
}

// Whoever attends a cart is replayed what happened to it while they did, and nothing of
// before or of other carts; once they don't any more they hear nothing.
func TestResumeOfACart(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	before := m.head()
	m.change("sue", 2) // before ann attends it
	since := m.head()
	id := m.change("sue", 2, "ann")
	m.change("tom", 1, "ann")
	m.settle()
	m.with(func() { m.attends["ann"], m.attends["bob"] = id, id })
	c := m.connect(t, "ann")
	channel := shared.ChannelOfCart(id)
	c.resume(channel, before)
	c.wantCursors(channel, id, m.cursors(since, cart.Scope{CartID: id}))
	m.change("sue", 1, "ann")
	c.wantCursors(channel, id, []string{m.head()})
	m.change("sue", 1)
	c.want(`["unlistening",{"channel":"` + channel + `"}]`)
	m.change("sue", 1, "ann")
	c.listen(shared.ChannelGateway) // nothing has come in between
}

// Access ends while what was missed is still being read.
func TestExpelledWhileReplaying(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	before := m.head()
	id := m.change("sue", 3, "ann")
	m.settle()
	m.with(func() { m.attends["ann"] = id })
	c := m.connect(t, "ann")
	channel := shared.ChannelOfCart(id)
	m.log.set(func() {
		m.log.after = func() {
			m.log.set(func() { m.log.after = nil })
			m.change("sue", 1)
			testenv.Eventually(t, patience, "the end of access", func() bool { return m.hub.Listeners(channel) == 0 })
		}
	})
	c.resume(channel, before)
	c.want(`["unlistening",{"channel":"` + channel + `"}]`)
	c.listen(shared.ChannelGateway) // nothing has come in between
}

// The log can't be read while catching up: what was missed comes when it can.
func TestResumeWhileTheLogIsAway(t *testing.T) {
	m := openMarket(t, gatewayOptions{})
	before := m.head()
	m.change("sue", 3)
	m.settle()
	c := m.connect(t, "ann")
	m.log.set(func() {
		m.log.after = func() { m.log.set(func() { m.log.fail, m.log.after = errDatabase, nil }) }
	})
	c.resume(shared.ChannelCartActivity, before)
	c.wantCursors(shared.ChannelCartActivity, "", m.cursors(before, cart.Scope{}))
	m.change("sue", 1)
	m.settle()
	c.Abandon()
	m.log.set(func() { m.log.fail = nil })
}

// A session that ends while it catches up leaves nothing behind.
func TestSessionEndsWhileReplaying(t *testing.T) {
	m := openMarket(t, gatewayOptions{queueLimit: 32 << 10})
	m.filler = strings.Repeat("x", 4000)
	before := m.head()
	m.change("sue", 80)
	m.settle()
	slow := m.dialSmall(t, "ann")
	if err := slow.Write(t.Context(), websocket.MessageText, []byte(`{"listen":"cart_activity","after":"`+before+`"}`)); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the queue to fill", func() bool {
		for _, s := range m.all() {
			return s.queue.Bytes() > 12_000
		}
		return false
	})
	if err := slow.CloseNow(); err != nil {
		t.Fatal(err)
	}
	m.gateway.log.Wait(t, "events disconnected", 1)
	m.wantNothing(t)
}

// A client that reads slowly gets a replay that is many times its queue's size, is not
// closed for it, and meanwhile holds up nobody.
func TestSlowReplay(t *testing.T) {
	m := openMarket(t, gatewayOptions{queueLimit: 32 << 10})
	m.filler = strings.Repeat("x", 4000)
	before := m.head()
	m.change("sue", 80)
	m.settle()
	quick := m.connect(t, "bob")
	quick.listen(shared.ChannelCartActivity)
	slow := m.dialSmall(t, "ann")
	if err := slow.Write(t.Context(), websocket.MessageText, []byte(`{"listen":"cart_activity","after":"`+before+`"}`)); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the queue to fill", func() bool {
		for _, s := range m.all() {
			if s.name == "ann-1" {
				return s.queue.Bytes() > 12_000
			}
		}
		return false
	})
	middle := m.head()
	m.change("tom", 15)
	quick.wantCursors(shared.ChannelCartActivity, "", m.cursors(middle, cart.Scope{}))
	all := m.cursors(before, cart.Scope{})
	var got []string
	for len(got) <= len(all)-1 {
		_, text, err := slow.Read(t.Context())
		if err != nil {
			t.Fatalf("after %d of %d: %v", len(got), len(all), err)
		}
		message, err := shared.ParseMessage(text)
		if err != nil {
			t.Fatal(err)
		}
		if message.Kind == shared.ChannelCartActivity {
			got = append(got, message.Meta.Cursor)
		}
	}
	if !slices.Equal(got, all) {
		t.Errorf("got %d, want the %d in the log, in order", len(got), len(all))
	}
}

// Who asked for it gets the newest of each cart when they are behind, and is told for
// which events it stands.
func TestCoalesce(t *testing.T) {
	m := openMarket(t, gatewayOptions{queueLimit: 64 << 10})
	m.filler = strings.Repeat("x", 4000)
	listening := m.dialSmall(t, "ann")
	if err := listening.Write(t.Context(), websocket.MessageText, []byte(`{"listen":"cart_activity","coalesce":true}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := listening.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := m.head()
	m.change("sue", 70)
	m.change("tom", 70)
	m.settle()
	all := m.cursors(before, cart.Scope{})
	covered, merged := 0, false
	for covered < len(all) {
		_, text, err := listening.Read(t.Context())
		if err != nil {
			t.Fatalf("after %d of %d: %v", covered, len(all), err)
		}
		message, err := shared.ParseMessage(text)
		if err != nil {
			t.Fatal(err)
		}
		if r := message.Meta.Replaces; r != nil {
			merged = true
			if all[covered] != r.From {
				t.Fatalf("got what stands for %+v, want it to begin with %s", r, all[covered])
			}
			covered += r.Count
		}
		if message.Meta.Cursor != all[covered] {
			t.Fatalf("got %s, want %s", message.Meta.Cursor, all[covered])
		}
		covered++
	}
	if !merged {
		t.Error("nothing was merged, so this tests nothing")
	}
}

func TestPing(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	c := g.connect(t, "ann")
	c.send(`{"ping":"beat"}`)
	c.want(`["pong","beat"]`)
	sue := g.shop(t, "sue", "")
	sue.send(`{"ping":"<é>"}`)
	sue.want(`["pong","<é>"]`)
}

// A session whose time is up hears nothing more, whether somebody has looked or not.
func TestExpiryAtDelivery(t *testing.T) {
	g := startEvents(t, gatewayOptions{})
	until := time.Now().Add(2 * time.Second)
	g.with(func() {
		g.users["ann"] = identity.Session{Hash: []byte("ann"), Username: "ann", Roles: []string{shared.RoleEventListener}, ExpiresAt: until}
	})
	c := g.connect(t, "ann")
	c.listen("news")
	testenv.Eventually(t, patience, "the time to be up", func() bool { return time.Now().After(until) })
	publish(t, g.hub, "news", "secret")
	received, err := c.Read(c.ctx)
	if err == nil {
		t.Errorf("got %s after its time", received.Data)
	}
	c.wantClose(shared.CloseSessionEnded)
}
