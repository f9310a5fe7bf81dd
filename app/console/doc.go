// Package console is the page at /: a console for any WebSocket, filled in with
// this server's own echo endpoint.
//
// What it decides is in plain types that know nothing of a browser and are
// tested natively: address.go says what may be connected to, link.go carries one
// connection, ending.go and refusal.go put into words how one ended or why there
// is none, and model.go is what the page shows and how that changes. console.go
// draws the model and hands it what people do; row.go draws one entry of the log.
//
// It may not import the server, and reaches it over package api only.
package console
