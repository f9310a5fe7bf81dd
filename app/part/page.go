package part

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Product is what the whole thing is called.
const Product = "Cartline"

// The pages, by their paths.
const (
	PathConsole = "/"
	PathEvents  = "/events"
)

// Page puts the shell around what one page shows: a link that skips to it, the
// header with the way to the other pages, the main landmark, and the footer. here
// is the page's path.
//
// It is a function and not a component, as go-app would compare a component's
// children with reflect.DeepEqual at each drawing.
func Page(here string, main ...app.UI) app.UI {
	return app.Div().Class("page").Body(
		app.A().Class("skip").Href("#main").Text("Skip to the content"),
		app.Header().Class("top").Body(
			app.Div().Class("bar").Body(
				app.A().Class("brand").Href(PathConsole).Body(Mark(), app.Span().Text(Product)),
				app.Nav().Class("pages").Aria("label", "Pages").Body(
					pageLink(here, PathConsole, "Console"),
					pageLink(here, PathEvents, "Events"),
				),
			),
		),
		app.Elem("noscript").Body(
			app.P().Class("bar noscript").Text("This page is a program: it needs JavaScript and WebAssembly to be switched on."),
		),
		app.Main().ID("main").Class("main").TabIndex(-1).Body(main...),
		app.Footer().Class("foot").Body(
			app.P().Class("bar").Text(Product+" carries cart changes to the people who look after carts."),
		),
		&notice{},
	)
}

func pageLink(here, path, name string) app.UI {
	link := app.A().Href(path).Text(name)
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
