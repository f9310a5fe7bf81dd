package main

import (
	"net"
	"net/http"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var gorillaUpgrader = websocket.Upgrader{}

// gorillaRelay frames a payload once, and writes to one client after the other.
type gorillaRelay struct{ members[*websocket.Conn] }

func newGorillaRelay() relay { return &gorillaRelay{} }

func (r *gorillaRelay) serve(l net.Listener) error {
	return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
		conn, err := gorillaUpgrader.Upgrade(w, req, nil)
		if err != nil {
			return // it has answered
		}
		defer conn.Close()
		r.add(conn)
		defer r.remove(conn)
		_, _, _ = conn.NextReader() // it returns when the client has gone
	})
}

func (r *gorillaRelay) broadcast(payload []byte) {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
	if err != nil {
		return // missed in the count of what was delivered
	}
	r.each(func(conn *websocket.Conn) { _ = conn.WritePreparedMessage(message) }) // as in rawRelay
}

// gorillaEcho reads each message as a whole. The library leaves it to its user to see
// whether a text is UTF-8.
func gorillaEcho(l net.Listener) error {
	return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
		conn, err := gorillaUpgrader.Upgrade(w, req, nil)
		if err != nil {
			return // it has answered
		}
		defer conn.Close()
		conn.SetReadLimit(echoLimit)
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil || kind == websocket.TextMessage && !utf8.Valid(message) {
				return
			}
			if conn.WriteMessage(kind, message) != nil {
				return
			}
		}
	})
}
