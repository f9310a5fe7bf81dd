// Package conformance checks a WebSocket echo server against RFC 6455 from the
// outside, byte by byte over TCP. Nothing outside of tests uses it.
//
// [Cases] are those of the public Autobahn|Testsuite in their numbering, sections
// 1 to 7, 9 and 10 (it has no section 8; 12 and 13 are about compression). Each
// says what it is about and runs against the server that a [Dialer] names, be it a
// handler in the same process or the shipped program. Cases that the original
// leaves open ("non-strict", "informational") expect the strict outcome here.
//
// [Client] is the instrument: it sends what it is told to, right or wrong, chopped
// in any way, and is strict about what it gets. The package depends on the
// standard library only, lest it share a mistake with what it tests.
//
// Start reading at [Case] and basic.go.
package conformance
