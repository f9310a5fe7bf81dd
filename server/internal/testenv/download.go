package testenv

import (
	"context"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// SaveDownloads lets the visitor save files, which go into a folder under the names that
// the page gives them. A file that is there under its name is whole.
func (tab *Tab) SaveDownloads(folder string) {
	tab.t.Helper()
	tab.do("allowing downloads", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		page, err := chromedp.Call(ctx, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: "allow", DownloadPath: folder, BrowserContextID: page.TargetInfo.BrowserContextID,
		})
		return err
	}))
}
