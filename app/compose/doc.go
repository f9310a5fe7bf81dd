// Package compose is where people write messages for a WebSocket: as text, JSON, hex,
// base64 or from a file; send them once, again and again, or many at once; and keep
// those that they need again.
//
// It knows no connection, but a Target that takes messages, and no browser's storage,
// but a Storage that keeps texts.
//
// Start with composer.go, which decides, and knows nothing of a page; file.go, keep.go
// and repeat.go are parts of it. draft.go is what is being written, job.go what sends by
// itself, shelf.go what is kept for later in two lists (list.go), and recall.go the walk
// through it. view.go draws, with the files that are called so.
package compose
