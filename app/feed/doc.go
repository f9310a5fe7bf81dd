// Package feed is what a page that hears events has of its connection: Feed keeps it
// and a clock, Line says in words how it stands.
//
// It knows the messages' frame and nothing of what they are about; what is to be
// listened to, and what becomes of what is heard, is the page's. It may not import a
// page.
//
// Start with feed.go for what is heard, line.go for what is said.
package feed
