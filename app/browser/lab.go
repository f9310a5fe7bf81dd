package browser

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// SetCookie sets a cookie that goes with requests to a path of this site only, from its
// own pages only; for no time, it deletes it. Name, value and path are plain letters and
// digits.
func SetCookie(name, value, path string, keep time.Duration) {
	if app.IsServer {
		return
	}
	cookie := name + "=" + value + "; Path=" + path + "; Max-Age=" + strconv.Itoa(int(keep/time.Second)) + "; SameSite=Strict"
	if scheme, _ := Location(); scheme == "https" {
		cookie += "; Secure"
	}
	document := app.Window().Get("document")
	document.Set("cookie", cookie)
	// Chromium keeps cookies in another process, and tells it without waiting; only by
	// asking it is one sure that it knows before the next request is made.
	document.Get("cookie")
}

// SaveFile gives the visitor a text as a file, which the browser keeps with their
// downloads.
func SaveFile(name, kind, text string) {
	if app.IsServer {
		return
	}
	window := app.Window()
	blob := window.Get("Blob").New([]any{text}, map[string]any{"type": kind})
	address := window.Get("URL").Call("createObjectURL", blob)
	link := window.Get("document").Call("createElement", "a")
	link.Set("href", address)
	link.Set("download", name)
	link.Call("click")
	// The browser may read it a little later than it returns.
	var free app.Func
	free = app.FuncOf(func(app.Value, []app.Value) any {
		window.Get("URL").Call("revokeObjectURL", address)
		free.Release()
		return nil
	})
	window.Call("setTimeout", free, freeAfter.Milliseconds())
}

// freeAfter is how long a file that is saved is kept in memory for the browser.
const freeAfter = time.Minute
