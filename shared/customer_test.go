package shared_test

import (
	"strings"
	"testing"

	"cartline/shared"
)

func TestCustomerBodies(t *testing.T) {
	const password = "correct horse"
	good := func(change func(*shared.SignUp)) shared.SignUp {
		s := shared.SignUp{Name: "Zoë Müller", Email: "zoe+shop@mail.example.com", Password: password}
		change(&s)
		return s
	}
	long := strings.Repeat("x", 2000)
	tests := []struct {
		name  string
		body  interface{ Validate() error }
		field string
	}{
		{"a sign-up", good(func(*shared.SignUp) {}), ""},
		{"characters count, not bytes", good(func(s *shared.SignUp) { s.Password = "ääääääää" }), ""},
		{"no name", good(func(s *shared.SignUp) { s.Name = " " }), "name"},
		{"a long name", good(func(s *shared.SignUp) { s.Name = long }), "name"},
		{"a name with a line break", good(func(s *shared.SignUp) { s.Name = "a\nb" }), "name"},
		{"a short password", good(func(s *shared.SignUp) { s.Password = "äääääää" }), "password"},
		{"a long password", good(func(s *shared.SignUp) { s.Password = long }), "password"},
		{"a sign-in", shared.CustomerSignIn{Email: "a@b", Password: "x"}, ""},
		{"without an address", shared.CustomerSignIn{Password: "x"}, "email"},
		{"with a long address", shared.CustomerSignIn{Email: long, Password: "x"}, "email"},
		{"without a password", shared.CustomerSignIn{Email: "a@b"}, "password"},
		{"with a long password", shared.CustomerSignIn{Email: "a@b", Password: long}, "password"},
	}
	for _, email := range []string{"", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b,c@d", "<a@b>", "a;b@c", "a\n@b", "\xff@b", "a\u00a0b@c", "a@" + long} {
		tests = append(tests, struct {
			name  string
			body  interface{ Validate() error }
			field string
		}{"the address " + email, good(func(s *shared.SignUp) { s.Email = email }), "email"})
	}
	for _, test := range tests {
		checkField(t, test.name, test.body.Validate(), test.field)
	}
}
