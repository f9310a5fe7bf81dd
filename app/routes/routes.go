// Package routes is where the pages come together: which component answers which
// path, and how go-app's handler makes documents of them.
//
// The program in the browser registers the routes and runs; the server registers
// the same routes and prerenders the pages from them. Neither fetches anything
// here, and what is prerendered depends on the path alone.
//
// Start with Register; worker.js is the service worker.
package routes

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/console"
	"cartline/app/part"
	"cartline/app/status"
)

// Paths lists the pages that there are. The service worker keeps them for when
// there is no network.
var Paths = []string{part.PathConsole, part.PathEvents}

// Register tells go-app which component answers which path. It is to be called
// once, before the handler serves or the program runs.
func Register() {
	app.Route(part.PathConsole, func() app.Composer { return &console.Console{} })
	app.Route(part.PathEvents, func() app.Composer { return &status.Status{} })
}

// Handler returns go-app's handler as it is to be configured for these pages. The
// caller sets Version, Resources and WasmContentLength before its first use, and
// keeps it off the network: it serves files and fetches others that nobody should
// be able to ask for.
func Handler() *app.Handler {
	return &app.Handler{
		Name:            part.Product,
		ShortName:       part.Product,
		Title:           part.Product,
		Description:     "Carries cart changes over WebSockets to the people who look after carts.",
		Author:          part.Product,
		Lang:            "en",
		BackgroundColor: "#0b5c52",
		ThemeColor:      "#0b5c52",
		LoadingLabel:    "Loading {progress} %",
		Icon: app.Icon{
			Default:  "/web/icon-192.png",
			Large:    "/web/icon-512.png",
			SVG:      "/web/icon.svg",
			Maskable: "/web/icon-maskable-512.png",
		},
		Image:                 "/web/icon-512.png",
		Styles:                []string{"/web/app.css"},
		CacheableResources:    []string{"/web/icon.svg"},
		ServiceWorkerTemplate: workerTemplate(),
	}
}

// worker is the service worker. {{.Version}} and {{.ResourcesToCache}} are filled
// in by go-app, {{.Pages}} and {{.Cache}} here.
//
//go:embed worker.js
var worker string

func workerTemplate() string {
	pages, err := json.Marshal(Paths)
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return strings.NewReplacer(
		"{{.Pages}}", string(pages),
		"{{.Cache}}", part.CacheName("{{.Version}}"),
	).Replace(worker)
}
