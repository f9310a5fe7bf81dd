// Package foreign says who someone is where an existing application knows that: it asks
// the application, through a Source, and bounds how often, how long and how much.
//
// It is closed by default: where the application can't be asked, or what it says makes no
// sense, nobody gets in. What is asked, and how, is up to the sources: package forward
// asks over HTTP, and packages postgres and redis look into the application's own tables
// and keys. This package knows none of them, and nothing of sockets.
//
// Start with foreign.go; answer.go is what a source may say, and answers.go remembers it
// for a moment.
package foreign
