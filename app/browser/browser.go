// Package browser is what the pages ask of the browser: fetching from their own
// server, reading and moving in the document, and telling of a crash.
//
// It goes through go-app's wrapper of syscall/js, so that it compiles natively
// too, for prerendering and tests; there, its functions do nothing, and Fetch
// refuses. It holds no state of a page and knows none.
//
// Paths that it takes and gives are below the base; see package base. Only a cookie's is
// as browsers have it.
//
// Start with fetch.go; document.go has the rest.
package browser
