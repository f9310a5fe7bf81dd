// Package transcript shows what happened on a WebSocket: every message with its
// direction, time and size, to be filtered, searched, looked into, paused and copied.
//
// log.go keeps the entries, within bounds, and filter.go says which of them are shown;
// opened.go, tree.go and hex.go are what is looked at of one message. All of that knows
// nothing of a browser. view.go draws, of the rows only those in view, whatever their
// number.
//
// It knows no connection: whoever has one appends what happens. Nor does it write
// recordings, which is package lab's.
//
// Start with log.go, and with view.go for the page.
package transcript
