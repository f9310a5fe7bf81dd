package main

import (
	"net"
	"net/http"

	"github.com/lxzan/gws"
)

// gwsUpgrader makes an upgrader with the limits of the others.
func gwsUpgrader(handler gws.Event) *gws.Upgrader {
	return gws.NewUpgrader(handler, &gws.ServerOption{CheckUtf8Enabled: true, ReadMaxPayloadSize: echoLimit})
}

// gwsServe reads each connection in a goroutine of its own, so that what net/http holds
// for a request is free, as the library's documentation has it.
func gwsServe(l net.Listener, upgrader *gws.Upgrader) error {
	return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
		conn, err := upgrader.Upgrade(w, req)
		if err != nil {
			return
		}
		go conn.ReadLoop()
	})
}

// gwsRelay broadcasts as the library would have it: framed once, and written by a queue
// of each client.
type gwsRelay struct {
	gws.BuiltinEventHandler
	members[*gws.Conn]
}

func newGWSRelay() relay { return &gwsRelay{} }

func (r *gwsRelay) serve(l net.Listener) error { return gwsServe(l, gwsUpgrader(r)) }

// OnOpen implements gws.Event.
func (r *gwsRelay) OnOpen(conn *gws.Conn) { r.add(conn) }

// OnClose implements gws.Event.
func (r *gwsRelay) OnClose(conn *gws.Conn, _ error) { r.remove(conn) }

func (r *gwsRelay) broadcast(payload []byte) {
	broadcaster := gws.NewBroadcaster(gws.OpcodeText, payload)
	defer broadcaster.Close()
	r.each(func(conn *gws.Conn) { _ = broadcaster.Broadcast(conn) }) // as in rawRelay
}

// gwsMirror is an echo.
type gwsMirror struct{ gws.BuiltinEventHandler }

func gwsEcho(l net.Listener) error { return gwsServe(l, gwsUpgrader(&gwsMirror{})) }

// OnMessage implements gws.Event.
func (*gwsMirror) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = conn.WriteMessage(message.Opcode, message.Bytes()) // who has gone is told by OnClose
}
