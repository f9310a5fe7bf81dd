package page

import (
	"net/http"
	"strings"

	"cartline/app/shop"
)

// policyOf returns a page's Content-Security-Policy: scripts, styles and the rest
// from this server only, nothing inline, and no other site may frame it.
// 'wasm-unsafe-eval' is what compiling WebAssembly needs, and allows nothing else
// (CSP 3, section 2.3.1).
//
// The console alone may open sockets to other hosts, since that is what it is
// for. A policy belongs to a document; so moving between the console and any
// other page has to load a new one.
func policyOf(name string) string {
	connect := "'self'"
	if name == "/" {
		connect = "'self' ws: wss:"
	}
	form := "'none'"
	if name == shop.PathFront || strings.HasPrefix(name, shop.PathFront+"/") {
		form = "'self'"
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
		"connect-src " + connect + "; manifest-src 'self'; worker-src 'self'; " +
		"base-uri 'none'; form-action " + form + "; frame-ancestors 'none'"
}

// setCommon sets what holds for every answer.
func setCommon(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}
