package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
)

// BenchmarkAPI has many shoppers change their carts through the program as it ships, on
// a PostgreSQL that flushes each commit to the disk, all on this machine: at two thousand
// changes a second, and at as many as go. Besides times, it tells what each of the three
// took of the processors, since they share them.
func BenchmarkAPI(b *testing.B) {
	for _, test := range []struct {
		name     string
		rate     int // changes a second; 0: each shopper makes the next when the last is done
		shoppers int
	}{
		{"2000", 2000, 64},
		{"most", 0, 32},
	} {
		b.Run(test.name, func(b *testing.B) {
			l := newLoad(b, test.shoppers)
			l.run(b, 2*time.Second, test.rate) // to open connections, and to warm up
			for b.Loop() {
				l.measure(b, 8*time.Second, test.rate)
			}
		})
	}
}

// load is a shop with its shoppers.
type load struct {
	shoppers []*wireShopper
	parts    map[string][]int // processes, by what they do
}

func newLoad(b *testing.B, shoppers int) *load {
	b.Helper()
	cluster, err := testenv.StartCluster("synchronous_commit=on", "autovacuum=on", "fsync=on", "full_page_writes=on", "shared_buffers=128MB")
	if err != nil {
		b.Fatalf("PostgreSQL is needed for this: %v", err)
	}
	b.Cleanup(func() {
		if err := cluster.Remove(); err != nil {
			b.Error(err)
		}
	})
	database := cluster.DSN("postgres")
	s := testenv.StartServer(b, testenv.ServerOptions{Args: []string{"--demo", "--demo-shoppers", "0", "--database", database}})
	l := &load{}
	for range shoppers {
		w := newWireShopper(b, strings.TrimPrefix(s.BaseURL, "http://"))
		l.shoppers = append(l.shoppers, w)
		for _, sku := range []string{"MUG-SAND", "MUG-BLUE"} {
			if err := w.set(sku, 1, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	l.parts = map[string][]int{"client": {os.Getpid()}, "server": children(b, "cartline"), "postgres": nil}
	l.run(b, time.Second, 0) // after which the server has all its connections
	conn, err := pgx.Connect(b.Context(), database)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	rows, err := conn.Query(b.Context(), `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`)
	if err != nil {
		b.Fatal(err)
	}
	if l.parts["postgres"], err = pgx.CollectRows(rows, pgx.RowTo[int]); err != nil {
		b.Fatal(err)
	}
	return l
}

// measure runs the load and reports on it.
func (l *load) measure(b *testing.B, d time.Duration, rate int) {
	before := map[string]time.Duration{}
	for part, pids := range l.parts {
		before[part] = processorTime(pids)
	}
	began := time.Now()
	took := l.run(b, d, rate)
	elapsed := time.Since(began)
	if len(took) == 0 {
		b.Fatal("nothing was changed")
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(took))/elapsed.Seconds(), "changes/s")
	b.ReportMetric(took[len(took)/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1e3, "p99-ms")
	for part, pids := range l.parts {
		b.ReportMetric((processorTime(pids)-before[part]).Seconds()*1e6/float64(len(took)), "µs-"+part)
	}
}

// run has the shoppers change their carts for a while, and returns how long each change
// took: with a rate, from when it was due, so that one that holds up others counts for
// them too.
func (l *load) run(b *testing.B, d time.Duration, rate int) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var number atomic.Int64
	ctx, cancel := context.WithTimeout(b.Context(), d)
	defer cancel()
	began := time.Now()
	var running sync.WaitGroup
	for _, w := range l.shoppers {
		running.Go(func() {
			var took []time.Duration
			for ctx.Err() == nil {
				due := time.Now()
				if rate > 0 {
					due = began.Add(time.Duration(number.Add(1)) * time.Second / time.Duration(rate))
					select {
					case <-time.After(time.Until(due)):
					case <-ctx.Done():
						continue
					}
				}
				if err := w.change(); err != nil {
					b.Error(err)
					return
				}
				took = append(took, time.Since(due))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	running.Wait()
	return all
}

// wireShopper is a shopper's browser, as cheap as can be: it shares the processors with
// what is measured.
type wireShopper struct {
	conn     net.Conn
	read     *bufio.Reader
	host     string
	cookie   string
	body     []byte
	version  int
	quantity int
}

func newWireShopper(b *testing.B, address string) *wireShopper {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &wireShopper{conn: conn, read: bufio.NewReader(conn), host: address}
}

// change sets the quantity of a mug.
func (w *wireShopper) change() error {
	w.quantity = w.quantity%9 + 1
	if w.quantity == 1 {
		w.quantity++
	}
	return w.set("MUG-BLUE", w.quantity, w.version)
}

func (w *wireShopper) set(sku string, quantity, version int) error {
	w.quantity = quantity
	body := fmt.Sprintf(`{"quantity":%d,"version":%d}`, quantity, version)
	request := fmt.Sprintf("PUT /api/cart/lines/%s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		sku, w.host, w.cookie, len(body), body)
	if _, err := io.WriteString(w.conn, request); err != nil {
		return err
	}
	response, err := http.ReadResponse(w.read, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	w.body = slices.Grow(w.body[:0], max(0, int(response.ContentLength)))[:max(0, int(response.ContentLength))]
	if _, err := io.ReadFull(response.Body, w.body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("got %s: %s", response.Status, w.body)
	}
	for _, cookie := range response.Cookies() {
		w.cookie = cookie.Name + "=" + cookie.Value
	}
	// The line that was changed has the cart's version, which comes first.
	_, after, _ := bytes.Cut(w.body, []byte(`"version":`))
	digits, _, _ := bytes.Cut(after, []byte(","))
	w.version, err = strconv.Atoi(string(digits))
	return err
}

// children returns the processes that this one has started of a program.
func children(b *testing.B, program string) (pids []int) {
	b.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range paths {
		name, fields := processStat(path)
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && name == program && len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pids = append(pids, pid)
		}
	}
	if len(pids) != 1 {
		b.Fatalf("%d processes are called %s, want one", len(pids), program)
	}
	return pids
}

// processStat reads a /proc/PID/stat: the program's name and what follows it. They are
// empty if the process is gone.
func processStat(path string) (name string, fields []string) {
	stat, err := os.ReadFile(path)
	if err != nil {
		return "", nil
	}
	_, after, _ := strings.Cut(string(stat), " (")
	name, after, _ = strings.Cut(after, ") ")
	return name, strings.Fields(after)
}

// processorTime adds up what processes have taken of the processors, which the kernel
// tells in hundredths of a second.
func processorTime(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		_, fields := processStat(fmt.Sprintf("/proc/%d/stat", pid))
		if len(fields) < 13 {
			continue
		}
		for _, field := range fields[11:13] {
			ticks, err := strconv.Atoi(field)
			if err == nil {
				sum += time.Duration(ticks) * 10 * time.Millisecond
			}
		}
	}
	return sum
}
