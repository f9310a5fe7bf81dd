package assist_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// A staffDeed is one method of the desk by which staff do something to a cart.
type staffDeed struct {
	action string
	// needs is the role that it takes; attended says that it takes attending, too.
	needs    string
	attended bool
	prepare  func(o *office, id string) // what has to be so for it to work
	do       func(o *office, who assist.Staff, id string) error
	after    string // what the audit tells of it
}

var staffDeeds = map[string]staffDeed{
	"Attach": {
		action:  "attach",
		prepare: func(o *office, _ string) { o.wants("ask", second(o.AskHelp(o.t.Context(), guest)), "") },
		do:      func(o *office, who assist.Staff, id string) error { return second(o.Attach(o.t.Context(), who, id)) },
	},
	"AttachByCode": {
		action: "attach_by_code",
		do: func(o *office, who assist.Staff, id string) error {
			code := "999999"
			if o.cart(id).Status == shared.CartOpen {
				code = o.code(guest)
			}
			return second(o.AttachByCode(o.t.Context(), who, code))
		},
	},
	"Knock": {action: "knock", do: func(o *office, who assist.Staff, id string) error { return second(o.Knock(o.t.Context(), who, id)) }},
	"SetLine": {
		action: "set_line", needs: shared.RoleCartEditor, attended: true, after: "3 × LAMP-1",
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.SetLine(o.t.Context(), who, id, lamp.SKU, shared.SetLine{Quantity: 3}))
		},
	},
	"RemoveLine": {
		action: "remove_line", needs: shared.RoleCartEditor, attended: true,
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.RemoveLine(o.t.Context(), who, id, mug.SKU, 0))
		},
	},
	"Undo": {
		action: "undo", needs: shared.RoleCartEditor, attended: true, after: "version 1",
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.Undo(o.t.Context(), who, id, shared.Undo{Version: 1}))
		},
	},
	"SetDiscount": {
		action: "set_discount", needs: shared.RoleDiscounter, attended: true, after: "10.00 % on MUG-1, goodwill",
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.SetDiscount(o.t.Context(), who, id, shared.SetDiscount{SKU: mug.SKU, BasisPoints: 1000, Reason: "goodwill"}))
		},
	},
	"RemoveDiscount": {
		action: "remove_discount", needs: shared.RoleDiscounter, attended: true,
		prepare: func(o *office, id string) {
			rule := cart.SetDiscount(shared.SetDiscount{Amount: 1, Reason: "other"}, "chief", 5000)
			o.wants("discount", second(o.carts.Apply(o.t.Context(), cart.Which{ID: id}, shared.Actor{Kind: shared.ActorStaff}, rule)), "")
		},
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.RemoveDiscount(o.t.Context(), who, id, ""))
		},
	},
	"SendLink": {
		action: "send_link", attended: true, after: "/shop/p/desk-lamp",
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.SendLink(o.t.Context(), who, id, shared.SendLink{URL: "/shop/p/desk-lamp"}, nil))
		},
	},
	"WriteNote": {
		action: "write_note", attended: true, after: fmt.Sprint(len(secretNote), " characters"),
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.WriteNote(o.t.Context(), who, id, shared.WriteNote{Text: secretNote}))
		},
	},
	"OfferHandover": {
		action: "offer_handover", attended: true, after: "to walt",
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.OfferHandover(o.t.Context(), who, id, shared.OfferHandover{To: "walt", Note: secretNote}))
		},
	},
	"PlaceOrder": {
		action: "place_order", needs: shared.RoleCartEditor, attended: true, after: "€25.00",
		prepare: func(o *office, id string) {
			o.wants("make it a phone's", second(o.carts.Apply(o.t.Context(), cart.Which{ID: id}, shared.Actor{}, func(r *cart.Record) (*cart.Outcome, error) {
				r.Phone = true
				return cart.Did(&shared.Activity{Kind: shared.PhoneStarted}, nil)
			})), "")
		},
		do: func(o *office, who assist.Staff, id string) error {
			return second(o.PlaceOrder(o.t.Context(), who, id, shared.PlaceOrder{Total: 2500}))
		},
	},
}

// otherMethods of the desk are tested apart: they only read, are the shopper's, or
// don't change a cart that is there.
var otherMethods = []string{
	"AskHelp", "EndHelp", "NewCode", "DropCode", "Stop", "ViewPage", "MoveLink", "AnswerKnock", // the shopper's
	"View", "Timeline", "Audit", "Newest", "Settings", // read
	"Release", "EndHandover", "StartPhoneOrder", "LookUp", "Exported", // below
	"Run", "ReleaseLapsed", "SetClock", "LinkTo", "ShareThrottles",
}

func TestEveryDeedIsListed(t *testing.T) {
	desk := reflect.TypeFor[*assist.Desk]()
	for i := range desk.NumMethod() {
		name := desk.Method(i).Name
		if _, ok := staffDeeds[name]; !ok && !slices.Contains(otherMethods, name) {
			t.Errorf("%s is new: say what it takes in staffDeeds, or that it is no deed", name)
		}
	}
}

// everyDeed runs a test for each deed on a cart of its own.
func everyDeed(t *testing.T, test func(t *testing.T, o *office, id string, deed staffDeed)) {
	for _, name := range slices.Sorted(maps.Keys(staffDeeds)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, deed := openOffice(t), staffDeeds[name]
			id := o.put(guest)
			if deed.prepare != nil {
				deed.prepare(o, id)
			}
			test(t, o, id, deed)
		})
	}
}

// oneLine returns the one line that the audit has got since it had some.
func (o *office) oneLine(since int) shared.AuditEntry {
	o.t.Helper()
	added := o.audit()[since:]
	if len(added) != 1 {
		o.t.Fatalf("got %d lines in the audit, want one: %+v", len(added), added)
	}
	return added[0]
}

// What is done leaves one line in the audit, with what it was; and what a deed needs,
// whoever does it has.
func TestDeedsThatAreDone(t *testing.T) {
	everyDeed(t, func(t *testing.T, o *office, id string, deed staffDeed) {
		if deed.attended {
			o.attach(guest, zoe)
		}
		lines, version := len(o.audit()), o.cart(id).Version
		o.wants("zoe", deed.do(o, zoe, id), "")
		line := o.oneLine(lines)
		if line.Action != deed.action || line.Staff != "zoe" || line.Outcome != shared.AuditDone || line.CartID != id || line.Cart == "" || line.After != deed.after {
			t.Errorf("got %+v, want %s with %q", line, deed.action, deed.after)
		}
		if deed.attended && line.Consent != shared.ConsentCode {
			t.Errorf("consent: got %+v", line)
		}
		if o.cart(id).Version <= version {
			t.Error("nothing was done")
		}
		if a := o.last(id); a.Actor != (shared.Actor{Kind: shared.ActorStaff, Name: "zoe"}) {
			t.Errorf("the log: got %+v", a)
		}
	})
}

// Whoever lacks the role, or doesn't attend, is refused. That leaves one line in the
// audit, and the cart as it was.
func TestDeedsThatAreRefused(t *testing.T) {
	everyDeed(t, func(t *testing.T, o *office, id string, deed staffDeed) {
		refuses := func(who assist.Staff, code shared.Code) {
			t.Helper()
			lines, before := len(o.audit()), encoded(t, o.cart(id))
			o.wants(who.Name, deed.do(o, who, id), code)
			line := o.oneLine(lines)
			if line.Action != deed.action || line.Staff != who.Name || line.Outcome != string(code) || line.CartID != id || line.Cart == "" || line.After != deed.after {
				t.Errorf("%s: got %+v, want %s refused with %s", who.Name, line, deed.action, code)
			}
			if after := encoded(t, o.cart(id)); after != before {
				t.Errorf("%s: the cart became %s", who.Name, after)
			}
		}
		if deed.attended {
			refuses(zoe, shared.CodeNotAttached)
			o.attach(guest, zoe) // that bob doesn't attend is told from that zoe does
			refuses(bob, shared.CodeNotAttached)
		}
		if deed.needs != "" {
			var without []string
			for _, role := range shared.Roles() {
				if role != deed.needs {
					without = append(without, role)
				}
			}
			lacking := staff("lacking", without...)
			o.attach(guest, lacking)
			refuses(lacking, shared.CodeForbidden)
		}
	})
}

// Of a cart that was ordered, nothing can be changed any more, and it is said so.
func TestDeedsToClosedCarts(t *testing.T) {
	everyDeed(t, func(t *testing.T, o *office, id string, deed staffDeed) {
		o.attach(guest, zoe)
		c := o.cart(id)
		o.wants("order", second(o.carts.PlaceOrder(t.Context(), "guest", shared.PlaceOrder{Total: c.Total.Amount})), "")
		before, code := encoded(t, o.cart(id)), shared.CodeCartClosed
		if deed.action == "attach_by_code" {
			code = shared.CodeUnknownCode
		}
		o.wants("zoe", deed.do(o, zoe, id), code)
		if after := encoded(t, o.cart(id)); after != before {
			t.Errorf("the cart became %s", after)
		}
	})
}

func TestReleaseAndHandoverAreWrittenDown(t *testing.T) {
	o := openOffice(t)
	id := o.attended(known, zoe)
	o.wants("offer", second(o.OfferHandover(t.Context(), zoe, id, shared.OfferHandover{To: "bob"})), "")
	steps := []struct {
		action string
		do     func() error
		who    string
		want   string
	}{
		{"end_handover", func() error { return second(o.EndHandover(t.Context(), carl, id)) }, "carl", string(shared.CodeNotFound)},
		{"end_handover", func() error { return second(o.EndHandover(t.Context(), bob, id)) }, "bob", shared.AuditDone},
		{"release", func() error { return o.Release(t.Context(), zoe, id) }, "zoe", shared.AuditDone},
		{"release", func() error { return o.Release(t.Context(), zoe, "none") }, "zoe", string(shared.CodeNotFound)},
		{"export_audit", func() error { return o.Exported(t.Context(), chief) }, "chief", shared.AuditDone},
	}
	for _, step := range steps {
		lines := len(o.audit())
		_ = step.do()
		if line := o.oneLine(lines); line.Action != step.action || line.Staff != step.who || line.Outcome != step.want {
			t.Errorf("got %+v, want %s by %s: %s", line, step.action, step.who, step.want)
		}
	}
	for _, line := range o.audit() {
		if line.CartID == id && line.Customer != alice.ID {
			t.Errorf("the account is missing in %+v", line)
		}
	}
	if entry := o.audit()[4]; entry.Action != "release" || entry.Consent != shared.ConsentCode {
		t.Errorf("released from: got %+v", entry)
	}
}

// What changes nothing leaves no line.
func TestDeedsThatChangeNothing(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe)
	o.wants("discount", second(o.SetDiscount(ctx, zoe, id, shared.SetDiscount{BasisPoints: 1, Reason: "other"})), "")
	line := o.cart(id).Lines[0]
	lines := len(o.audit())
	o.wants("attach", second(o.Attach(ctx, zoe, id)), "")
	o.wants("knock", second(o.Knock(ctx, zoe, id)), "")
	o.wants("set", second(o.SetLine(ctx, zoe, id, mug.SKU, shared.SetLine{Quantity: line.Quantity, Version: line.Version})), "")
	o.wants("discount again", second(o.SetDiscount(ctx, zoe, id, shared.SetDiscount{BasisPoints: 1, Reason: "other"})), "")
	o.wants("release", o.Release(ctx, bob, id), "")
	if added := o.audit()[lines:]; len(added) != 0 {
		t.Errorf("got %+v", added)
	}
}

// Whatever is sent, an audit line holds no e-mail address, can be kept, and is short.
func TestAuditIsPlain(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(known, zoe)
	o.wants("a link", second(o.SendLink(ctx, zoe, id, shared.SendLink{URL: "/shop?q=" + secretEmail}, nil)), "")
	o.wants("a letter", second(o.SendLink(ctx, zoe, id, shared.SendLink{URL: "mailto:" + secretEmail}, nil)), shared.CodeBadLink)
	o.wants("a product", second(o.SetLine(ctx, zoe, id, secretEmail, shared.SetLine{Quantity: 1})), shared.CodeUnknownProduct)
	o.wants("a strange one", second(o.SetLine(ctx, zoe, id, "a\x00\xff", shared.SetLine{Quantity: 1})), shared.CodeUnknownProduct)
	o.wants("a long one", second(o.SetLine(ctx, zoe, id, strings.Repeat("ä", 1000), shared.SetLine{Quantity: 1})), shared.CodeUnknownProduct)
	o.wants("a cart", o.Release(ctx, zoe, secretEmail), shared.CodeNotFound)
	o.wants("a colleague", second(o.OfferHandover(ctx, zoe, id, shared.OfferHandover{To: secretEmail, Note: secretNote})), shared.CodeInvalid)
	o.wants("a reason", second(o.SetDiscount(ctx, zoe, id, shared.SetDiscount{BasisPoints: 1, Reason: secretEmail})), shared.CodeInvalid)
	o.wants("a note", second(o.WriteNote(ctx, zoe, id, shared.WriteNote{Text: secretNote})), "")
	o.wants("a phone order", second(o.StartPhoneOrder(ctx, zoe, shared.StartPhoneOrder{Name: secretName, Email: secretEmail})), "")
	o.wants("one for nobody", second(o.StartPhoneOrder(ctx, zoe, shared.StartPhoneOrder{Email: secretEmail})), shared.CodeInvalid)
	o.wants("by who may not", second(o.StartPhoneOrder(ctx, walt, shared.StartPhoneOrder{Name: secretName})), shared.CodeForbidden)
	_, err := o.LookUp(ctx, zoe, secretEmail)
	o.wants("a look-up", err, "")
	audit := o.audit()
	if len(audit) != 14 { // and one for attaching
		t.Errorf("got %d lines: %+v", len(audit), audit)
	}
	for _, line := range audit {
		text := encoded(t, line)
		for _, secret := range []string{secretName, secretEmail, "alice.secret", secretNote, "�\x00"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in %s", secret, text)
			}
		}
		if len(line.After) > 210 || line.Staff == "" || line.Outcome == "" || line.At.IsZero() {
			t.Errorf("got %+v", line)
		}
	}
	if last := audit[len(audit)-1]; last.Action != "look_up_email" || last.Customer != alice.ID || last.After != "2 carts" {
		t.Errorf("the look-up: got %+v", last)
	}
}

func TestAuditIsPaged(t *testing.T) {
	o := openOffice(t)
	for range 5 {
		o.wants("export", o.Exported(t.Context(), chief), "")
	}
	var got []int64
	for after := int64(0); ; {
		list, err := o.Audit(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Entries {
			got = append(got, e.ID)
		}
		if after = list.Next; after == 0 {
			break
		}
	}
	if len(got) != 5 || !slices.IsSorted(got) {
		t.Errorf("got %v", got)
	}
}

// Who hangs up before the answer has come is written down all the same.
func TestHangingUpIsNoWayPastTheAudit(t *testing.T) {
	o := openOffice(t)
	for range 10 {
		o.wants("a guess", second(o.AttachByCode(t.Context(), zoe, "000000")), shared.CodeUnknownCode)
	}
	lines := len(o.audit())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.wants("one more", second(o.AttachByCode(ctx, zoe, "000000")), shared.CodeTooMany)
	if line := o.oneLine(lines); line.Action != "attach_by_code" || line.Outcome != string(shared.CodeTooMany) {
		t.Errorf("got %+v", line)
	}
}
