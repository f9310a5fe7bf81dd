package browser

import (
	"runtime"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// ShowHeap offers, as cartlineHeap() in the browser's own tools, how many bytes this
// program holds. No tool of a browser can see into WebAssembly, whose memory only grows:
// whether a page that has been open for hours keeps what it should drop can't be told
// otherwise. It is to be called once.
func ShowHeap() {
	if app.IsServer {
		return
	}
	app.Window().Set("cartlineHeap", app.FuncOf(func(app.Value, []app.Value) any {
		runtime.GC()
		var held runtime.MemStats
		runtime.ReadMemStats(&held)
		return held.HeapAlloc
	}))
}
