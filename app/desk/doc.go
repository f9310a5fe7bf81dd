// Package desk is the pages for staff who help callers: the live table of carts, the
// carts that are open in tabs, and the audit.
//
// What is decided is in plain types that know nothing of a browser and are tested
// natively: table.go is the set of carts, kept by events, and place.go their order;
// find.go and view.go are which of them are shown; card.go is one opened cart and
// tabs.go all of them; words.go puts what happened into words. The connection is
// package feed's.
//
// desk.go is the component that joins them. What it draws is in row.go and list.go,
// and for the opened cart in panel.go, lines.go, discount.go, links.go and
// timeline.go. What it does to carts is in deeds.go.
//
// Personal data comes only with a cart that is attended, and is dropped as soon as
// it no longer is. The package may not import the server, and reaches it over
// packages api and feed only.
//
// Start with table.go, then card.go, then desk.go.
package desk
