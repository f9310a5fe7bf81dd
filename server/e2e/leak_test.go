package e2e

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

const (
	// anHour is how many events come in an hour, at fifty a second.
	anHour = 3600 * 50
	// someWhile is enough of it to see a leak, and little enough for a test.
	someWhile = anHour / 10
	// room is what tables keep, in bytes, from the moment when most carts were on their way
	// out. A leak of a few bytes an event is more than that.
	room = 128 << 10
	// atOnce is how many events are sent before the page has shown the last.
	atOnce = 1800
)

// The desk holds no more after thousands of events than before: of the carts that they
// were about, some stay and others come and go.
func TestDeskHoldsNothing(t *testing.T) {
	t.Parallel()
	holdsNothing(t, someWhile)
}

// BenchmarkDeskHour has the desk take the events of an hour as fast as it can.
func BenchmarkDeskHour(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		holdsNothing(b, anHour)
		b.ReportMetric(anHour/time.Since(began).Seconds(), "events/s")
	}
}

func holdsNothing(tb testing.TB, events int) {
	g := startGateway(tb)
	crowd := gather(tb, g.BaseURL, 30)
	f := startFront(tb, g.BaseURL)
	s := &storm{tb: tb, texts: make(chan string)}
	f.handle("/events/io", s.serve)
	tab := testenv.Browser(tb, testenv.BrowserOptions{})
	openAllCarts(tab, f.URL, g.password, "30 carts")
	for _, shopper := range crowd.shoppers {
		s.stay = append(s.stay, shared.CartSummary{ID: shopper.cart, Name: "calm-cat-11", Version: 1, Status: shared.CartOpen, Seen: true})
	}

	s.blow(tab, events/3) // until all there is for it is in use
	before, heap := settled(tab)
	s.blow(tab, events)
	after, grown := settled(tab)
	tb.Logf("before: %+v and %.0f bytes in Go; after %d events: %+v and %.0f", before, heap, events, after, grown)
	for _, check := range []struct {
		what          string
		before, after float64
	}{
		{"bytes in Go", heap, grown},
		{"bytes in JavaScript", before.Script, after.Script},
	} {
		if check.after > 1.1*check.before+room {
			tb.Errorf("after %d events there are %.0f %s, before there were %.0f", events, check.after, check.what, check.before)
		}
	}
	if after.Nodes > before.Nodes*11/10 || after.Listeners > before.Listeners*11/10 {
		tb.Errorf("after %d events there are %d nodes with %d listeners, before there were %d with %d", events, after.Nodes, after.Listeners, before.Nodes, before.Listeners)
	}
}

// settled returns what the page holds once the carts that went are no longer shown, and
// how many bytes of it Go has. What Go lets go of, the browser can only then, so it is
// asked twice.
func settled(tab *testenv.Tab) (held testenv.Held, heap float64) {
	tab.WaitText(".list-count", "30 carts")
	for range 2 {
		heap, held = testenv.Eval[float64](tab, "cartlineHeap()"), tab.Held()
	}
	return held, heap
}

// storm stands in for the events endpoint.
type storm struct {
	tb    testing.TB
	texts chan string

	stay   []shared.CartSummary
	passes []shared.CartSummary // open ones that will go
	made   int
}

// serve answers what is listened to, and sends what it is given.
func (s *storm) serve(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // the page is gone
	}
	defer conn.CloseNow()
	asked := make(chan shared.Request)
	ctx, cancel := context.WithCancel(s.tb.Context())
	defer cancel()
	go func() {
		defer cancel()
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			request, err := shared.ParseRequest(data)
			if err != nil {
				s.tb.Errorf("the page sent %s: %v", data, err)
				return
			}
			select {
			case asked <- request:
			case <-ctx.Done():
			}
		}
	}()
	for {
		var text string
		select {
		case text = <-s.texts:
		case request := <-asked:
			text = fmt.Sprintf(`["pong",%q]`, request.Ping)
			if request.Listen != "" {
				text = fmt.Sprintf(`["listening",{"channel":%q,"cursor":"c.0"}]`, request.Listen)
			}
		case <-ctx.Done():
			return
		}
		if conn.Write(ctx, websocket.MessageText, []byte(text)) != nil {
			return
		}
	}
}

// blow sends events, as many at once as the page has room for.
func (s *storm) blow(tab *testenv.Tab, events int) {
	for sent := 0; sent < events; sent += atOnce {
		var batch []byte
		for i := range atOnce {
			if len(batch) > 0 {
				batch = append(batch, ',')
			}
			batch = append(batch, s.event()...)
			if len(batch) > shared.MaxBatch-2000 || i == atOnce-1 {
				s.say(`["batch",[` + string(batch) + `]]`)
				batch = nil
			}
		}
		last := s.stay[s.made%len(s.stay)]
		tab.WaitFunc(fmt.Sprintf(`document.querySelector("#carts tr[data-id=\"%s\"] .c-items")?.firstChild.textContent === "%d"`, last.ID, last.Items))
	}
	// What came must also go.
	for len(s.passes) > 0 {
		s.say(string(s.end()))
	}
}

func (s *storm) say(text string) {
	select {
	case s.texts <- text:
	case <-time.After(commandTimeout):
		s.tb.Fatal("the page takes nothing any more")
	}
}

// event is the next one: of fifty, one begins a cart, one ends it, and the others change
// one of those that stay; the last of those at once is one of these.
func (s *storm) event() []byte {
	s.made++
	switch s.made % 50 {
	case 3:
		c := shared.CartSummary{ID: fmt.Sprintf("%032x", s.made), Name: "swift-elk-42", Version: 1, Status: shared.CartOpen, Seen: true, Items: 1}
		s.passes = append(s.passes, c)
		return s.text(c, shared.LineAdded)
	case 7:
		return s.end()
	}
	c := &s.stay[s.made%len(s.stay)]
	c.Version++
	c.Items = s.made
	return s.text(*c, shared.LineChanged)
}

func (s *storm) end() []byte {
	c := s.passes[0]
	s.passes = s.passes[1:]
	c.Version, c.Status = 2, shared.CartOrdered
	return s.text(c, shared.Ordered)
}

func (s *storm) text(c shared.CartSummary, kind shared.ActivityKind) []byte {
	c.UpdatedAt = time.Now()
	c.Lines, c.Products, c.Page = 1, []string{"Blue mug"}, "/shop/p/blue-mug"
	line := &shared.LineChange{SKU: "MUG-BLUE", Name: "Blue mug", OldQuantity: 1, NewQuantity: c.Items}
	actor := shared.Actor{Kind: shared.ActorShopper}
	c.Last = &shared.LastChange{Kind: kind, Actor: actor, Line: line}
	message, err := shared.NewMessage(shared.ChannelCartActivity, shared.Activity{
		CartID: c.ID, CartVersion: c.Version, Kind: kind, Actor: actor, At: c.UpdatedAt, Line: line, Cart: c,
	}, &shared.Meta{Cursor: fmt.Sprint("c.", s.made, ".", c.Version), At: c.UpdatedAt})
	if err != nil {
		s.tb.Fatal(err)
	}
	text, err := message.Text()
	if err != nil {
		s.tb.Fatal(err)
	}
	return text
}
