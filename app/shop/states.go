package shop

import (
	"errors"
	"strings"
	"time"

	"cartline/shared"
)

// codeState is the dialog "Call us".
type codeState struct {
	open    bool
	busy    bool
	code    shared.AssistCode
	problem string
}

// left is how long the code can still be used.
func (c codeState) left(now time.Time) time.Duration {
	if c.code.Code == "" {
		return 0
	}
	return max(0, c.code.ExpiresAt.Sub(now))
}

// grouped writes the code as it is shown, "482 913", and spelled as it is read out,
// "4, 8, 2, 9, 1, 3".
func (c codeState) grouped() string {
	if len(c.code.Code) != shared.CodeDigits {
		return c.code.Code
	}
	return c.code.Code[:3] + " " + c.code.Code[3:]
}

func (c codeState) spelled() string { return strings.Join(strings.Split(c.code.Code, ""), ", ") }

// helpState is what asking to be helped, stopping help, and answering cards are at.
type helpState struct {
	busy    bool
	problem string
}

// orderState is how far placing the order is.
type orderState struct {
	open    bool // it is asked whether to
	busy    bool
	total   shared.Money // the one that was shown
	problem string
}

// askOrder asks whether to order the cart as it is.
func (m *model) askOrder() {
	m.asking = orderState{open: true, total: m.cart.Total}
}

// ordered takes the answer to an order.
func (m *model) ordered(cart shared.Cart, err error) {
	m.asking.busy = false
	var p *shared.Problem
	switch {
	case err == nil:
		m.asking = orderState{}
		m.took(cart)
	case errors.As(err, &p) && p.Code == shared.CodeTotalChanged && p.Cart != nil:
		m.took(*p.Cart)
		m.reviewOrder() // the cart may have been here before
	default:
		m.asking.problem = said(err)
	}
}

// reviewOrder asks anew once the total is another one than that which was shown. While
// the order is on its way, the server is asked about the old one, and refuses.
func (m *model) reviewOrder() {
	before, now := m.asking.total, m.cart.Total
	if !m.asking.open || m.asking.busy || before == now {
		return
	}
	m.asking = orderState{
		open: true, total: now,
		problem: "The total is " + now.String() + " now; it was " + before.String() + ". Nothing was ordered yet.",
	}
}

// accountState is the account's part of the page.
type accountState struct {
	signUp  bool // the form for a new account is shown
	busy    bool
	field   string // to which the problem belongs, or ""
	problem string
	done    string // what came of the last step
}

// met takes who is signed in, or why that isn't known.
func (m *model) met(session shared.CustomerSession, err error) {
	if err != nil {
		return // the cart's question tells of it
	}
	m.who = session.Customer
}

// entered takes the answer to signing in or up.
func (m *model) entered(session shared.CustomerSession, err error) (in bool) {
	m.account.busy = false
	var p *shared.Problem
	if err != nil {
		m.account.problem, m.account.field = said(err), ""
		if errors.As(err, &p) {
			m.account.field = p.Field
			if p.Code == shared.CodeEmailTaken {
				m.account.field = "email"
			}
		}
		return false
	}
	m.account = accountState{done: mergedWords(session.MergedLines)}
	m.who = session.Customer
	return true
}

// left forgets who was there, after they signed out.
func (m *model) left() {
	m.account = accountState{done: "You are signed out."}
	m.who, m.orders, m.placed = nil, nil, nil
	m.news, m.newsFor = nil, ""
	clear(m.writes)
	m.emptied()
}
