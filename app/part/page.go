package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
	"cartline/app/h"
)

// Product is what the whole thing is called.
const Product = "Cartline"

// The pages, by their paths.
const (
	PathConsole = "/"
	PathEvents  = "/events"
	PathShop    = "/shop"
	PathDesk    = "/desk"
	PathAudit   = "/desk/audit"
)

// PatternDeskCart matches the paths of the desk with a cart open, whose document is
// that of PathDesk.
const PatternDeskCart = `^/desk/cart/[0-9a-f]{32}$`

// Page puts the shell around what one page shows: a link that skips to it, the
// header with the way to the other pages, the main landmark, and the footer. here
// is the page's path.
//
// It is a function and not a component, as go-app would compare a component's
// children with reflect.DeepEqual at each drawing.
func Page(here string, main ...app.UI) app.UI {
	return h.Div().Class("page").Body(
		h.A().Class("skip").Attr("href", "#main").Text("Skip to the content"),
		h.Header().Class("top").Body(
			h.Div().Class("bar").Body(
				h.A().Class("brand").Attr("href", base.Of(PathConsole)).Body(Mark(), h.Span().Text(Product)),
				h.Nav().Class("pages").Aria("label", "Pages").Body(
					pageLink(here, PathShop, "Shop"),
					pageLink(here, PathDesk, "Desk"),
					pageLink(here, PathConsole, "Console"),
					pageLink(here, PathEvents, "Events"),
				),
			),
		),
		h.Noscript().Body(
			h.P().Class("bar noscript").Text("This page is a program: it needs JavaScript and WebAssembly to be switched on."),
		),
		h.Main().ID("main").Class("main").TabIndex(-1).Body(main...),
		h.Footer().Class("foot").Body(
			h.P().Class("bar").Text(Product+" carries cart changes to the people who look after carts."),
		),
		&notice{},
	)
}

func pageLink(here, path, name string) app.UI {
	link := h.A().Attr("href", base.Of(path)).Text(name)
	if here == path {
		link = link.Aria("current", "page")
	}
	return link
}

// SetTitle names the page in the tab and to whoever lists it.
func SetTitle(ctx app.Context, title, description string) {
	ctx.Page().SetTitle(title + " · " + Product)
	ctx.Page().SetDescription(description)
}
