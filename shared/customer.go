package shared

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what a customer can say of themselves.
const (
	MaxName  = 100
	MaxEmail = 254 // RFC 5321, section 4.5.3.1.3
	// MinPassword is in characters.
	MinPassword = 8
)

// SignUp is the body of POST /api/customers.
type SignUp struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Validate reports the first thing that is wrong.
func (s SignUp) Validate() error {
	if err := validName(s.Name); err != nil {
		return err
	}
	if err := validEmail(s.Email); err != nil {
		return err
	}
	if utf8.RuneCountInString(s.Password) < MinPassword || len(s.Password) > MaxPassword {
		return invalid("password", fmt.Sprintf("A password has from %d characters to %d bytes.", MinPassword, MaxPassword))
	}
	return nil
}

// CustomerSignIn is the body of POST /api/customer/session.
type CustomerSignIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Validate reports the first thing that is wrong.
func (s CustomerSignIn) Validate() error {
	switch {
	case s.Email == "" || len(s.Email) > MaxEmail:
		return invalid("email", "Enter your e-mail address.")
	case s.Password == "":
		return invalid("password", "Enter your password.")
	case len(s.Password) > MaxPassword:
		return invalid("password", fmt.Sprintf("A password has at most %d bytes.", MaxPassword))
	}
	return nil
}

// CustomerSession answers POST /api/customers and POST and GET
// /api/customer/session: who is signed in, and what became of the cart they had
// before. Customer is nil for a guest.
type CustomerSession struct {
	Customer *Customer `json:"customer,omitempty"`
	// MergedLines is how many lines of the guest's cart were added to the one
	// that the customer had.
	MergedLines int `json:"merged_lines,omitempty"`
}

// OrderList answers GET /api/cart/orders: the shopper's orders, newest first.
type OrderList struct {
	Orders []Cart `json:"orders"`
}

// CategoryList answers GET /api/categories.
type CategoryList struct {
	Categories []string `json:"categories"`
}

func validName(name string) error {
	if strings.TrimSpace(name) == "" {
		return invalid("name", "Enter a name.")
	}
	if len(name) > MaxName || !isPlain(name) {
		return invalid("name", fmt.Sprintf("A name is text of at most %d bytes.", MaxName))
	}
	return nil
}

// validEmail refuses what can't be an e-mail address. Whether it is one only a
// letter to it could tell.
func validEmail(email string) error {
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > MaxEmail ||
		!isPlain(email) || strings.ContainsAny(email, " \u00a0,;<>") {
		return invalid("email", "An e-mail address looks like name@example.com.")
	}
	return nil
}
