package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cartline/shared"
)

// secrets are what a test's events and lists must not hold.
var secrets = []string{"Zebedee", "zebedee@quux.example", "among-colleagues"}

// TestAssist has one of the staff attend a shopper's cart, with another who only
// watches, on each store: everyone hears what they may, and no more.
func TestAssist(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			database := store.open(t)
			s := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
			must(t, "correct horse\n", "staff", "add", "ann", "--role", "event_listener", "--role", "cart_editor", "--database", database)
			shopper, ann, demo := s.visitor(t), s.visitor(t), s.visitor(t)
			demo.signInDemo(t)
			if got := ann.signIn(t, "ann", "correct horse"); got != http.StatusOK {
				t.Fatalf("ann's sign-in: got %d", got)
			}
			watching := demo.open(t, "/events/io")
			watching.listen(t, shared.ChannelCartActivity)

			// The shopper's own page, and whoever isn't let in to the cart.
			var cart shared.Cart
			shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":2}`, &cart)
			own := shopper.open(t, "/events/io")
			own.listen(t, shared.ChannelMyCart)
			attending := ann.open(t, "/events/io")
			attending.send(t, `{"listen":"`+shared.ChannelOfCart(cart.ID)+`"}`)
			if got := attending.next(t); !strings.Contains(got, string(shared.CodeNotAttached)) {
				t.Errorf("ann, not attending: got %s", got)
			}
			var code shared.AssistCode
			shopper.ask(t, "POST", "/api/cart/code", "", &code)
			var found shared.FoundCarts
			ann.ask(t, "POST", "/api/carts/find", fmt.Sprintf(`{"code":%q}`, code.Code), &found)
			attending.listen(t, shared.ChannelOfCart(cart.ID))
			before := versionOf(t, shopper)

			// All three hear of an edit, a sign-up, and, but for the shopper, a note.
			path := "/api/carts/" + cart.ID
			ann.ask(t, "PUT", path+"/lines/TEAPOT-1", `{"quantity":1}`, nil)
			shopper.ask(t, "POST", "/api/customers", `{"name":"Zebedee","email":"zebedee@quux.example","password":"correct horse"}`, nil)
			ann.ask(t, "POST", path+"/notes", `{"text":"among-colleagues"}`, nil)
			shopper.ask(t, "POST", "/api/cart/stop", `{}`, nil)
			own.wantClose(t, shared.CloseSessionEnded) // by the sign-up
			want := []shared.ActivityKind{shared.LineAdded, shared.CodeShown, shared.Attached, shared.LineAdded, shared.SignedIn, shared.NoteWritten, shared.Released}
			for i, kind := range want {
				text := watching.next(t)
				if got := kindOf(t, text); got != kind {
					t.Errorf("message %d to who watches: got %s, want %s", i, got, kind)
				}
				wantNone(t, text, secrets...)
			}
			noted := false
			for i, kind := range want[3:6] {
				text := attending.next(t)
				for i == 0 && eventOf(t, text, shared.ChannelOfCart(cart.ID)).Activity.CartVersion <= before && !t.Failed() {
					text = attending.next(t) // it was told only after ann listened
				}
				event := eventOf(t, text, shared.ChannelOfCart(cart.ID))
				if event.Activity.Kind != kind || event.Cart.Version != event.Activity.CartVersion || event.Cart.ID != cart.ID {
					t.Errorf("to who attends: got %s, want %s and the cart after it", text, kind)
				}
				wantNone(t, text, secrets[:2]...)
				noted = noted || strings.Contains(text, secrets[2])
			}
			if !noted {
				t.Error("who attends got no note")
			}
			// The end of the access is all that ann gets of what ended it.
			if got, want := attending.next(t), `["unlistening",{"channel":"`+shared.ChannelOfCart(cart.ID)+`"}]`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := ann.ask(t, "PUT", path+"/lines/TEAPOT-1", `{"quantity":5}`, nil).StatusCode; got != http.StatusForbidden {
				t.Errorf("ann, stopped: got %d, want 403", got)
			}
			own = shopper.open(t, "/events/io")
			own.listen(t, shared.ChannelMyCart)
			before = versionOf(t, shopper)
			shopper.ask(t, "DELETE", "/api/cart/lines/TEAPOT-1", "", nil)
			if event := changeAfter(t, own, before); event.Activity.Kind != shared.LineRemoved || len(event.Cart.Lines) != 1 {
				t.Errorf("to the shopper: got %+v", event)
			}
		})
	}
}

// TestPresence releases a representative whose connection is gone, and not before.
func TestPresence(t *testing.T) {
	t.Parallel()
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", stores[0].open(t))
	shopper, staff := s.visitor(t), s.visitor(t)
	staff.signInDemo(t)
	var cart shared.Cart
	shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":2}`, nil)
	shopper.ask(t, "POST", "/api/cart/help", "", &cart)
	staff.ask(t, "POST", "/api/carts/"+cart.ID+"/claim", "", nil)
	own := shopper.open(t, "/events/io")
	own.listen(t, shared.ChannelMyCart)
	page := staff.open(t, "/events/io")
	page.listen(t, shared.ChannelOfCart(cart.ID))
	before := versionOf(t, shopper)
	began := time.Now()
	page.Abandon()
	event := changeAfter(t, own, before)
	if event.Activity.Kind != shared.Released || event.Activity.Reason != shared.ReleasedDisconnected || len(event.Cart.Attendants) != 0 {
		t.Errorf("got %+v, want the representative released", event)
	}
	if waited := time.Since(began); waited < 10*time.Second {
		t.Errorf("released after %v: a page that is loaded again would lose the cart", waited)
	}
}

// versionOf is that of a shopper's cart.
func versionOf(t *testing.T, shopper *visitor) int64 {
	t.Helper()
	var cart shared.Cart
	shopper.ask(t, "GET", "/api/cart", "", &cart)
	return cart.Version
}

// changeAfter is the next event of a shopper's own cart after a version of it. Who listens
// just after a change may be told of it still.
func changeAfter(t *testing.T, s *wsClient, version int64) shared.CartEvent {
	t.Helper()
	event := eventOf(t, nextOf(t, s), shared.ChannelMyCart)
	for event.Activity.CartVersion <= version && !t.Failed() {
		event = eventOf(t, nextOf(t, s), shared.ChannelMyCart)
	}
	return event
}

// nextOf is next with patience of its own, beside what the connection has had of it.
func nextOf(t *testing.T, s *wsClient) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	message, err := s.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(message.Data)
}

func kindOf(t *testing.T, text string) shared.ActivityKind {
	t.Helper()
	message, err := shared.ParseMessage([]byte(text))
	var activity shared.Activity
	if err != nil || message.Kind != shared.ChannelCartActivity || message.Into(&activity) != nil {
		t.Fatalf("got %s, want an activity", text)
	}
	return activity.Kind
}

func eventOf(t *testing.T, text, channel string) (event shared.CartEvent) {
	t.Helper()
	message, err := shared.ParseMessage([]byte(text))
	if err != nil || message.Kind != channel || json.Unmarshal(message.Payload, &event) != nil || message.Meta.Cursor == "" {
		t.Errorf("got %s, want an event on %s with its cursor", text, channel)
	}
	return event
}

func wantNone(t *testing.T, text string, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(text, u) {
			t.Errorf("got %q in %s", u, text)
		}
	}
}
