// Package web holds the files that browsers load, embedded in the binary: the
// static ones (style sheet, icons, scripts of the service worker) and the UI
// compiled to WebAssembly, already compressed.
//
// It only holds them. What is served, under which path and with which headers
// is decided in server/page. It may import nothing of the module.
//
// web/static is written by hand. web/dist is written by the program in
// web/pack, which "make wasm" runs; git keeps it empty. Therefore a clone
// builds and vets without it, and [Wasm] tells whether it was there. Nothing
// in this package can tell whether web/dist belongs to the sources of today:
// build with make, which always compiles the UI before the server and
// compresses it when the result differs.
package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

// The prefix all: makes an empty web/dist embed its .gitkeep; without a single
// file the build would fail.
//
//go:embed static all:dist
var files embed.FS

// Static returns the files of web/static; its root is that folder. They never
// change while the program runs.
func Static() fs.FS {
	sub, err := fs.Sub(files, "static")
	if err != nil {
		panic("web: " + err.Error()) // only for a name that is not a valid path
	}
	return sub
}

// Module is the UI's WebAssembly module in the forms that it is sent in. The
// slices are shared by all callers and must not be written to.
type Module struct {
	Brotli []byte // for clients that accept br; about 1.5 MB
	Gzip   []byte // for the others: every browser with WebAssembly accepts gzip

	Size   int64  // of the module itself in bytes: a loader's progress needs it
	SHA256 string // of the module itself, in hexadecimal: it names the version
}

// Wasm returns the UI's module, and false when the binary was built without
// it. It may be called by several goroutines.
func Wasm() (Module, bool) { return module() }

var module = sync.OnceValues(func() (Module, bool) {
	info, err := files.ReadFile("dist/app.json")
	if err != nil {
		return Module{}, false
	}
	m, err := readModule(info)
	if err != nil {
		// Fixed when the binary was built, like a regular expression that
		// does not compile: nothing that a caller could handle.
		panic(fmt.Sprintf("web: web/dist is damaged, run make clean wasm: %v", err))
	}
	return m, true
})

// readModule reads the rest of web/dist; info is its app.json.
func readModule(info []byte) (m Module, err error) {
	var about struct {
		SHA256 string `json:"sha256"`
		Size   int64  `json:"size"`
	}
	if err := json.Unmarshal(info, &about); err != nil {
		return Module{}, err
	}
	m.SHA256, m.Size = about.SHA256, about.Size
	if m.Brotli, err = files.ReadFile("dist/app.wasm.br"); err != nil {
		return Module{}, err
	}
	if m.Gzip, err = files.ReadFile("dist/app.wasm.gz"); err != nil {
		return Module{}, err
	}
	return m, nil
}
