// Package signin is the door of the pages for staff: the sign-in form, and who is
// signed in.
//
// State decides what a page shows, in plain Go; Door makes the calls and draws it. It
// knows no page: what a page does with who is inside, it is told by two functions.
//
// Start with state.go, then door.go.
package signin
