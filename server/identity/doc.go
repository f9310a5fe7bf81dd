// Package identity says who someone is and what they may do: staff with
// passwords, roles and sessions, and shoppers, who are guests or customers with an
// account.
//
// It knows nothing of carts, HTTP or SQL: a token comes in, a Session comes out.
// What it asks of a database is the interface Store, to which package
// identitytest holds each adapter.
//
// Start with staff.go, which signs staff in and out. customer.go does the same for
// customers, whose accounts are in customer_account.go, and shopper.go the little
// that guests need. attempts.go bounds how often a password may be tried, and
// password.go how much work hashing may be.
package identity
