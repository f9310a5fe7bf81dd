package browser

import (
	"context"
	"errors"
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// TooLargeError tells that a file is larger than it may be, both in bytes.
type TooLargeError struct{ Size, Most int }

// Error tells both sizes.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the file has %d bytes, and at most %d are taken", e.Size, e.Most)
}

// ErrNoFile is returned when no file is chosen.
var ErrNoFile = errors.New("no file is chosen")

// ReadFile reads the file that is chosen in an input of the type file, unless it is
// larger than most bytes. It blocks, so it must not be called on the UI goroutine.
func ReadFile(ctx context.Context, id string, most int) (name string, data []byte, err error) {
	if app.IsServer {
		return "", nil, ErrNoBrowser
	}
	element := find(id)
	if element == nil || element.Get("files").Length() == 0 {
		return "", nil, ErrNoFile
	}
	file := element.Get("files").Index(0)
	name = file.Get("name").String()
	if size := file.Get("size").Int(); size > most {
		return name, nil, &TooLargeError{Size: size, Most: most}
	}
	buffer, err := await(ctx, file.Call("arrayBuffer"), func() {})
	if err != nil {
		return name, nil, fmt.Errorf("read %s: %w", name, err)
	}
	bytes := app.Window().Get("Uint8Array").New(buffer)
	data = make([]byte, bytes.Length())
	app.CopyBytesToGo(data, bytes)
	return name, data, nil
}

// maxInserted is up to which length a text is written so that it can be undone: browsers
// take long over more.
const maxInserted = 64 << 10

// Rewrite writes another text into a text area and moves the keyboard there. The
// browser's own undo brings back what was there, if the text isn't long.
func Rewrite(id, text string) {
	element := find(id)
	if element == nil {
		return
	}
	element.Call("focus")
	// It is old and has no successor: to set the value forgets what could be undone.
	element.Call("select")
	command := "insertText"
	if text == "" {
		command = "delete"
	}
	if len(text) > maxInserted || !app.Window().Get("document").Call("execCommand", command, false, text).Bool() {
		element.Set("value", text)
	}
	element.Call("setSelectionRange", 0, 0)
	element.Set("scrollTop", 0)
}

// Pasted returns the text that a paste brings, while its event is handled.
func Pasted(e app.Event) string {
	if data := e.Get("clipboardData"); data.Truthy() {
		return data.Call("getData", "text").String()
	}
	return ""
}

// KeepPage keeps the browser from opening a file that is dropped on the page, in whose
// place it would be shown. A field for files takes it as ever. It is to be called once
// per page.
func KeepPage() {
	if app.IsServer {
		return
	}
	keep := app.FuncOf(func(_ app.Value, args []app.Value) any {
		// Some browsers say that a text is what was hit, which can't be asked this.
		target := args[0].Get("target")
		if !target.Get("matches").Truthy() || !target.Call("matches", "input[type=file]").Bool() {
			args[0].Call("preventDefault")
		}
		return nil
	})
	app.Window().Set("ondragover", keep)
	app.Window().Set("ondrop", keep)
}
