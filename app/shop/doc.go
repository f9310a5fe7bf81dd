// Package shop is the pages of the shop, as customers see them: the front with
// categories and search, the page of a product, and the cart with orders and
// account.
//
// What is shown and why is in plain types that know nothing of a browser and are
// tested natively: data.go is what the server knows when it prerenders a page,
// model.go what is the visitor's own, with writes.go for what they change, news.go
// for what others did, and money.go for sums in words. page.go is the component that
// joins them, deeds.go what its buttons do, live.go what it hears; the other files
// draw one part of the page each.
//
// A page is drawn by the server first, with data that is the same for everyone, and
// drawn again from the same data when the program starts. So what is drawn of Data
// alone must not depend on where it is drawn.
//
// The package may not import the server, and reaches it over packages api and feed
// only. Start with page.go.
package shop
