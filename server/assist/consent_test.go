package assist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// Every way to attend a cart leaves its consent with the cart, in the log and in the
// audit; without any, nobody attends.
func TestConsent(t *testing.T) {
	attach := func(o *office, who assist.Staff, id string) error {
		_, err := o.Attach(o.t.Context(), who, id)
		return err
	}
	tests := []struct {
		name    string
		how     func(*assist.Config)
		do      func(o *office, id string) error
		want    string
		code    shared.Code
		action  string
		consent shared.Consent
	}{
		{"none", nil, func(o *office, id string) error { return attach(o, zoe, id) }, "", shared.CodeConsentNeeded, "attach", ""},
		{"notice", withoutConsent, func(o *office, id string) error { return attach(o, zoe, id) }, "zoe:notice", "", "attach", shared.ConsentNotice},
		{"request", nil, func(o *office, id string) error {
			if _, err := o.AskHelp(o.t.Context(), guest); err != nil {
				return err
			}
			return attach(o, zoe, id)
		}, "zoe:request", "", "attach", shared.ConsentRequest},
		{"request that was taken back", nil, func(o *office, id string) error {
			if _, err := o.AskHelp(o.t.Context(), guest); err != nil {
				return err
			}
			if _, err := o.EndHelp(o.t.Context(), "guest"); err != nil {
				return err
			}
			return attach(o, zoe, id)
		}, "", shared.CodeConsentNeeded, "attach", ""},
		{"request that another has answered", nil, func(o *office, id string) error {
			if _, err := o.AskHelp(o.t.Context(), guest); err != nil {
				return err
			}
			if err := attach(o, bob, id); err != nil {
				return err
			}
			return attach(o, zoe, id)
		}, "bob:request", shared.CodeConsentNeeded, "attach", ""},
		{"code", nil, func(o *office, _ string) error {
			_, err := o.AttachByCode(o.t.Context(), zoe, o.code(guest))
			return err
		}, "zoe:code", "", "attach_by_code", shared.ConsentCode},
		{"a knock that waits", nil, func(o *office, id string) error {
			if _, err := o.Knock(o.t.Context(), zoe, id); err != nil {
				return err
			}
			return attach(o, zoe, id)
		}, "", shared.CodeConsentNeeded, "attach", ""},
		{"a knock that was answered", nil, func(o *office, id string) error {
			if _, err := o.Knock(o.t.Context(), zoe, id); err != nil {
				return err
			}
			_, err := o.AnswerKnock(o.t.Context(), "guest", shared.AnswerKnock{Staff: "zoe", Accept: true})
			return err
		}, "zoe:knock", "", "attach_by_knock", shared.ConsentKnock},
	}
	for _, test := range tests {
		configure := []func(*assist.Config){}
		if test.how != nil {
			configure = append(configure, test.how)
		}
		o := openOffice(t, configure...)
		id := o.put(guest)
		o.wants(test.name, test.do(o, id), test.code)
		if got := o.attendants(id); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		audit := o.audit()
		last := audit[len(audit)-1]
		outcome := shared.AuditDone
		if test.code != "" {
			outcome = string(test.code)
		}
		if last.Action != test.action || last.Consent != test.consent || last.Outcome != outcome || last.CartID != id || last.Staff != "zoe" {
			t.Errorf("%s: got the audit %+v", test.name, last)
		}
		if a := o.last(id); test.code == "" && (a.Kind != shared.Attached || a.Staff != "zoe" || a.Consent != test.consent) {
			t.Errorf("%s: got the activity %+v", test.name, a)
		}
	}
}

func TestAttachAgainChangesNothing(t *testing.T) {
	o := openOffice(t)
	id := o.attended(guest, zoe)
	version, lines := o.cart(id).Version, len(o.audit())
	if r, err := o.Attach(t.Context(), zoe, id); err != nil || r.Version != version || len(o.audit()) != lines {
		t.Errorf("got %+v, %v", r, err)
	}
	o.wants("what isn't there", second(o.Attach(t.Context(), zoe, "none")), shared.CodeNotFound)
	o.wants("what can't be", second(o.Attach(t.Context(), zoe, "a\x00")), shared.CodeNotFound)
}

func second[T any](_ T, err error) error { return err }

func TestOnlySoManyAttend(t *testing.T) {
	o := openOffice(t, withoutConsent)
	id := o.put(guest)
	for i := range shared.MaxAttendants {
		o.wants("within the limit", second(o.Attach(t.Context(), staff(fmt.Sprint("s", i)), id)), "")
	}
	o.wants("one more", second(o.Attach(t.Context(), zoe, id)), shared.CodeTooMany)
	o.wants("by code", second(o.AttachByCode(t.Context(), zoe, o.code(guest))), shared.CodeTooMany)
	if n := len(o.cart(id).Attendants); n != shared.MaxAttendants {
		t.Errorf("%d attend", n)
	}
}

func TestCodes(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	try := func(code string) error { return second(o.AttachByCode(ctx, zoe, code)) }
	first := o.code(guest)
	id := o.cart(mustCart(o, "guest").ID).ID
	if len(first) != shared.CodeDigits || !shared.IsCode(first) {
		t.Errorf("got the code %q", first)
	}
	renewed := o.code(guest)
	o.wants("one that was renewed", try(first), shared.CodeUnknownCode)
	o.pass(10 * time.Minute)
	o.wants("one whose time is up", try(renewed), shared.CodeUnknownCode)
	third := o.code(guest)
	o.pass(10*time.Minute - time.Second)
	o.wants("at the last moment", try(third), "")
	o.wants("a second time", try(third), shared.CodeUnknownCode)
	fourth := o.code(guest)
	if err := o.DropCode(ctx, "guest"); err != nil {
		t.Fatal(err)
	}
	o.wants("one that was dropped", try(fourth), shared.CodeUnknownCode)
	if got := o.attendants(id); got != "zoe:code" {
		t.Errorf("got %q", got)
	}
	fifth := o.code(guest)
	o.wants("by one who attends already", try(fifth), "")
	if got := o.attendants(id); got != "zoe:code" {
		t.Errorf("twice: got %q", got)
	}
	for _, shopper := range []string{"", "nobody", "guest"} { // has none, has none, has used it
		if err := o.DropCode(ctx, shopper); err != nil {
			t.Errorf("%q drops no code: %v", shopper, err)
		}
	}
	for _, a := range o.log(id) {
		if text := encoded(t, a); strings.Contains(text, first) || strings.Contains(text, third) {
			t.Errorf("the code is told in %s", text)
		}
	}
}

func mustCart(o *office, shopper string) cart.Record {
	o.t.Helper()
	r, err := o.carts.CartOf(o.t.Context(), shopper)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// Ten wrong codes are one too many for the next, right or wrong; each leaves a line in
// the audit and in the log. Others aren't kept from theirs.
func TestWrongCodesAreThrottled(t *testing.T) {
	o := openOffice(t)
	id := o.put(guest)
	right := o.code(guest)
	for i := range 20 { // right ones don't count
		o.wants("right", second(o.AttachByCode(t.Context(), bob, o.code(cart.Shopper{ID: fmt.Sprint("other", i)}))), "")
	}
	lines := len(o.audit())
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for range 10 {
		o.wants("wrong", second(o.AttachByCode(t.Context(), zoe, wrong)), shared.CodeUnknownCode)
	}
	err := second(o.AttachByCode(t.Context(), zoe, right))
	o.wants("throttled", err, shared.CodeTooMany)
	if p := err.(*shared.Problem); p.RetryAfter < 1 || p.RetryAfter > 900 {
		t.Errorf("retry after %d seconds", p.RetryAfter)
	}
	if got := o.attendants(id); got != "" {
		t.Errorf("got %q", got)
	}
	added := o.audit()[lines:]
	if len(added) != 11 || added[0].Outcome != string(shared.CodeUnknownCode) || added[10].Outcome != string(shared.CodeTooMany) || added[0].Staff != "zoe" {
		t.Errorf("got the audit %+v", added)
	}
	if got := strings.Count(o.logged.String(), "wrong assist code"); got != 10 || strings.Contains(o.logged.String(), wrong) {
		t.Errorf("%d of 10 logged: %s", got, o.logged)
	}
	o.wants("someone else", second(o.AttachByCode(t.Context(), bob, right)), "")
}

func TestKnocks(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.put(guest)
	knock := func(who assist.Staff) error { return second(o.Knock(ctx, who, id)) }
	answer := func(who string, accept bool) error {
		return second(o.AnswerKnock(ctx, "guest", shared.AnswerKnock{Staff: who, Accept: accept}))
	}
	o.wants("an answer to no question", answer("zoe", true), shared.CodeNotFound)
	o.wants("zoe knocks", knock(zoe), "")
	version := o.cart(id).Version
	o.wants("again, while it waits", knock(zoe), "")
	if o.cart(id).Version != version {
		t.Error("knocking again changed something")
	}
	o.wants("an answer to someone else", answer("bob", true), shared.CodeNotFound)
	o.wants("no", answer("zoe", false), "")
	if last := o.last(id); last.Kind != shared.KnockDeclined || last.Staff != "zoe" {
		t.Errorf("got %+v", last)
	}
	o.wants("yes after no", answer("zoe", true), shared.CodeNotFound)
	o.wants("knock after no", knock(zoe), shared.CodeTooMany)
	o.wants("another may", knock(bob), "")
	o.pass(time.Minute)
	o.wants("bob's has lapsed", answer("bob", true), shared.CodeNotFound)
	o.wants("still no", knock(zoe), shared.CodeTooMany)
	o.pass(4 * time.Minute)
	o.wants("after five minutes", knock(zoe), "")
	o.wants("yes", answer("zoe", true), "")
	if got := o.attendants(id); got != "zoe:knock" || len(o.cart(id).Knocks) != 0 {
		t.Errorf("got %q and the knocks %+v", got, o.cart(id).Knocks)
	}
	o.wants("at a cart that one attends", knock(zoe), "")
	if last := o.last(id); last.Kind != shared.Attached {
		t.Errorf("got %+v", last)
	}
	o.wants("nobody", second(o.AnswerKnock(ctx, "", shared.AnswerKnock{Staff: "zoe"})), shared.CodeNotFound)
	o.wants("to no one", second(o.AnswerKnock(ctx, "guest", shared.AnswerKnock{})), shared.CodeInvalid)
}

func TestKnocksAreBounded(t *testing.T) {
	o := openOffice(t)
	id := o.put(guest)
	for i := range shared.MaxAttendants {
		o.wants("within the limit", second(o.Knock(t.Context(), staff(fmt.Sprint("s", i)), id)), "")
	}
	o.wants("too many at one cart", second(o.Knock(t.Context(), zoe, id)), shared.CodeTooMany)
	for i := range 29 {
		o.wants("many carts", second(o.Knock(t.Context(), zoe, o.put(cart.Shopper{ID: fmt.Sprint(i)}))), "")
	}
	o.wants("too many carts", second(o.Knock(t.Context(), zoe, o.put(cart.Shopper{ID: "another"}))), shared.CodeTooMany)
	o.wants("another's first", second(o.Knock(t.Context(), bob, o.put(cart.Shopper{ID: "third"}))), "")
}

func TestHandover(t *testing.T) {
	o := openOffice(t)
	ctx := t.Context()
	id := o.attended(guest, zoe)
	offer := func(who assist.Staff, to string) error {
		return second(o.OfferHandover(ctx, who, id, shared.OfferHandover{To: to, Note: secretNote}))
	}
	attach := func(who assist.Staff) error { return second(o.Attach(ctx, who, id)) }
	end := func(who assist.Staff) error { return second(o.EndHandover(ctx, who, id)) }
	o.wants("by who doesn't attend", offer(carl, "bob"), shared.CodeNotAttached)
	o.wants("to oneself", offer(zoe, "zoe"), shared.CodeInvalid)
	o.wants("to who may not", offer(zoe, "stranger"), shared.CodeInvalid)
	o.wants("to nobody", offer(zoe, ""), shared.CodeInvalid)
	o.wants("nothing to end", end(zoe), shared.CodeNotFound)

	o.wants("offer", offer(zoe, "bob"), "")
	o.wants("someone else can't accept", attach(carl), shared.CodeConsentNeeded)
	o.wants("nor end it", end(carl), shared.CodeNotFound)
	for who, sees := range map[string]bool{"zoe": true, "bob": true, "carl": false} {
		shown, _, err := o.View(ctx, staff(who), o.cart(id))
		if err != nil || shown.Handover == nil || (shown.Handover.Note == secretNote) != sees {
			t.Errorf("%s sees %+v, %v", who, shown.Handover, err)
		}
	}
	o.wants("declined", end(bob), "")
	o.wants("after that", attach(bob), shared.CodeConsentNeeded)
	o.wants("offer again", offer(zoe, "bob"), "")
	o.wants("withdrawn", end(zoe), "")
	o.wants("after that", attach(bob), shared.CodeConsentNeeded)
	if last := o.last(id); last.Kind != shared.HandoverEnded || o.cart(id).Handover != nil {
		t.Errorf("got %+v", last)
	}

	o.wants("offer once more", offer(zoe, "bob"), "")
	o.wants("accepted", attach(bob), "")
	if got := o.attendants(id); got != "bob:code" || o.cart(id).Handover != nil {
		t.Errorf("got %q, %+v", got, o.cart(id).Handover)
	}
	if last := o.last(id); last.Kind != shared.Attached || last.Reason != shared.ReleasedHandedOver || last.Staff != "bob" || last.Consent != shared.ConsentCode {
		t.Errorf("got %+v", last)
	}
	o.wants("zoe is out", second(o.RemoveLine(ctx, zoe, id, mug.SKU, 0)), shared.CodeNotAttached)
	o.wants("bob leaves", o.Release(ctx, bob, id), "")
	o.wants("bob offered nothing", attach(zoe), shared.CodeConsentNeeded)
}

// An offer goes with who made it.
func TestHandoverEndsWithItsSender(t *testing.T) {
	o := openOffice(t)
	id := o.attended(guest, zoe)
	o.wants("offer", second(o.OfferHandover(t.Context(), zoe, id, shared.OfferHandover{To: "bob"})), "")
	o.wants("leave", o.Release(t.Context(), zoe, id), "")
	o.wants("accept", second(o.Attach(t.Context(), bob, id)), shared.CodeConsentNeeded)
	version := o.cart(id).Version
	o.wants("leave again", o.Release(t.Context(), zoe, id), "")
	if o.cart(id).Version != version {
		t.Error("leaving twice changed something")
	}
}

// Stop ends the attendance, and whatever would let the same people in again.
func TestStop(t *testing.T) {
	stop := func(o *office, name string) {
		o.t.Helper()
		o.wants("stop "+name, second(o.Stop(o.t.Context(), "guest", shared.StopAssistance{Staff: name})), "")
	}
	t.Run("one", func(t *testing.T) {
		o := openOffice(t)
		id := o.attended(guest, zoe, bob)
		code := o.code(guest)
		if _, err := o.AskHelp(t.Context(), guest); err != nil {
			t.Fatal(err)
		}
		o.wants("offer", second(o.OfferHandover(t.Context(), bob, id, shared.OfferHandover{To: "zoe"})), "")
		stop(o, "zoe")
		if got := o.attendants(id); got != "bob:code" {
			t.Errorf("got %q", got)
		}
		last := o.last(id)
		if last.Kind != shared.Released || last.Staff != "zoe" || last.Reason != shared.ReleasedByShopper || last.Actor.Kind != shared.ActorShopper {
			t.Errorf("got %+v", last)
		}
		o.wants("by help or handover", second(o.Attach(t.Context(), zoe, id)), shared.CodeConsentNeeded)
		o.wants("by the code", second(o.AttachByCode(t.Context(), zoe, code)), shared.CodeUnknownCode)
		version := o.cart(id).Version
		stop(o, "zoe")
		stop(o, "walt")
		if o.cart(id).Version != version {
			t.Error("stopping who doesn't attend changed something")
		}
	})
	t.Run("all", func(t *testing.T) {
		o := openOffice(t)
		id := o.attended(guest, zoe, bob, carl)
		o.wants("offer", second(o.OfferHandover(t.Context(), zoe, id, shared.OfferHandover{To: "walt"})), "")
		stop(o, "")
		if got := o.attendants(id); got != "" || o.cart(id).Handover != nil {
			t.Errorf("got %q, %+v", got, o.cart(id).Handover)
		}
		for _, who := range []assist.Staff{zoe, bob, carl, walt} {
			o.wants(who.Name, second(o.Attach(t.Context(), who, id)), shared.CodeConsentNeeded)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		o := openOffice(t)
		o.wants("without a cart", second(o.Stop(t.Context(), "guest", shared.StopAssistance{})), shared.CodeNotFound)
		o.wants("without a session", second(o.Stop(t.Context(), "", shared.StopAssistance{})), shared.CodeNotFound)
	})
}

func TestHelpIsAskedForOnce(t *testing.T) {
	o := openOffice(t)
	r, err := o.AskHelp(t.Context(), guest) // makes the cart
	if err != nil || r.HelpAt.IsZero() || r.ID == "" {
		t.Fatalf("got %+v, %v", r, err)
	}
	again, err := o.AskHelp(t.Context(), guest)
	if err != nil || again.Version != r.Version {
		t.Errorf("again: got version %d, %v", again.Version, err)
	}
	for range 2 {
		if r, err = o.EndHelp(t.Context(), "guest"); err != nil || !r.HelpAt.IsZero() || r.Version != 2 {
			t.Errorf("ended: got %+v, %v", r, err)
		}
	}
	o.wants("without a cart", second(o.EndHelp(t.Context(), "nobody")), shared.CodeNotFound)
}

// Stop counts as a no: where no consent is needed too, and for their knocking.
func TestStopIsANo(t *testing.T) {
	o := openOffice(t, withoutConsent)
	id := o.attended(guest, bob)
	o.wants("attach", second(o.Attach(t.Context(), zoe, id)), "")
	o.wants("stop", second(o.Stop(t.Context(), "guest", shared.StopAssistance{Staff: "zoe"})), "")
	o.wants("attach at once", second(o.Attach(t.Context(), zoe, id)), shared.CodeConsentNeeded)
	o.wants("knock at once", second(o.Knock(t.Context(), zoe, id)), shared.CodeTooMany)
	if _, err := o.AskHelp(t.Context(), guest); err != nil {
		t.Fatal(err)
	}
	o.wants("attach when asked", second(o.Attach(t.Context(), zoe, id)), "")
	o.wants("stop again", second(o.Stop(t.Context(), "guest", shared.StopAssistance{Staff: "zoe"})), "")
	o.pass(6 * time.Minute)
	o.wants("attach later", second(o.Attach(t.Context(), zoe, id)), "")
}

// Whom the shopper has stopped, or said no to, a colleague can't let in by the back door.
func TestANoOutweighsAHandover(t *testing.T) {
	for name, no := range map[string]func(o *office) error{
		"stopped": func(o *office) error {
			o.attach(guest, zoe)
			return second(o.Stop(o.t.Context(), "guest", shared.StopAssistance{Staff: "zoe"}))
		},
		"declined": func(o *office) error {
			if _, err := o.Knock(o.t.Context(), zoe, mustCart(o, "guest").ID); err != nil {
				return err
			}
			return second(o.AnswerKnock(o.t.Context(), "guest", shared.AnswerKnock{Staff: "zoe"}))
		},
	} {
		o := openOffice(t)
		id := o.attended(guest, bob)
		o.wants(name, no(o), "")
		o.wants(name+": offer", second(o.OfferHandover(t.Context(), bob, id, shared.OfferHandover{To: "zoe"})), "")
		o.wants(name+": take over", second(o.Attach(t.Context(), zoe, id)), shared.CodeConsentNeeded)
		if got := o.attendants(id); got != "bob:code" {
			t.Errorf("%s: got %q", name, got)
		}
		o.pass(5 * time.Minute)
		o.wants(name+": later", second(o.Attach(t.Context(), zoe, id)), "")
	}
}

// A request for help that nobody has answered lapses, and can be made anew.
func TestHelpLapses(t *testing.T) {
	o := openOffice(t)
	r, err := o.AskHelp(t.Context(), guest)
	if err != nil {
		t.Fatal(err)
	}
	o.pass(shared.HelpLasts)
	o.wants("too late", second(o.Attach(t.Context(), zoe, r.ID)), shared.CodeConsentNeeded)
	if again, err := o.AskHelp(t.Context(), guest); err != nil || again.Version != r.Version+1 {
		t.Fatalf("asked again: got version %d, %v", again.Version, err)
	}
	o.pass(shared.HelpLasts - time.Second)
	o.wants("in time", second(o.Attach(t.Context(), zoe, r.ID)), "")
}
