package testenv

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ChooseFile chooses a file of this machine in an input of the type file, as the
// browser's own dialog would.
func (tab *Tab) ChooseFile(sel, path string) {
	tab.t.Helper()
	tab.existing(sel)
	tab.do("choosing a file", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		found, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.querySelector(" + quote(sel) + ")"})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, ObjectID: found.Result.ObjectID})
		return err
	}))
}

// Ctrl is the modifier of that key, for PressWith.
const Ctrl = 2

// PressWith sends a key while modifiers are held down, as in Ctrl+Enter.
func (tab *Tab) PressWith(modifiers int64, key rune) {
	tab.t.Helper()
	tab.do(fmt.Sprintf("pressing %q with modifiers", key), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		events := kb.Encode(key)
		for _, event := range events {
			event.Modifiers = modifiers
		}
		return pressKey(ctx, events)
	}))
}
