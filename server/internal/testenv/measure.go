package testenv

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// SlowDown has the page's thread take so many times as long for everything; 1 is as fast
// as the machine.
func (tab *Tab) SlowDown(times float64) {
	tab.t.Helper()
	tab.do("slowing the page down", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
		return err
	}))
}

// Seconds returns how long the page's thread has been at work until now, in time of the
// processor and by the browser's own names, such as TaskDuration for all of it.
func (tab *Tab) Seconds() map[string]float64 {
	tab.t.Helper()
	seconds := make(map[string]float64)
	tab.do("asking for metrics", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
			return err
		}
		result, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, metric := range result.Metrics {
			seconds[metric.Name] = metric.Value
		}
		return nil
	}))
	return seconds
}

// Held is what a page holds.
type Held struct {
	Script    float64 // bytes of objects of JavaScript; the memory of WebAssembly isn't among them
	Nodes     int64   // of documents, also of what isn't shown
	Listeners int64   // for events
}

// Held returns what the page holds, once all has gone that nothing refers to.
func (tab *Tab) Held() (held Held) {
	tab.t.Helper()
	tab.do("asking for what the page holds", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			return err
		}
		heap, err := chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
		if err != nil {
			return err
		}
		counted, err := chromedp.Call(ctx, memory.GetDOMCounters, cdp.Empty{})
		if err != nil {
			return err
		}
		held = Held{Script: heap.UsedSize, Nodes: counted.Nodes, Listeners: counted.JsEventListeners}
		return nil
	}))
	return held
}

// BeforeScripts runs a script in each page from the next load on, before any of its own.
func (tab *Tab) BeforeScripts(script string) {
	tab.t.Helper()
	tab.do("adding a script", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}
