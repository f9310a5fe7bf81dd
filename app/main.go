// Command app is Cartline's pages, compiled to WebAssembly (GOOS=js
// GOARCH=wasm) and started by the browser.
//
// It may not import the server, nor net/http, log/slog or templates, which
// would add up to a megabyte to what every visitor loads. The same components
// are prerendered by the server, which takes them from package routes.
//
// Start with routes, then console and status, one folder for each page.
package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/routes"
)

func main() {
	routes.Register()
	browser.ShowHeap()
	app.RunWhenOnBrowser()
}
