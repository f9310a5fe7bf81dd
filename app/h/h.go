// Package h makes the HTML elements of the pages: h.Div(), h.Button() and so on,
// all of one Go type.
//
// go-app has a type for each element, and each type in use costs the WebAssembly
// some ten kilobytes, as the linker can't tell which of its methods are called.
// So pages make elements here, and set what one element alone has by its name in
// HTML: h.Input().Attr("type", "text").
//
// Three things to know of go-app's elements. When it prerenders, it doesn't escape
// attributes: what is not ours goes through Safe. A value that begins or ends with
// space is trimmed. And an attribute "value" that is empty doesn't empty an input.
package h

import (
	"html"
	"strconv"
	"strings"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Elements that have content.
func A() app.HTMLElem        { return app.Elem("a") }
func Article() app.HTMLElem  { return app.Elem("article") }
func Aside() app.HTMLElem    { return app.Elem("aside") }
func Button() app.HTMLElem   { return app.Elem("button") }
func Dd() app.HTMLElem       { return app.Elem("dd") }
func Del() app.HTMLElem      { return app.Elem("del") }
func Div() app.HTMLElem      { return app.Elem("div") }
func Dl() app.HTMLElem       { return app.Elem("dl") }
func Dt() app.HTMLElem       { return app.Elem("dt") }
func Fieldset() app.HTMLElem { return app.Elem("fieldset") }
func Footer() app.HTMLElem   { return app.Elem("footer") }
func Form() app.HTMLElem     { return app.Elem("form") }
func H1() app.HTMLElem       { return app.Elem("h1") }
func H2() app.HTMLElem       { return app.Elem("h2") }
func H3() app.HTMLElem       { return app.Elem("h3") }
func Header() app.HTMLElem   { return app.Elem("header") }
func Kbd() app.HTMLElem      { return app.Elem("kbd") }
func Label() app.HTMLElem    { return app.Elem("label") }
func Legend() app.HTMLElem   { return app.Elem("legend") }
func Li() app.HTMLElem       { return app.Elem("li") }
func Main() app.HTMLElem     { return app.Elem("main") }
func Nav() app.HTMLElem      { return app.Elem("nav") }
func Noscript() app.HTMLElem { return app.Elem("noscript") }
func Ol() app.HTMLElem       { return app.Elem("ol") }
func Option() app.HTMLElem   { return app.Elem("option") }
func P() app.HTMLElem        { return app.Elem("p") }
func Section() app.HTMLElem  { return app.Elem("section") }
func Select() app.HTMLElem   { return app.Elem("select") }
func Span() app.HTMLElem     { return app.Elem("span") }
func Strong() app.HTMLElem   { return app.Elem("strong") }
func TBody() app.HTMLElem    { return app.Elem("tbody") }
func THead() app.HTMLElem    { return app.Elem("thead") }
func Table() app.HTMLElem    { return app.Elem("table") }
func Td() app.HTMLElem       { return app.Elem("td") }
func Textarea() app.HTMLElem { return app.Elem("textarea") }
func Th() app.HTMLElem       { return app.Elem("th") }
func Time() app.HTMLElem     { return app.Elem("time") }
func Tr() app.HTMLElem       { return app.Elem("tr") }
func Ul() app.HTMLElem       { return app.Elem("ul") }

// Elements that have none.
func Img() app.HTMLElemSelfClosing   { return app.ElemSelfClosing("img") }
func Input() app.HTMLElemSelfClosing { return app.ElemSelfClosing("input") }

// Safe makes a text that is not ours, like a product's name, fit for an attribute.
// In the browser that is the text as it is; for prerendering it is escaped, which
// go-app leaves undone; control characters become space. Content, as set with Text,
// is escaped by go-app itself.
func Safe(text string) string {
	if app.IsClient {
		return text
	}
	var safe strings.Builder
	for _, r := range html.EscapeString(text) {
		// go-app writes what isn't plain as Go does, which HTML doesn't understand.
		switch {
		case unicode.IsControl(r):
			safe.WriteByte(' ')
		case r == '\\' || !strconv.IsPrint(r):
			safe.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			safe.WriteRune(r)
		}
	}
	return safe.String()
}
