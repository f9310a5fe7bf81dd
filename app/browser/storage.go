package browser

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Stored returns what was kept in this browser under a key, and "" if there is nothing
// or the browser doesn't let us look.
func Stored(key string) (text string) {
	if app.IsServer {
		return ""
	}
	defer refused(nil)
	if value := app.Window().Get("localStorage").Call("getItem", key); value.Truthy() {
		return value.String()
	}
	return ""
}

// Store keeps a text in this browser under a key, for all pages of this site, and
// returns false if there is no room for it or the browser keeps nothing, as some do in
// private windows. An empty text deletes the key.
func Store(key, text string) (kept bool) {
	if app.IsServer {
		return false
	}
	defer refused(&kept)
	storage := app.Window().Get("localStorage")
	if text == "" {
		storage.Call("removeItem", key)
	} else {
		storage.Call("setItem", key, text)
	}
	return true
}

// refused takes the exception of a browser that doesn't let us.
func refused(kept *bool) {
	if recover() != nil && kept != nil {
		*kept = false
	}
}
