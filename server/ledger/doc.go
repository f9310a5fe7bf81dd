// Package ledger shows that nothing is lost: it has many write and many listen while
// the server, its database and the lines between them are broken on purpose, keeps its
// own books of what was acknowledged and what was heard, and compares them at the end
// with the log.
//
//	writers ──────────── direct ───────────┐
//	   │                                   │
//	   └─ HTTP ─ bin/cartline ── Link ─ database
//	                 │                     │
//	listeners ─ Link ┘                     │
//	   └───────────── Book ── Check ───────┘
//
// It is for tests: nothing that ships may import it, and it knows of the server only
// what is told outside, except for where the log is kept, which it reads itself. The
// books are in the memory of the test's process, which nothing here kills.
//
// Start with Run for how it goes, and with Check for what has to hold.
package ledger
