package shared_test

import (
	"errors"
	"strings"
	"testing"

	"cartline/shared"
)

// checkField says whether a problem is of a field, or none where it is "".
func checkField(t *testing.T, name string, err error, field string) {
	t.Helper()
	var p *shared.Problem
	if field == "" {
		if err != nil {
			t.Errorf("%s: got %v, want it valid", name, err)
		}
		return
	}
	if !errors.As(err, &p) || p.Code != shared.CodeInvalid || p.Field != field || p.Detail == "" {
		t.Errorf("%s: got %+v, want field %s", name, err, field)
	}
}

func TestAssistBodies(t *testing.T) {
	long := strings.Repeat("x", 2000)
	tests := []struct {
		name  string
		body  interface{ Validate() error }
		field string
	}{
		{"a code", shared.FindCart{Code: "482 913"}, ""},
		{"with dashes", shared.FindCart{Code: "482-913"}, ""},
		{"with a space that doesn't break", shared.FindCart{Code: "482\u00a0913"}, ""},
		{"an address", shared.FindCart{Email: "a@example.com"}, ""},
		{"both", shared.FindCart{Code: "482913", Email: "a@example.com"}, "code"},
		{"neither", shared.FindCart{}, "code"},
		{"five digits", shared.FindCart{Code: "48291"}, "code"},
		{"seven digits", shared.FindCart{Code: "4829131"}, "code"},
		{"other digits", shared.FindCart{Code: "٤٨٢"}, "code"},
		{"part of an address", shared.FindCart{Email: "a@"}, "email"},

		{"an answer", shared.AnswerKnock{Staff: "zoe"}, ""},
		{"to nobody", shared.AnswerKnock{}, "staff"},
		{"to a long name", shared.AnswerKnock{Staff: long}, "staff"},
		{"stop", shared.StopAssistance{Staff: "zoe"}, ""},
		{"stop all", shared.StopAssistance{}, ""},
		{"stop a long name", shared.StopAssistance{Staff: long}, "staff"},

		{"a page", shared.ViewPage{Path: "/shop/p/blue-mug?x=ü"}, ""},
		{"no page", shared.ViewPage{}, "path"},
		{"another site", shared.ViewPage{Path: "https://example.com"}, "path"},
		{"a long page", shared.ViewPage{Path: "/" + long}, "path"},
		{"a line break", shared.ViewPage{Path: "/\n"}, "path"},
		{"no text", shared.ViewPage{Path: "/\xff"}, "path"},

		{"delivered", shared.MoveLink{State: shared.LinkDelivered}, ""},
		{"opened", shared.MoveLink{State: shared.LinkOpened}, ""},
		{"dismissed", shared.MoveLink{State: shared.LinkDismissed}, ""},
		{"sent, which a page can't tell", shared.MoveLink{State: shared.LinkSent}, "state"},
		{"added, which a page can't tell", shared.MoveLink{State: shared.LinkAdded}, "state"},
		{"no state", shared.MoveLink{}, "state"},

		{"a link", shared.SendLink{URL: "/shop"}, ""},
		{"no link", shared.SendLink{}, "url"},
		{"a long link", shared.SendLink{URL: long}, "url"},
		{"a tab", shared.SendLink{URL: "java\tscript:"}, "url"},

		{"a note", shared.WriteNote{Text: "Likes\nblue"}, ""},
		{"the longest note", shared.WriteNote{Text: long[:shared.MaxNote]}, ""},
		{"an empty note", shared.WriteNote{Text: " \n"}, "text"},
		{"a long note", shared.WriteNote{Text: long}, "text"},
		{"no text", shared.WriteNote{Text: "\xff"}, "text"},
		{"nul", shared.WriteNote{Text: "a\x00"}, "text"},

		{"an offer", shared.OfferHandover{To: "bob"}, ""},
		{"with a note", shared.OfferHandover{To: "bob", Note: "x"}, ""},
		{"to nobody", shared.OfferHandover{Note: "x"}, "to"},
		{"to a long name", shared.OfferHandover{To: long}, "to"},
		{"with a long note", shared.OfferHandover{To: "bob", Note: long}, "note"},

		{"undo", shared.Undo{Version: 1}, ""},
		{"undo nothing", shared.Undo{}, "version"},
		{"undo what can't be", shared.Undo{Version: -1}, "version"},
		{"order", shared.PlaceOrder{}, ""},
		{"order below zero", shared.PlaceOrder{Total: -1}, "total"},

		{"a caller", shared.StartPhoneOrder{Name: "Bert"}, ""},
		{"with an address", shared.StartPhoneOrder{Name: "Bert", Email: "b@example.com"}, ""},
		{"without a name", shared.StartPhoneOrder{Email: "b@example.com"}, "name"},
		{"with a wrong address", shared.StartPhoneOrder{Name: "Bert", Email: "b"}, "email"},
	}
	for _, test := range tests {
		checkField(t, test.name, test.body.Validate(), test.field)
	}
}

func TestDigits(t *testing.T) {
	for typed, want := range map[string]string{"482913": "482913", " 482 913 ": "482913", "482-913": "482913", "482\u00a0913": "482913"} {
		if got := (shared.FindCart{Code: typed}).Digits(); got != want || !shared.IsCode(got) {
			t.Errorf("%q: got %q", typed, got)
		}
	}
}

func TestCartChannels(t *testing.T) {
	if id, ok := shared.CartOfChannel(shared.ChannelOfCart("some-id")); !ok || id != "some-id" {
		t.Errorf("got %q, %v", id, ok)
	}
	for _, channel := range []string{shared.ChannelMyCart, shared.ChannelCartActivity, "", "carts/id"} {
		if id, ok := shared.CartOfChannel(channel); ok {
			t.Errorf("%s is the channel of cart %q", channel, id)
		}
	}
}

func TestPendingLinks(t *testing.T) {
	for state, want := range map[shared.LinkState]bool{
		shared.LinkSent: true, shared.LinkDelivered: true, shared.LinkOpened: false, shared.LinkAdded: false, shared.LinkDismissed: false,
	} {
		if got := (shared.Link{State: state}).Pending(); got != want {
			t.Errorf("%s: got %v, want %v", state, got, want)
		}
	}
}

func TestCartAttendant(t *testing.T) {
	c := shared.Cart{Attendants: []shared.Attendant{{Staff: "zoe", Consent: shared.ConsentCode}}}
	if a, ok := c.Attendant("zoe"); !ok || a != c.Attendants[0] {
		t.Errorf("got %+v, %v", a, ok)
	}
	if a, ok := c.Attendant("ann"); ok || a != (shared.Attendant{}) {
		t.Errorf("who doesn't attend: got %+v, %v", a, ok)
	}
	if got := c.Summary().Attendants; len(got) != 1 || got[0] != "zoe" {
		t.Errorf("in the summary: got %v", got)
	}
}
