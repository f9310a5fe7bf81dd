// Package live is the WebSocket client of Cartline: the same code in the
// browser, compiled to WebAssembly, in programs and in tests.
//
// It knows the messages of package shared and github.com/coder/websocket, and
// nothing of the server or of the pages.
//
// Dial opens one connection to anything that speaks WebSocket. Client, in
// client.go, keeps a connection to the events endpoint: it listens, notices the
// end, also a silent one (heartbeat.go), waits, connects again, and goes on where it
// was (channels.go). Start there.
package live
