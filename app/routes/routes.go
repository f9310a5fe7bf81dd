// Package routes is where the pages come together: which component answers which
// path, and how go-app's handler makes documents of them.
//
// The program in the browser registers the routes and runs; the server registers
// the same routes and prerenders the pages from them. Neither fetches anything
// here, and what is prerendered depends on the path alone; of the shop's pages it is
// a shell, which the server fills with products at each request.
//
// Start with Register; worker.js is the service worker.
package routes

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
	"cartline/app/console"
	"cartline/app/desk"
	"cartline/app/part"
	"cartline/app/shop"
	"cartline/app/status"
)

// Paths lists the pages that are the same at each request, but for those of the
// shop, which the server draws anew. The service worker keeps them for when
// there is no network.
var Paths = []string{part.PathConsole, part.PathDesk, part.PathAudit, part.PathEvents}

// ShopPaths lists the pages of the shop of which the service worker keeps the copy
// that was seen last.
var ShopPaths = []string{shop.PathFront, shop.PathCart}

// patternProduct matches the addresses of products' pages, also those of products
// that there aren't, which say so.
const patternProduct = "^" + shop.PathProduct

// Register tells go-app which component answers which path. It is to be called
// once, before the handler serves or the program runs.
func Register() {
	app.Route(part.PathConsole, func() app.Composer { return &console.Console{} })
	app.Route(part.PathDesk, func() app.Composer { return &desk.Desk{} })
	app.RouteWithRegexp(part.PatternDeskCart, func() app.Composer { return &desk.Desk{} })
	app.Route(part.PathAudit, func() app.Composer { return &desk.Audit{} })
	app.Route(shop.PathFront, newShop)
	app.Route(shop.PathCart, newShop)
	app.RouteWithRegexp(patternProduct, newShop)
	app.Route(part.PathEvents, func() app.Composer { return &status.Status{} })
}

func newShop() app.Composer { return &shop.Page{} }

// ShopHandler is Handler for the pages of the shop, which have a style of their own.
func ShopHandler() *app.Handler {
	h := Handler()
	h.Styles = []string{"/web/app.css", shopStyle}
	return h
}

const shopStyle = "/web/shop.css"

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
		Styles:                []string{"/web/app.css", "/web/desk.css", "/web/console.css"},
		CacheableResources:    []string{"/web/icon.svg", shopStyle},
		ServiceWorkerTemplate: workerTemplate(),
	}
}

// worker is the service worker. {{.Version}} and {{.ResourcesToCache}} are filled
// in by go-app, {{.Base}}, {{.Pages}}, {{.Shop}} and {{.Cache}} here.
//
//go:embed worker.js
var worker string

func workerTemplate() string {
	return strings.NewReplacer(
		"{{.Base}}", base.Path(),
		"{{.Pages}}", list(Paths),
		"{{.Shop}}", list(ShopPaths),
		"{{.Cache}}", part.CacheName("{{.Version}}"),
	).Replace(worker)
}

// list writes an array of paths, as browsers have them, in JavaScript.
func list(paths []string) string {
	located := make([]string, len(paths))
	for i, path := range paths {
		located[i] = base.Of(path)
	}
	encoded, err := json.Marshal(located)
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return string(encoded)
}
