package browser

import (
	"context"
	"errors"
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
)

// ErrNoBrowser is returned where no browser is, like while prerendering.
var ErrNoBrowser = errors.New("there is no browser to fetch with")

// Fetch sends a request to the page's own server and returns the status and the
// whole body of the answer. A body that is not nil is sent as JSON. The error
// tells that there was no answer; any status is an answer. It blocks, so it must
// not be called on the UI goroutine. When the context ends, the request is
// aborted.
func Fetch(ctx context.Context, method, path string, body []byte) (status int, reply []byte, err error) {
	if app.IsServer {
		return 0, nil, ErrNoBrowser
	}
	controller := app.Window().Get("AbortController").New()
	abort := func() { controller.Call("abort") }
	options := map[string]any{
		"method":      method,
		"credentials": "same-origin",
		"cache":       "no-store",
		"signal":      controller.Get("signal"),
	}
	headers := map[string]any{"Accept": "application/json"}
	if body != nil {
		headers["Content-Type"] = "application/json"
		options["body"] = string(body)
	}
	options["headers"] = headers

	response, err := await(ctx, app.Window().Call("fetch", base.Of(path), options), abort)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	// As bytes: text would be decoded into the browser's kind of string, and back.
	buffer, err := await(ctx, response.Call("arrayBuffer"), abort)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	array := app.Window().Get("Uint8Array").New(buffer)
	reply = make([]byte, array.Length())
	app.CopyBytesToGo(reply, array)
	return response.Get("status").Int(), reply, nil
}

// HasCache tells whether the browser keeps a cache of this name for this site.
// It blocks like Fetch.
func HasCache(ctx context.Context, name string) (bool, error) {
	if app.IsServer {
		return false, ErrNoBrowser
	}
	caches := app.Window().Get("caches")
	if !caches.Truthy() {
		// Browsers offer caches to secure pages only.
		return false, errors.New("this browser keeps no caches here")
	}
	has, err := await(ctx, caches.Call("has", name), func() {})
	if err != nil {
		return false, fmt.Errorf("look for the cache %s: %w", name, err)
	}
	return has.Bool(), nil
}

// await waits until a promise has settled. If the context ends first, it calls
// abort, which should make the promise settle, and still waits for that: until
// then the browser may call the two functions, so they can't be released.
func await(ctx context.Context, promise app.Value, abort func()) (app.Value, error) {
	type outcome struct {
		value app.Value
		err   error
	}
	settled := make(chan outcome, 1)
	resolve := app.FuncOf(func(_ app.Value, args []app.Value) any {
		settled <- outcome{value: args[0]}
		return nil
	})
	defer resolve.Release()
	reject := app.FuncOf(func(_ app.Value, args []app.Value) any {
		settled <- outcome{err: errors.New(args[0].Get("message").String())}
		return nil
	})
	defer reject.Release()
	promise.Call("then", resolve, reject)
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		abort()
		<-settled
		return nil, ctx.Err()
	}
}
