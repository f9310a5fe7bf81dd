package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// coderLoop writes to one client after the other.
type coderLoop struct{ members[*websocket.Conn] }

func newCoderLoop() relay { return &coderLoop{} }

func (r *coderLoop) serve(l net.Listener) error {
	return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
		conn, err := websocket.Accept(w, req, nil)
		if err != nil {
			return // it has answered
		}
		defer conn.CloseNow()
		r.add(conn)
		defer r.remove(conn)
		_, _, _ = conn.Read(context.Background()) // it returns when the client has gone
	})
}

func (r *coderLoop) broadcast(payload []byte) {
	r.each(func(conn *websocket.Conn) {
		_ = conn.Write(context.Background(), websocket.MessageText, payload) // as in rawRelay
	})
}

// queued is how many payloads wait for a client, before it is taken for too slow.
const queued = 1024

// coderQueue has a queue and a goroutine that writes for each client, which is the
// shape that the library's own example of a chat has.
type coderQueue struct{ members[chan []byte] }

func newCoderQueue() relay { return &coderQueue{} }

func (r *coderQueue) serve(l net.Listener) error {
	return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
		conn, err := websocket.Accept(w, req, nil)
		if err != nil {
			return // it has answered
		}
		defer conn.CloseNow()
		queue := make(chan []byte, queued)
		r.add(queue)
		defer r.remove(queue)
		ctx := conn.CloseRead(context.Background())
		for {
			select {
			case payload, ok := <-queue:
				if !ok || conn.Write(ctx, websocket.MessageText, payload) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
}

func (r *coderQueue) broadcast(payload []byte) {
	r.each(func(queue chan []byte) {
		select {
		case queue <- payload:
		default: // lost, and missed in the count of what was delivered
		}
	})
}

// coderEcho makes an echo with one of two ways to read.
func coderEcho(read func(*websocket.Conn, func(websocket.MessageType, []byte) error) error) func(net.Listener) error {
	return func(l net.Listener) error {
		return serveHTTP(l, func(w http.ResponseWriter, req *http.Request) {
			conn, err := websocket.Accept(w, req, nil)
			if err != nil {
				return // it has answered
			}
			defer conn.CloseNow()
			conn.SetReadLimit(echoLimit)
			answer := func(kind websocket.MessageType, message []byte) error {
				if kind == websocket.MessageText && !utf8.Valid(message) {
					return conn.Close(websocket.StatusInvalidFramePayloadData, "")
				}
				return conn.Write(context.Background(), kind, message)
			}
			for read(conn, answer) == nil {
			}
		})
	}
}

// readWhole is what one writes first: a new buffer for each message.
func readWhole(conn *websocket.Conn, answer func(websocket.MessageType, []byte) error) error {
	kind, message, err := conn.Read(context.Background())
	if err != nil {
		return err
	}
	return answer(kind, message)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readPooled is what one writes after measuring.
func readPooled(conn *websocket.Conn, answer func(websocket.MessageType, []byte) error) error {
	kind, reader, err := conn.Reader(context.Background())
	if err != nil {
		return err
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(reader); err != nil {
		return err
	}
	return answer(kind, buffer.Bytes())
}
