package testenv

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// InstallProblems returns why the browser would not install the page as an application,
// by its own names.
func (tab *Tab) InstallProblems() []string {
	tab.t.Helper()
	var problems []string
	tab.do("asking what stands against installing the page", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		result, err := chromedp.Call(ctx, page.GetInstallabilityErrors, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, problem := range result.InstallabilityErrors {
			problems = append(problems, problem.ErrorID)
		}
		return nil
	}))
	return problems
}
