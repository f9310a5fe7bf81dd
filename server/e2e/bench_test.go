package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
)

// BenchmarkConsole has the console shown a thousand messages a second, and measures how
// many frames the browser draws of it: in the whole, and in the worst second.
func BenchmarkConsole(b *testing.B) {
	const pace = 1000 // messages a second
	server := testenv.StartServer(b, testenv.ServerOptions{Args: []string{"--database", "sqlite:" + filepath.Join(b.TempDir(), "cartline.db")}})
	source, sent := startSource(b, pace)
	tab := testenv.Browser(b, testenv.BrowserOptions{})
	tab.SetViewport(1280, 900, false)
	openConsole(tab, server.BaseURL)
	tab.Fill("#url", source)
	tab.Click("#open")
	tab.WaitContains("#message", `Server Says: {"n":`)

	var frames measured
	first, began := sent.Load(), time.Now()
	rounds := 0
	for b.Loop() {
		one := testenv.Eval[measured](tab, countFrames)
		if rounds == 0 || one.Worst < frames.Worst {
			frames.Worst = one.Worst
		}
		frames.PerSecond += one.PerSecond
		rounds++
	}
	b.ReportMetric(frames.PerSecond/float64(rounds), "frames/s")
	b.ReportMetric(frames.Worst, "frames/s-worst")
	b.ReportMetric(float64(sent.Load()-first)/time.Since(began).Seconds(), "messages/s")
}

// BenchmarkFirstEcho measures how long someone who has never been here waits, from the
// page's address to the first echo: the program loads, and they connect, type and send
// as fast as a machine.
func BenchmarkFirstEcho(b *testing.B) {
	server := testenv.StartServer(b, testenv.ServerOptions{Args: []string{"--database", "sqlite:" + filepath.Join(b.TempDir(), "cartline.db")}})
	for b.Loop() {
		b.StopTimer()
		tab := testenv.Browser(b, testenv.BrowserOptions{}) // with an empty cache
		b.StartTimer()
		openConsole(tab, server.BaseURL)
		tab.Click("#open")
		waitEnabled(tab, "close send")
		say(tab, "hello")
		tab.WaitText("#message", "Server Says: hello")
	}
}

// measured is what countFrames finds.
type measured struct {
	PerSecond float64 `json:"perSecond"`
	Worst     float64 `json:"worst"` // frames in the worst second
}

// countFrames counts for five seconds how often the browser draws.
const countFrames = `new Promise((done) => {
	const times = []
	const began = performance.now()
	const frame = (now) => {
		times.push(now)
		if (now - began < 5000) return requestAnimationFrame(frame)
		let worst = Infinity
		for (let i = 0; times[i] + 1000 <= now; i++) {
			worst = Math.min(worst, times.filter((t) => t > times[i] && t <= times[i] + 1000).length)
		}
		done({perSecond: times.length / ((now - began) / 1000), worst})
	}
	requestAnimationFrame(frame)
})`

// startSource runs a server that sends everyone who connects so many messages a second,
// and counts them.
func startSource(tb testing.TB, pace int) (url string, sent *atomic.Int64) {
	tb.Helper()
	sent = new(atomic.Int64)
	ctx, stop := context.WithCancel(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		const every = 10 * time.Millisecond
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			for range pace * int(every) / int(time.Second) {
				n := sent.Add(1)
				text := fmt.Sprintf(`{"n":%d,"at":%q,"sku":"MUG-BLUE","quantity":3,"name":"Blue mug with a long name"}`, n, time.Now().Format(time.RFC3339Nano))
				if conn.Write(ctx, websocket.MessageText, []byte(text)) != nil {
					return
				}
			}
		}
	}))
	tb.Cleanup(func() {
		stop()
		server.Close()
	})
	return strings.Replace(server.URL, "http", "ws", 1), sent
}
