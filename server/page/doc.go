// Package page serves what browsers load: the pages, prerendered, and the files
// that they need.
//
// The pages are go-app's, and go-app's own HTTP handler stays behind a wall: it
// would serve files from outside of its folder, fetch addresses that a request
// names, give every path the same ETag and leave attributes unescaped. So it is
// asked here, at start, for each page and file that we know of, with requests
// that we make ourselves. The answers are kept, and nothing that comes from the
// network ever reaches it. wall_test.go shows each hole, and that it is closed.
//
// Of the shop's pages, go-app gives the shell, once. What stands in it is drawn at
// each request, from the catalogue, by the component that draws it in the browser
// too; see shop.go. All that is of a product or of the request is escaped there.
//
// The package knows no carts and no users; what it serves is the same for
// everyone. Start with New.
package page
