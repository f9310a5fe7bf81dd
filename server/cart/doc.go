// Package cart holds the rules of carts: what may change, what a change does to
// lines, versions and totals, and which activity tells of it.
//
// It knows nothing of SQL, HTTP or sockets, and does no I/O of its own: it works
// on the plain types of package shared, and states in Store and Log what it asks
// of a database. Each store is held to that by package carttest.
//
// Start with line.go for the rules, record.go for what they make, service.go for
// what callers use, and store.go for the contract of a store.
package cart
