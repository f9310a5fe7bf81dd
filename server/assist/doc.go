// Package assist holds the rules of helping: how staff find a caller's cart, under
// which consent they attend it, what they may do then, and what is recorded of it.
//
// It knows nothing of SQL, HTTP or sockets. It works on the records of package cart,
// always under the cart's lock, and states in Store and People what else it needs.
// Every deed of the staff, done or refused, leaves a line in the audit.
//
// Start with desk.go for what holds for all deeds, attach.go for consent, and
// view.go for who is shown what.
package assist
