// Package part holds what the pages share: the shell around them, the guard
// that keeps a panic from killing a page silently, and plain types for streams of
// messages: Gather, which paces them, Roll, which bounds them, and the functions
// that write sizes, bytes and durations for people.
//
// It knows nothing of any one page and fetches nothing from the server.
//
// Start with page.go for what is seen, roll.go and gather.go for what isn't.
package part
