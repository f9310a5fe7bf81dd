package assist_test

import (
	"regexp"
	"strings"
	"testing"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// limitShown is zoe's limit where a text tells it, and not where digits happen to be those,
// as in a time.
var limitShown = regexp.MustCompile(`:2000\b`)

// secrets says which of the sentinels a text holds.
func secrets(text string) string {
	var found []string
	for _, secret := range []struct{ name, text string }{{"email", secretEmail}, {"name", secretName}, {"note", secretNote}} {
		if strings.Contains(text, secret.text) {
			found = append(found, secret.name)
		}
	}
	return strings.Join(found, " ")
}

// busyCart makes a customer's cart to which everything has happened that this package
// and package cart can tell of.
func busyCart(o *office) string {
	o.t.Helper()
	ctx := o.t.Context()
	id := o.attended(known, zoe)
	if r := mustCart(o, "home"); r.Customer != alice.ID {
		o.t.Fatalf("got %+v", r)
	}
	o.wants("page", o.ViewPage(ctx, "home", shared.ViewPage{Path: "/shop?q=" + secretName}), "")
	o.wants("note", second(o.WriteNote(ctx, zoe, id, shared.WriteNote{Text: secretNote})), "")
	o.wants("discount", second(o.SetDiscount(ctx, zoe, id, shared.SetDiscount{SKU: mug.SKU, BasisPoints: 100, Reason: "other"})), "")
	o.wants("discount", second(o.SetDiscount(ctx, zoe, id, shared.SetDiscount{BasisPoints: 100, Reason: "other"})), "")
	o.wants("no discount", second(o.RemoveDiscount(ctx, zoe, id, "")), "")
	o.wants("discount again", second(o.Undo(ctx, zoe, id, shared.Undo{Version: o.cart(id).Version})), "")
	o.wants("link", second(o.SendLink(ctx, zoe, id, shared.SendLink{URL: "/shop/p/desk-lamp"}, nil)), "")
	link := o.cart(id).Links[0].ID
	for _, state := range []shared.LinkState{shared.LinkDelivered, shared.LinkOpened} {
		o.wants("move", second(o.MoveLink(ctx, "home", link, shared.MoveLink{State: state})), "")
	}
	o.wants("add", second(o.carts.SetLine(ctx, known, lamp.SKU, shared.SetLine{Quantity: 1})), "")
	o.wants("remove", second(o.carts.RemoveLine(ctx, "home", lamp.SKU, 0)), "")
	o.wants("help", second(o.AskHelp(ctx, known)), "")
	o.wants("no help", second(o.EndHelp(ctx, "home")), "")
	o.wants("knock", second(o.Knock(ctx, bob, id)), "")
	o.wants("no", second(o.AnswerKnock(ctx, "home", shared.AnswerKnock{Staff: "bob"})), "")
	o.wants("knock", second(o.Knock(ctx, carl, id)), "")
	o.wants("offer", second(o.OfferHandover(ctx, zoe, id, shared.OfferHandover{To: "walt", Note: secretNote})), "")
	o.wants("decline", second(o.EndHandover(ctx, walt, id)), "")
	o.wants("offer", second(o.OfferHandover(ctx, zoe, id, shared.OfferHandover{To: "walt", Note: secretNote})), "")
	return id
}

// Who the customer is, only those learn who attend the cart; what staff write, they
// and the one to whom it is handed over; and nobody else, on whatever way.
func TestMasks(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := busyCart(o)
	view := func(who assist.Staff) string {
		shown, attached, err := o.View(ctx, who, o.cart(id))
		if err != nil || attached != (who.Name == "zoe") {
			t.Errorf("%s: attached %v, %v", who.Name, attached, err)
		}
		return encoded(t, shown)
	}
	timeline := func(who assist.Staff) string {
		shown, err := o.Timeline(ctx, who, id, 0, 0)
		if err != nil || len(shown.Activities) < 15 {
			t.Errorf("%s: got %d activities, %v", who.Name, len(shown.Activities), err)
		}
		return encoded(t, shown)
	}
	list, err := o.carts.Carts(ctx, "", 0, true)
	if err != nil {
		t.Fatal(err)
	}
	found, err := o.LookUp(ctx, walt, secretEmail)
	if err != nil || len(found) != 1 {
		t.Fatalf("got %+v, %v", found, err)
	}
	orders, err := o.carts.Orders(ctx, known)
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct{ text, want string }{
		"who attends":                      {view(zoe), "email name note"},
		"a watcher":                        {view(bob), ""},
		"even an admin":                    {view(chief), ""},
		"to whom it is offered":            {view(walt), "note"},
		"the shopper":                      {encoded(t, assist.ForShopper(o.cart(id).Cart)), ""},
		"the timeline for who attends":     {timeline(zoe), "note"},
		"for a watcher":                    {timeline(bob), ""},
		"for to whom it is offered":        {timeline(walt), ""},
		"the list":                         {encoded(t, list), ""},
		"what an e-mail address leads to":  {encoded(t, found), ""},
		"the audit":                        {encoded(t, o.audit()), ""},
		"the log of the server":            {o.logged.String(), ""},
		"the shopper's orders":             {encoded(t, orders), ""},
		"what is kept with the cart, name": {strings.ReplaceAll(encoded(t, o.cart(id)), secretNote, ""), ""},
	} {
		if got := secrets(test.text); got != test.want {
			t.Errorf("%s: reads %q, want %q in %s", what, got, test.want, test.text)
		}
	}
	if shown := encoded(t, assist.ForShopper(o.cart(id).Cart)); limitShown.MatchString(shown) || !strings.Contains(shown, `"basis_points":100`) {
		t.Errorf("the shopper sees how much more might be taken off: %s", shown)
	}
	if d := o.cart(id).Discount; d == nil || d.MaxBasisPoints != 2000 {
		t.Errorf("showing the cart changed it: %+v", d)
	}
}

// Every entry of the log, for every audience.
func TestPayloadMasks(t *testing.T) {
	o := openOffice(t)
	id := busyCart(o)
	if _, err := o.carts.PlaceOrder(t.Context(), "home", shared.PlaceOrder{Total: o.cart(id).Total.Amount}); err != nil {
		t.Fatal(err)
	}
	entries, err := o.store.After(t.Context(), cart.Position{}, cart.Scope{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	toShopper := 0
	for _, entry := range entries {
		notes := entry.Kind == shared.NoteWritten || entry.Kind == shared.HandoverOffered
		for audience, name := range map[assist.Audience]string{assist.Watchers: "watchers", assist.Attendants: "attendants", assist.Shoppers: "shopper"} {
			payload, told, err := assist.Payload(entry, audience)
			if err != nil || told != (payload != nil) {
				t.Fatalf("%s to %s: told %v, %s, %v", entry.Kind, name, told, payload, err)
			}
			got := secrets(string(payload))
			switch {
			case audience != assist.Attendants && got != "":
				t.Errorf("%s: the %s read %q in %s", entry.Kind, name, got, payload)
			case audience == assist.Attendants && (got != "" && got != "note" || notes && got == ""):
				t.Errorf("%s: the %s read %q in %s", entry.Kind, name, got, payload)
			case audience != assist.Shoppers && !told:
				t.Errorf("%s isn't told to %s", entry.Kind, name)
			case audience == assist.Shoppers && told == (notes || entry.Kind == shared.HandoverEnded):
				t.Errorf("%s is told to the shopper: %v", entry.Kind, told)
			case audience == assist.Shoppers && limitShown.Match(payload):
				t.Errorf("%s: the shopper reads a limit in %s", entry.Kind, payload)
			}
			if audience == assist.Shoppers && told {
				toShopper++
				if !strings.Contains(string(payload), `"cart":{"id":"`+id) {
					t.Errorf("%s: the cart is missing in %s", entry.Kind, payload)
				}
			}
		}
		names, err := assist.AttendantsOf(entry)
		attended := entry.Kind != shared.LineAdded && entry.Kind != shared.CodeShown && entry.Kind != shared.Ordered
		if err != nil || attended && strings.Join(names, " ") != "zoe" || entry.Kind == shared.Ordered && len(names) != 0 {
			t.Errorf("after %s: %v attend, %v", entry.Kind, names, err)
		}
	}
	if toShopper < 15 {
		t.Errorf("the shopper is told %d of %d", toShopper, len(entries))
	}
	for _, audience := range []assist.Audience{assist.Attendants, assist.Shoppers} {
		for _, broken := range []cart.Entry{{Activity: []byte("{"), State: []byte("{}")}, {Activity: []byte("{}"), State: []byte("{")}} {
			if payload, told, err := assist.Payload(broken, audience); err == nil || told {
				t.Errorf("got %s, %v, %v of what can't be read", payload, told, err)
			}
		}
	}
	if _, err := assist.AttendantsOf(cart.Entry{State: []byte("{")}); err == nil {
		t.Error("attendants of what can't be read")
	}
}

// A customer who was erased is nobody any more, also for those who attend.
func TestViewOfAnErasedCustomer(t *testing.T) {
	o := openOffice(t)
	id := o.attended(known, zoe)
	o.people.customers = nil
	if shown, attached, err := o.View(t.Context(), zoe, o.cart(id)); err != nil || !attached || shown.Customer != nil {
		t.Errorf("got %+v, %v, %v", shown, attached, err)
	}
	o.wants("timeline of nothing", second(o.Timeline(t.Context(), zoe, "none", 0, 0)), shared.CodeNotFound)
}

// When the guest signs in, whoever attends their cart goes along, and learns who it is.
func TestAttendantsFollowAMerge(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	o.put(known)
	home := mustCart(o, "home").ID
	o.attended(guest, zoe)
	if _, err := o.Knock(ctx, zoe, home); err != nil {
		t.Fatal(err)
	}
	merged, err := o.carts.SignIn(ctx, "guest", known)
	if err != nil || merged != 1 || o.attendants(home) != "zoe:code" {
		t.Fatalf("got %d, %v, %q", merged, err, o.attendants(home))
	}
	shown, attached, err := o.View(ctx, zoe, o.cart(home))
	if err != nil || !attached || shown.Customer == nil || *shown.Customer != alice {
		t.Errorf("got %+v, %v, %v", shown, attached, err)
	}
	o.wants("the old question", second(o.AnswerKnock(ctx, "home", shared.AnswerKnock{Staff: "zoe", Accept: true})), shared.CodeNotFound)
	o.wants("edit", second(o.SetLine(ctx, zoe, home, lamp.SKU, shared.SetLine{Quantity: 1})), "")
	o.pass(assist.DefaultAbsence * 2)
	if err := o.ReleaseLapsed(ctx); err != nil || o.attendants(home) != "" {
		t.Errorf("gone: got %v, %q", err, o.attendants(home))
	}
}
