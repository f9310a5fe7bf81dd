// Package signin is the door of the pages for staff: the sign-in form, and who is
// signed in.
//
// State decides what a page shows, in plain Go; the rest draws it. It makes no calls:
// the page makes them, and tells State what came of them. It knows no page.
//
// Start with state.go.
package signin
