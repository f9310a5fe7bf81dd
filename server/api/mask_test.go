package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"cartline/shared"
)

// What nobody may read who doesn't attend the cart.
const (
	secretName     = "Zebedee Quux"
	secretEmail    = "zebedee@quux.example"
	secretNote     = "the-note-among-colleagues"
	secretHandover = "the-note-of-the-handover"
)

var secrets = []string{secretName, "Zebedee", secretEmail, "zebedee", secretNote, secretHandover}

// secretive makes a cart with everything in it that is to be hidden, and two who
// attend it.
func (s *shop) secretive(t *testing.T) (caller, attendant *browser, id string) {
	t.Helper()
	caller = s.browser(t)
	c := into[shared.Cart](t, caller.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`))
	caller.ask(t, "POST", "/api/cart/pageview", `{"path":"/shop/cart?secret=`+secretName[:7]+`"}`)
	into[shared.CustomerSession](t, caller.ask(t, "POST", "/api/customers",
		fmt.Sprintf(`{"name":%q,"email":%q,"password":"correct horse"}`, secretName, secretEmail)))
	attendant = s.signedIn(t, shared.RoleEventListener, shared.RoleCartEditor)
	s.attach(t, attendant, caller)
	into[shared.Cart](t, attendant.ask(t, "POST", "/api/carts/"+c.ID+"/notes", fmt.Sprintf(`{"text":%q}`, secretNote)))
	into[shared.Cart](t, attendant.ask(t, "POST", "/api/carts/"+c.ID+"/handover", fmt.Sprintf(`{"to":"colleague","note":%q}`, secretHandover)))
	return caller, attendant, c.ID
}

// TestMask asks every route as everyone who doesn't attend a cart, and looks for what
// they may not read in whatever comes back.
func TestMask(t *testing.T) {
	table := table()
	for _, pattern := range slices.Sorted(maps.Keys(table)) {
		route := table[pattern]
		method, _, _ := strings.Cut(pattern, " ")
		t.Run(pattern, func(t *testing.T) {
			s := open(t, options{})
			s.signedInAs(t, "colleague", shared.RoleEventListener)
			_, _, id := s.secretive(t)
			for _, visitor := range visitors {
				if visitor.attends {
					continue
				}
				b := s.browser(t)
				if visitor.staff {
					b = s.signedIn(t, visitor.roles...)
				}
				if visitor.shopper {
					b.ask(t, "PUT", "/api/cart/lines/MUG", `{"quantity":1}`)
				}
				body := strings.ReplaceAll(route.body, "bob@example.com", secretEmail)
				wantNoSecrets(t, visitor.name, b.ask(t, method, strings.ReplaceAll(route.path, "CART", id), body))
			}
			admin := s.signedIn(t, shared.RoleAdmin)
			wantNoSecrets(t, "the audit", admin.ask(t, "GET", "/api/audit?limit=1000", ""))
			wantNoSecrets(t, "the audit's export", admin.ask(t, "GET", "/api/audit?format=jsonl", ""))
		})
	}
}

func wantNoSecrets(t *testing.T, who string, got answer) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(string(got.body), secret) {
			t.Errorf("%s: got %q in %s", who, secret, got.body)
		}
	}
}

// TestWhoMayRead shows that the secrets are there to be read, by those who may: else
// TestMask would show nothing.
func TestWhoMayRead(t *testing.T) {
	s := open(t, options{})
	colleague := s.signedInAs(t, "colleague", shared.RoleEventListener)
	caller, attendant, id := s.secretive(t)
	for _, test := range []struct {
		name string
		b    *browser
		path string
		want []string
		not  []string
	}{
		{"who attends", attendant, "/api/carts/" + id, []string{secretName, secretEmail, secretHandover}, nil},
		{"who attends", attendant, "/api/carts/" + id + "/activity", []string{secretNote, secretHandover}, []string{secretName, secretEmail}},
		{"whom it is offered to", colleague, "/api/carts/" + id, []string{secretHandover}, []string{secretName, secretEmail}},
		{"the customer", caller, "/api/customer/session", []string{secretName, secretEmail}, nil},
		{"the customer", caller, "/api/cart", nil, []string{secretNote, secretHandover}},
	} {
		got := test.b.ask(t, "GET", test.path, "")
		for _, want := range test.want {
			if !strings.Contains(string(got.body), want) {
				t.Errorf("%s, %s: got no %q in %s", test.name, test.path, want, got.body)
			}
		}
		for _, not := range test.not {
			if strings.Contains(string(got.body), not) {
				t.Errorf("%s, %s: got %q in %s", test.name, test.path, not, got.body)
			}
		}
	}
	caller.ask(t, "POST", "/api/cart/stop", `{}`)
	for _, path := range []string{"/api/carts/" + id, "/api/carts/" + id + "/activity"} {
		wantNoSecrets(t, "who was stopped, "+path, attendant.ask(t, "GET", path, ""))
	}
}

// TestEmailIsMatchedWhole looks a customer up by parts of their address.
func TestEmailIsMatchedWhole(t *testing.T) {
	s := open(t, options{})
	s.signedInAs(t, "colleague", shared.RoleEventListener)
	_, _, id := s.secretive(t)
	staff := s.signedInAs(t, "searcher", shared.RoleEventListener)
	for email, found := range map[string]bool{
		secretEmail: true, "ZEBEDEE@quux.example": true,
		"zebedee@quux": false, "z%@quux.example": false, "_ebedee@quux.example": false, "zebedee@quux.example2": false,
	} {
		got := into[shared.FoundCarts](t, staff.ask(t, "POST", "/api/carts/find", fmt.Sprintf(`{"email":%q}`, email)))
		if has := len(got.Carts) == 1 && got.Carts[0].ID == id; has != found {
			t.Errorf("%s: got %+v, want the cart: %t", email, got.Carts, found)
		}
	}
	admin := s.signedIn(t, shared.RoleAdmin)
	list := into[shared.AuditList](t, admin.ask(t, "GET", "/api/audit?limit=1000", ""))
	lookUps := 0
	for _, entry := range list.Entries {
		if entry.Staff == "searcher" && entry.Action == "look_up_email" && entry.Outcome == shared.AuditDone {
			lookUps++
		}
	}
	if lookUps != 6 {
		t.Errorf("got %d look-ups in the audit, want 6", lookUps)
	}
}
