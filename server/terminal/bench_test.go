package terminal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/server/terminal"
)

// measure runs a bench to its end.
func measure(t *testing.T, url string, change func(*terminal.Bench)) *terminal.Result {
	t.Helper()
	address, err := terminal.Address(url)
	if err != nil {
		t.Fatal(err)
	}
	var notes output
	b := terminal.Bench{Address: address, Connections: 4, Size: 32, Duration: 200 * time.Millisecond, Notes: &notes}
	if change != nil {
		change(&b)
	}
	done := make(chan *terminal.Result, 1)
	go func() { done <- b.Run(t.Context()) }()
	return receive(t, "the result", done)
}

func TestBench(t *testing.T) {
	for _, test := range []struct {
		name     string
		size     int
		duration time.Duration
	}{{"the smallest", 1, 200 * time.Millisecond}, {"as the greeting", 14, 200 * time.Millisecond}, {"large", 1 << 18, 2 * time.Second}} {
		for _, binary := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				var kinds atomic.Int64
				codes := make(chan websocket.StatusCode, 10)
				url := serve(t, func(ctx context.Context, conn *websocket.Conn) {
					_ = conn.Write(ctx, websocket.MessageText, []byte("Echo Initiated")) // reading tells
					for {
						kind, data, err := conn.Read(ctx)
						if err != nil {
							codes <- websocket.CloseStatus(err)
							return
						}
						if (kind == websocket.MessageBinary) != binary || len(data) != test.size {
							kinds.Add(1)
						}
						if conn.Write(ctx, kind, data) != nil {
							return
						}
					}
				})
				r := measure(t, url, func(b *terminal.Bench) { b.Size, b.Binary, b.Duration = test.size, binary, test.duration })
				if err := r.Err(); err != nil || r.FirstFailure != "" {
					t.Fatalf("got %v, %s", err, r.FirstFailure)
				}
				if r.Opened != 4 || r.Failed+r.Broken+r.WrongEchoes != 0 || r.OtherMessages != 4 || r.Messages == 0 || kinds.Load() != 0 {
					t.Errorf("got %+v, and %d of another kind", r, kinds.Load())
				}
				if r.P50 <= 0 || r.P50 > r.P95 || r.P95 > r.P99 || r.P99 > r.Max || r.Seconds < 0.2 || r.MessagesPerSecond <= 0 {
					t.Errorf("got %+v", r)
				}
				total := 0
				for _, bar := range r.Histogram {
					total += bar.Count
				}
				if total == 0 || total > r.Messages {
					t.Errorf("got %d in the histogram of %d", total, r.Messages)
				}
				for range 4 {
					if code := receive(t, "the end", codes); code != websocket.StatusNormalClosure {
						t.Errorf("got the code %d, want each connection closed in order", code)
					}
				}
			})
		}
	}
}

// A message that is larger than any echo is not taken: the memory is ours.
func TestBenchTakesNoLargeMessages(t *testing.T) {
	for _, size := range []int{32, 100_000} {
		for more, broken := range map[int]bool{0: false, 1: true} {
			r := measure(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
				err := conn.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("x"), max(size, 64<<10)+more))
				for err == nil {
					var kind websocket.MessageType
					var data []byte
					if kind, data, err = conn.Read(ctx); err == nil {
						err = conn.Write(ctx, kind, data)
					}
				}
			}), func(b *terminal.Bench) { b.Size = size })
			if got := r.Failed == 4 && strings.Contains(r.FirstFailure, "1009"); got != broken || broken != (r.Err() != nil) {
				t.Errorf("%d bytes, and %d more in another message: got %+v, %v", size, more, r, r.Err())
			}
		}
	}
}

// What is said and sent back besides is counted, and is no echo.
func TestBenchOfAnEchoThatSaysMore(t *testing.T) {
	r := measure(t, serve(t, func(ctx context.Context, conn *websocket.Conn) {
		for {
			kind, data, err := conn.Read(ctx)
			for _, text := range []string{string(data), string(data), "", "news"} {
				if err == nil {
					err = conn.Write(ctx, kind, []byte(text))
				}
			}
			if err != nil {
				return
			}
		}
	}), nil)
	if err := r.Err(); err != nil || r.Messages == 0 || r.WrongEchoes != 0 || r.OtherMessages < 2*r.Messages {
		t.Errorf("got %v, %+v", err, r)
	}
}

func TestBenchFails(t *testing.T) {
	// after sends so many messages back, and then does something else.
	after := func(n int, other func(context.Context, *websocket.Conn, []byte)) string {
		return serve(t, func(ctx context.Context, conn *websocket.Conn) {
			for i := 0; ; i++ {
				kind, data, err := conn.Read(ctx)
				if err != nil {
					return
				}
				if i >= n {
					other(ctx, conn, data)
				} else if conn.Write(ctx, kind, data) != nil {
					return
				}
			}
		})
	}
	for _, test := range []struct {
		name  string
		url   string
		want  terminal.Result
		first string
		error string
	}{
		{"nobody is there", "ws://127.0.0.1:1", terminal.Result{Failed: 4}, "connection refused", "no connection: ws://127.0.0.1:1: dial tcp"},
		{"refused", serveHTTP(t, func(_ context.Context, w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "too many", http.StatusTooManyRequests)
		}), terminal.Result{Failed: 4}, "refused with 429 Too Many Requests: too many", "refused with 429"},
		{"no echo at all", after(0, func(context.Context, *websocket.Conn, []byte) {}), terminal.Result{Failed: 4}, "did not come in time", "no connection: an echo did not come"},
		{"no echo any more", after(5, func(context.Context, *websocket.Conn, []byte) {}), terminal.Result{Opened: 4, Broken: 4, Messages: 16}, "did not come in time", ""},
		{"closed", after(5, func(_ context.Context, conn *websocket.Conn, _ []byte) { _ = conn.Close(1011, "tired") }), terminal.Result{Opened: 4, Broken: 4, Messages: 16}, "closed with code 1011 (internal error): tired", ""},
		{"closed at once", after(1, func(_ context.Context, conn *websocket.Conn, _ []byte) { _ = conn.CloseNow() }), terminal.Result{Opened: 4, Broken: 4}, "closed with code 1006", "no echo came back"},
		{"another echo", after(5, func(ctx context.Context, conn *websocket.Conn, data []byte) {
			data[len(data)-1]++
			_ = conn.Write(ctx, websocket.MessageText, data) // reading tells
		}), terminal.Result{Opened: 4, WrongEchoes: 4, Messages: 16}, "not what had been sent", "4 echoes were not what had been sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.HasPrefix(test.name, "no echo") {
				defer terminal.Impatient(time.Second)()
			}
			r := measure(t, test.url, func(b *terminal.Bench) { b.Duration = patience })
			got := terminal.Result{Opened: r.Opened, Failed: r.Failed, Broken: r.Broken, WrongEchoes: r.WrongEchoes, Messages: r.Messages}
			if !same(got, test.want) || !strings.Contains(r.FirstFailure, test.first) || r.Seconds > patience.Seconds()/2 {
				t.Errorf("got %+v, want %+v and %s", r, test.want, test.first)
			}
			if err := r.Err(); test.error == "" && err != nil || test.error != "" && (err == nil || !strings.Contains(err.Error(), test.error)) {
				t.Errorf("got %v, want %q", err, test.error)
			}
		})
	}
}

func same(a, b terminal.Result) bool {
	return a.Opened == b.Opened && a.Failed == b.Failed && a.Broken == b.Broken && a.WrongEchoes == b.WrongEchoes && a.Messages == b.Messages
}

// Ctrl-C ends it early, with what is known by then.
func TestBenchIsInterrupted(t *testing.T) {
	address, err := terminal.Address(serve(t, echo))
	if err != nil {
		t.Fatal(err)
	}
	var notes output
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan *terminal.Result, 1)
	go func() {
		done <- terminal.Bench{Address: address, Connections: 3, Size: 10, Duration: time.Hour, Notes: &notes}.Run(ctx)
	}()
	notes.waitFor(t, "  1 s  ")
	stop()
	r := receive(t, "the result", done)
	if err := r.Err(); err != nil || r.Messages == 0 || r.Opened != 3 || r.Broken != 0 || r.Seconds > patience.Seconds() {
		t.Errorf("got %v, %+v", err, r)
	}

	// While it still connects, too.
	var arrived atomic.Int64
	address, err = terminal.Address(serveHTTP(t, func(ctx context.Context, _ http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		select {
		case <-r.Context().Done():
		case <-ctx.Done():
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop = context.WithCancel(t.Context())
	defer stop()
	go func() {
		done <- terminal.Bench{Address: address, Connections: 100, Size: 10, Duration: time.Hour, Notes: &notes}.Run(ctx)
	}()
	testenv.Eventually(t, patience, "as many handshakes as there may be", func() bool { return arrived.Load() == 64 })
	notes.waitFor(t, "0 of 100 connections are open")
	stop()
	r = receive(t, "the result", done)
	if err := r.Err(); err == nil || r.Opened != 0 || r.Failed != 0 || r.Messages != 0 {
		t.Errorf("got %v, %+v; want that none was open yet", err, r)
	}
}

func TestResultIsWritten(t *testing.T) {
	r := &terminal.Result{
		URL: "ws://localhost/echo", Connections: 10, Opened: 9, Failed: 1, FirstFailure: "refused", OtherMessages: 9,
		Size: 32, Seconds: 2, Messages: 3000, MessagesPerSecond: 1500, MegabytesPerSecond: 0.048, P50: 0.2, P95: 1.5, P99: 12, Max: 345.6,
		Histogram: []terminal.HistogramBar{{From: 0, To: 0.5, Count: 2000}, {From: 0.5, To: 345.7, Count: 1000}},
	}
	var text, object output
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := `ws://localhost/echo

connections     9 open of 10
failures        1 not opened, 0 broken, 0 with a wrong echo
the first       refused
other messages  9
messages        3000 of 32 bytes in 2.0 s
throughput      1500 messages/s, 0.05 MB/s each way
round trip      p50 0.20 ms   p95 1.50 ms   p99 12.0 ms   max 346 ms

  0.00 ms to   0.50 ms   66.7 %  ████████████████████████████████████████
  0.50 ms to    346 ms   33.3 %  ████████████████████
`
	if got := text.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := r.WriteJSON(&object); err != nil {
		t.Fatal(err)
	}
	var got terminal.Result
	if err := json.Unmarshal([]byte(object.String()), &got); err != nil || got.P99 != 12 || len(got.Histogram) != 2 {
		t.Errorf("got %s, %v", object.String(), err)
	}
	if err := (&terminal.Result{}).WriteText(fullDisk{}); err == nil {
		t.Error("an output that fails is not told of")
	}
	if err := (&terminal.Result{}).WriteJSON(fullDisk{}); err == nil {
		t.Error("an output that fails is not told of")
	}
}
