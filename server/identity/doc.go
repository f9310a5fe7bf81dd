// Package identity says who someone is and what they may do: staff with
// passwords, roles and sessions, and shoppers, who are anonymous.
//
// It knows nothing of carts, HTTP or SQL: a token comes in, a Session comes out.
// What it asks of a database is the interface Store, to which package
// identitytest holds each adapter.
//
// Start with staff.go, which signs staff in and out. shopper.go does the little
// that shoppers need. throttle.go bounds how often a password may be tried, and
// password.go how much work hashing may be.
package identity
