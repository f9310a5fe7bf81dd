package live

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"github.com/coder/websocket"
)

// dial also notes the close event of the browser's WebSocket, of which
// coder/websocket v1.8.15 keeps neither code nor reason in browsers.
func dial(ctx context.Context, url string, options Options) (*Conn, error) {
	conn := new(Conn)
	opening := js.Null()
	release := onNextWebSocket(func(socket js.Value) {
		opening = socket
		var listener js.Func
		listener = js.FuncOf(func(_ js.Value, args []js.Value) any {
			conn.ended.Store(&CloseError{
				Code:   args[0].Get("code").Int(),
				Reason: args[0].Get("reason").String(),
			})
			listener.Release()
			return nil
		})
		// It is added before the engine's own listeners, so the code is known
		// when the engine wakes its reader.
		socket.Call("addEventListener", "close", listener)
	})
	defer release()
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: options.Subprotocols})
	if err != nil {
		if opening.Truthy() {
			// When the context ends, the engine closes with a code that browsers
			// refuse from pages, and the attempt would go on.
			opening.Call("close")
		}
		return nil, err
	}
	conn.ws = ws
	if opening.Truthy() {
		conn.buffered = func() int { return opening.Get("bufferedAmount").Int() }
	}
	return conn, nil
}

// maxTries makes it all but certain that read sees a message that has arrived.
const maxTries = 64

// read waits for the next message. When the connection has ended while messages
// are still to be read, the engine chooses between the two at random each time;
// so the end is believed only when it is told again and again.
func (c *Conn) read(ctx context.Context) (kind websocket.MessageType, data []byte, err error) {
	for range maxTries {
		kind, data, err = c.ws.Read(ctx)
		if err == nil || c.ended.Load() == nil || ctx.Err() != nil {
			break
		}
	}
	return kind, data, err
}

// onNextWebSocket shows the next WebSocket to which somebody listens to see, by
// standing in for its addEventListener until then. The engine adds its listeners
// before it first waits, and a page has one thread, so it is the engine's.
func onNextWebSocket(see func(js.Value)) (release func()) {
	prototype := js.Global().Get("WebSocket").Get("prototype")
	// The method is inherited from EventTarget, so an own property hides it and
	// deleting that brings it back.
	restore := func() { prototype.Delete("addEventListener") }
	stand := js.FuncOf(func(socket js.Value, args []js.Value) any {
		restore()
		see(socket)
		arguments := make([]any, len(args))
		for i, a := range args {
			arguments[i] = a
		}
		return socket.Call("addEventListener", arguments...)
	})
	prototype.Set("addEventListener", stand)
	return func() {
		restore()
		stand.Release()
	}
}

// errNoPing is what a ping of the protocol comes to in a browser.
var errNoPing = errors.New("browsers don't offer pings to pages")

// Ping can't be done: browsers don't offer pings to pages.
func (c *Conn) Ping(context.Context) (roundTrip time.Duration, err error) { return 0, errNoPing }

// Close sends a close frame and waits for the browser to say that the connection
// has ended; so it must not be called where the browser waits for us, like in an
// event handler. The code is 1000 or from 3000 to 4999, as browsers allow no
// other; the reason has at most 123 bytes.
func (c *Conn) Close(code int, reason string) error {
	return c.ws.Close(websocket.StatusCode(code), reason)
}

// Abandon ends the connection in the background. Browsers don't offer to leave
// out the closing handshake, and refuse code 1001 from pages, which the engine's
// CloseNow would send.
func (c *Conn) Abandon() { go func() { _ = c.ws.Close(websocket.StatusNormalClosure, "") }() }
