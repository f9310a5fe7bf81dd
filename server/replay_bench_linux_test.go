package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// missed is how many events a client comes back for.
const missed = 100_000

// BenchmarkReplay has a client of the program as it ships come back for a hundred thousand
// events that it missed, and tells what that takes of the server's processor time. The
// delays of live events, of which another client gets fifty a second, are told of a second
// without a replay and of the time with it.
func BenchmarkReplay(b *testing.B) {
	b.Run("postgres", func(b *testing.B) {
		dsn := testenv.Postgres(b)
		replay(b, dsn, func() {
			conn, err := pgx.Connect(b.Context(), dsn)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close(b.Context())
			// What the one change has written, over and over.
			for _, statement := range []string{
				fmt.Sprintf(`INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state)
				SELECT cart_id, cart_version + 1000 * i, kind, at, shopper, payload, state
				FROM generate_series(1, %d) AS i, (SELECT * FROM activity ORDER BY tx DESC, id DESC LIMIT 1) AS last`, missed),
				`VACUUM ANALYZE activity`,
			} {
				if _, err := conn.Exec(b.Context(), statement); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "cartline.db")
		replay(b, "sqlite:"+path, func() {
			db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)")
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(b.Context(), `
				WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
				INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state)
				SELECT cart_id, cart_version + 1000 * i, kind, at, shopper, payload, state FROM numbers, (SELECT * FROM activity ORDER BY id DESC LIMIT 1)`, missed); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// replay fills the log behind its first activity, and measures.
func replay(b *testing.B, database string, fill func()) {
	options := testenv.ServerOptions{Args: []string{"--demo", "--demo-shoppers", "0", "--database", database}}
	s := testenv.StartServer(b, options)
	early := newLive(b, s.BaseURL, staffCookie(b, s))
	if err := newWireShopper(b, strings.TrimPrefix(s.BaseURL, "http://")).set("MUG-BLUE", 2, 0); err != nil {
		b.Fatal(err)
	}
	first := early.next(b)
	s.Stop(b)
	fill()
	s = testenv.StartServer(b, options)
	pids, cookie := children(b, "cartline"), staffCookie(b, s)
	live := newLive(b, s.BaseURL, cookie)
	shopper := newWireShopper(b, strings.TrimPrefix(s.BaseURL, "http://"))
	if err := shopper.set("MUG-BLUE", 2, 0); err != nil {
		b.Fatal(err)
	}
	var quiet, busy []time.Duration
	var replays, took, spent time.Duration
	for range 5 {
		at, before := time.Now(), processorTime(pids)
		quiet = append(quiet, live.delays(b, shopper, time.After(time.Second))...)
		// What the live changes take is not the replay's.
		others := float64(processorTime(pids)-before) / float64(time.Since(at))

		done := make(chan time.Time, 1)
		at, before = time.Now(), processorTime(pids)
		go func() {
			comeBack(b, s.BaseURL, cookie, first.Meta.Cursor)
			done <- time.Now()
		}()
		busy = append(busy, live.delays(b, shopper, done)...)
		lasted, all := time.Since(at), processorTime(pids)-before
		took += lasted
		spent += all
		replays += all - time.Duration(others*float64(lasted))
	}
	b.ReportMetric(replays.Seconds()*1e3/5, "ms-processor/replay")
	b.ReportMetric(spent.Seconds()*1e3/5, "ms-processor/replay-and-live")
	b.ReportMetric(took.Seconds()*1e3/5, "ms-took")
	tell := func(delays []time.Duration, when string) {
		slices.Sort(delays)
		b.ReportMetric(delays[len(delays)/2].Seconds()*1e3, "ms-p50-"+when)
		b.ReportMetric(delays[len(delays)*99/100].Seconds()*1e3, "ms-p99-"+when)
	}
	tell(quiet, "quiet")
	tell(busy, "replaying")
	b.ReportMetric(0, "ns/op")
}

func staffCookie(b *testing.B, s *testenv.Server) string {
	b.Helper()
	found := regexp.MustCompile(`with the password  (\S+)`).FindStringSubmatch(s.Output())
	if found == nil {
		b.Fatal("the program tells no password")
	}
	body, err := json.Marshal(shared.SignIn{Username: "demo", Password: found[1]})
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.Post(s.BaseURL+"/api/staff/session", "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if len(response.Cookies()) == 0 {
		b.Fatalf("signing in: got %s", response.Status)
	}
	return response.Cookies()[0].Name + "=" + response.Cookies()[0].Value
}

// dialEvents listens with a request.
func dialEvents(b *testing.B, origin, cookie, request string) *websocket.Conn {
	ws, _, err := websocket.Dial(b.Context(), strings.Replace(origin, "http", "ws", 1)+"/events/io",
		&websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {cookie}, "Origin": {origin}}})
	if err != nil {
		b.Error(err)
		return nil
	}
	ws.SetReadLimit(1 << 20)
	if err := ws.Write(b.Context(), websocket.MessageText, []byte(request)); err != nil {
		b.Error(err)
	}
	return ws
}

// comeBack reads until all that was missed has come.
func comeBack(b *testing.B, origin, cookie, after string) {
	ws := dialEvents(b, origin, cookie, fmt.Sprintf(`{"listen":%q,"after":%q,"batch":true}`, shared.ChannelCartActivity, after))
	if ws == nil {
		return
	}
	defer ws.CloseNow()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	for heard := 0; heard < missed; {
		_, text, err := ws.Read(ctx)
		if err != nil {
			b.Errorf("after %d events: %v", heard, err)
			return
		}
		heard += bytes.Count(text, []byte(`["`+shared.ChannelCartActivity+`",`))
	}
}

// liveClient hears what happens now.
type liveClient struct {
	heard chan shared.Message
}

func newLive(b *testing.B, origin, cookie string) *liveClient {
	b.Helper()
	ws := dialEvents(b, origin, cookie, fmt.Sprintf(`{"listen":%q}`, shared.ChannelCartActivity))
	if ws == nil {
		b.FailNow()
	}
	l := &liveClient{heard: make(chan shared.Message, 1000)}
	ended := make(chan struct{})
	b.Cleanup(func() {
		ws.CloseNow()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			_, text, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			if m, err := shared.ParseMessage(text); err == nil {
				select {
				case l.heard <- m:
				default: // nobody looks
				}
			}
		}
	}()
	if m := l.next(b); m.Kind != shared.KindListening {
		b.Fatalf("got %s, want to be listening", m.Kind)
	}
	return l
}

func (l *liveClient) next(b *testing.B) shared.Message {
	b.Helper()
	select {
	case m := <-l.heard:
		return m
	case <-time.After(time.Minute):
		b.Fatal("no event within a minute")
		return shared.Message{}
	}
}

// delays makes fifty changes a second until the end, and tells how long after each was
// begun its event was there.
func (l *liveClient) delays(b *testing.B, shopper *wireShopper, end <-chan time.Time) (all []time.Duration) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-end:
			if len(all) == 0 {
				b.Fatal("nothing was changed")
			}
			return all
		case <-tick.C:
		}
		for len(l.heard) > 0 { // what is left of an earlier change, or the log's filling
			<-l.heard
		}
		began := time.Now()
		if err := shopper.change(); err != nil {
			b.Fatal(err)
		}
		l.next(b)
		all = append(all, time.Since(began))
	}
}
