// Package base knows below which path the pages are served: the root of their host, or
// a prefix like /live, beside something else.
//
// Pages write and compare addresses as if it were the root: /desk, /api/carts. What
// hands an address to the browser puts it below the base with Of (package h does so for
// links, package browser for requests), and what takes one from there uses Below. So no
// page needs to know.
//
// The package knows no pages. Start with Of.
package base

import (
	"strings"
	"sync/atomic"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// prefix is "", or begins with a slash and doesn't end with one. There is one per
// process, as there is one set of go-app's routes.
var prefix atomic.Pointer[string]

func init() {
	if app.IsClient {
		// The loader has it from the server, for go-app's own routing.
		Set(app.Getenv("GOAPP_ROOT_PREFIX"))
	}
}

// Set says what the base is, "/" or "" for the root. The server calls it before it draws
// pages; in the browser it is known from the start.
func Set(path string) {
	path = strings.TrimRight(path, "/")
	prefix.Store(&path)
}

// Path returns the base without a slash at its end, which is "" for the root.
func Path() string {
	if path := prefix.Load(); path != nil {
		return *path
	}
	return ""
}

// Of puts an address of ours below the base: a path, which may have a query and a
// fragment. Other addresses stay what they are.
func Of(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
		return address
	}
	return Path() + address
}

// Below undoes Of. It reports whether the address was one below the base.
func Below(address string) (string, bool) {
	rest, ok := strings.CutPrefix(address, Path())
	if !ok || !strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "//") {
		return address, false
	}
	return rest, true
}
