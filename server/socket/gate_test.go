package socket

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cartline/server/internal/testenv"
	"cartline/server/socket/wire"
	"cartline/shared"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func quietGate(limits Limits) *Gate { return NewGate(limits, nil, slog.New(slog.DiscardHandler)) }

// wantEmpty fails the test if anybody is counted who has left.
func (g *Gate) wantEmpty(t testing.TB) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != 0 || g.faulty != 0 || len(g.addresses) != 0 || len(g.users) != 0 {
		t.Errorf("got %d inside, addresses %v, users %v, want nobody", g.open, g.addresses, g.users)
	}
}

// TestGate tells each limit's refusal, and that room which is given back is taken.
func TestGate(t *testing.T) {
	type visit struct{ address, user string }
	for _, test := range []struct {
		name   string
		limits Limits
		inside []visit
		next   visit
		limit  shared.Limit // that refuses next; "": none does
		status int
		code   shared.Code
	}{
		{"no limits", Limits{}, []visit{{"192.0.2.1", "a"}, {"192.0.2.1", "a"}}, visit{"192.0.2.1", "a"}, "", 0, ""},
		{"in all", Limits{Connections: 2}, []visit{{"192.0.2.1", "a"}, {"192.0.2.2", "b"}}, visit{"192.0.2.3", "c"}, shared.LimitConnections, 503, shared.CodeTooManyConnections},
		{"address", Limits{PerAddress: 2}, []visit{{"192.0.2.1", "a"}, {"192.0.2.1", "b"}}, visit{"192.0.2.1", "c"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
		{"another address", Limits{PerAddress: 2}, []visit{{"192.0.2.1", "a"}, {"192.0.2.1", "b"}}, visit{"192.0.2.2", "c"}, "", 0, ""},
		{"the same address in IPv6's form", Limits{PerAddress: 1}, []visit{{"192.0.2.1", "a"}}, visit{"::ffff:192.0.2.1", "c"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
		{"the same network of IPv6", Limits{PerAddress: 1}, []visit{{"2001:db8:1:2::1", "a"}}, visit{"2001:db8:1:2:ffff::9", "c"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
		{"another network of IPv6", Limits{PerAddress: 1}, []visit{{"2001:db8:1:2::1", "a"}}, visit{"2001:db8:1:3::1", "c"}, "", 0, ""},
		{"another zone", Limits{PerAddress: 1}, []visit{{"fe80::1%eth0", "a"}}, visit{"fe80::2%eth1", "c"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
		{"no IP address", Limits{PerAddress: 1}, []visit{{"@", "a"}}, visit{"@", "c"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
		{"user", Limits{PerUser: 1}, []visit{{"192.0.2.1", "a"}}, visit{"192.0.2.2", "a"}, shared.LimitUser, 429, shared.CodeTooManyConnections},
		{"another user", Limits{PerUser: 1}, []visit{{"192.0.2.1", "a"}}, visit{"192.0.2.1", "b"}, "", 0, ""},
		{"user, not yet known", Limits{PerUser: 1}, []visit{{"192.0.2.1", ""}}, visit{"192.0.2.1", ""}, "", 0, ""},
		{"handshakes", Limits{Handshakes: 1}, []visit{{"192.0.2.1", "a"}, {"192.0.2.1", "a"}}, visit{"192.0.2.2", "b"}, shared.LimitHandshakes, 503, shared.CodeTooFast},
		{"handshakes that are few", Limits{Handshakes: 2}, []visit{{"192.0.2.1", "a"}, {"192.0.2.1", "a"}}, visit{"192.0.2.2", "b"}, "", 0, ""},
		{"the address before all", Limits{Connections: 1, PerAddress: 1, Handshakes: 1}, []visit{{"192.0.2.1", "a"}}, visit{"192.0.2.1", "a"}, shared.LimitAddress, 429, shared.CodeTooManyConnections},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := quietGate(test.limits)
			enter := func(v visit, now time.Time) (*pass, *refusal) {
				p, refused := g.enter(v.address, now)
				if refused == nil && v.user != "" {
					refused = p.of(v.user, now)
				}
				return p, refused
			}
			var inside []*pass
			for _, v := range test.inside {
				p, refused := enter(v, noon)
				if refused != nil {
					t.Fatalf("%v: got refused by %s", v, refused.limit)
				}
				inside = append(inside, p)
			}
			var looked *refusal
			for range 5 { // which costs nothing
				looked = g.look(test.next.address, test.next.user, noon)
			}
			p, refused := enter(test.next, noon)
			switch {
			case (looked == nil) != (refused == nil):
				t.Errorf("got %v by looking, %v by entering", looked, refused)
			case test.limit == "":
				if refused != nil {
					t.Errorf("got refused by %s", refused.limit)
				}
			case refused == nil:
				t.Fatal("got in")
			case refused.limit != test.limit || refused.status() != test.status || refused.problem.Code != test.code || *looked.problem != *refused.problem:
				t.Errorf("got limit %s, status %d, %+v; by looking %+v", refused.limit, refused.status(), refused.problem, looked.problem)
			case !strings.HasSuffix(refused.problem.Detail, ".") || refused.problem.RetryAfter == 0:
				t.Errorf("got %+v, want a sentence, and when to come back", refused.problem)
			}
			for limit, count := range g.Refused() {
				if want := limit == test.limit; (count == 1) != want {
					t.Errorf("%s: got %d counted", limit, count)
				}
			}
			if p != nil {
				p.leave()
			}
			// One leaves, whom nobody needs twice; some time passes; then there is room.
			inside[0].leave()
			inside[0].leave()
			last, refused := enter(test.next, noon.Add(time.Second))
			if refused != nil {
				t.Errorf("got refused by %s when one had left", refused.limit)
			}
			for _, p := range append(inside, last) {
				if p != nil {
					p.leave()
				}
			}
			g.wantEmpty(t)
		})
	}
}

// TestGateModel has passes taken, named and given back in any order, some of them
// twice, and compares with simple counts.
func TestGateModel(t *testing.T) {
	type inside struct {
		*pass
		address, user string
	}
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			Connections: rapid.IntRange(0, 6).Draw(t, "connections"),
			PerAddress:  rapid.IntRange(0, 4).Draw(t, "per address"),
			PerUser:     rapid.IntRange(0, 3).Draw(t, "per user"),
		}
		g := quietGate(limits)
		var open, left []inside
		count := func(is func(inside) bool) (n int) {
			for _, o := range open {
				if is(o) {
					n++
				}
			}
			return n
		}
		over := func(n, limit int) bool { return limit > 0 && n >= limit }
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				next := inside{address: fmt.Sprint("192.0.2.", rapid.IntRange(1, 3).Draw(t, "address")), user: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "user")}
				p, refused := g.enter(next.address, noon)
				want := over(len(open), limits.Connections) || over(count(func(o inside) bool { return o.address == next.address }), limits.PerAddress)
				if (refused != nil) != want {
					t.Fatalf("entering: got refused %v, want %v", refused != nil, want)
				}
				if refused != nil {
					break
				}
				next.pass = p
				refused = p.of(next.user, noon)
				want = over(count(func(o inside) bool { return o.user == next.user }), limits.PerUser)
				if (refused != nil) != want {
					t.Fatalf("naming: got refused %v, want %v", refused != nil, want)
				}
				if refused != nil {
					p.leave()
					break
				}
				open = append(open, next)
			case 2:
				if len(open) > 0 {
					i := rapid.IntRange(0, len(open)-1).Draw(t, "who leaves")
					open[i].leave()
					left = append(left, open[i])
					open = append(open[:i], open[i+1:]...)
				}
			case 3:
				for _, o := range left {
					o.leave()
				}
			}
			if g.open != len(open) {
				t.Fatalf("got %d inside, want %d", g.open, len(open))
			}
		}
		for _, o := range open {
			o.leave()
		}
		if g.open != 0 || len(g.addresses) != 0 || len(g.users) != 0 {
			t.Fatalf("got %d inside, addresses %v, users %v, want nobody", g.open, g.addresses, g.users)
		}
	})
}

// One address that does nothing but connect keeps nobody else out, and has its share
// again later. Nothing of it is kept.
func TestOneAddressTakesItsShareOfHandshakes(t *testing.T) {
	const rate = 100
	g := quietGate(Limits{PerAddress: 10 * rate, Handshakes: rate})
	entered := func(address string, now time.Time) (times int) {
		for {
			looked := g.look(address, "", now)
			p, refused := g.enter(address, now)
			if (looked == nil) != (refused == nil) {
				t.Fatalf("got %v by looking, %v by entering", looked, refused)
			}
			if refused != nil {
				if refused.limit != shared.LimitHandshakes {
					t.Fatalf("got refused by %s", refused.limit)
				}
				return times
			}
			p.leave() // as who isn't let in does
			times++
		}
	}
	for second := range 10 {
		now := noon.Add(time.Duration(second) * time.Second)
		want := rate / share
		if second == 0 {
			want *= burst
		}
		if got := entered("192.0.2.1", now); got != want {
			t.Errorf("after %d s: got in %d times, want %d", second, got, want)
		}
		for range 10 * rate { // it goes on all the same
			if _, refused := g.enter("192.0.2.1", now); refused == nil {
				t.Fatal("got in after it was refused")
			}
		}
		for other := range 20 {
			p, refused := g.enter(fmt.Sprintf("198.51.100.%d", other), now)
			if refused != nil {
				t.Fatalf("after %d s: another was kept out by %s", second, refused.limit)
			}
			p.leave()
		}
	}
	later := noon.Add(time.Minute)
	if got := entered("192.0.2.2", later); got != burst*rate/share {
		t.Errorf("got in %d times, want %d", got, burst*rate/share)
	}
	if len(g.paces) != 1 {
		t.Errorf("%d addresses are remembered, want the one that was here last", len(g.paces))
	}
	g.wantEmpty(t)
}

// Where addresses aren't told apart, as behind a proxy, all may come from one.
func TestHandshakesBehindAProxy(t *testing.T) {
	g := quietGate(Limits{Handshakes: 100})
	for i := range burst * 100 {
		p, refused := g.enter("192.0.2.1", noon)
		if refused != nil {
			t.Fatalf("%d: got refused by %s", i, refused.limit)
		}
		p.leave()
	}
	if _, refused := g.enter("192.0.2.2", noon); refused == nil {
		t.Error("got in beyond the limit")
	}
}

// TestGateCounts knows every limit from the start, tells of each change, and says no
// more than a line a minute about it in the log.
func TestGateCounts(t *testing.T) {
	log := testenv.NewLog()
	changes := 0
	g := NewGate(Limits{}, func() { changes++ }, log.Logger())
	if got := g.Refused(); len(got) != 8 {
		t.Errorf("got %v, want every limit", got)
	}
	for i := range 200 {
		g.count(shared.LimitQueue, noon.Add(time.Duration(i)*time.Second))
	}
	g.count(shared.LimitUser, noon)
	g.countEnd(wire.End{Code: wire.MessageTooBig, By: wire.Server})
	g.countEnd(wire.End{Code: wire.MessageTooBig, By: wire.Peer})
	g.countEnd(wire.End{Code: wire.GoingAway, By: wire.Server})
	refused := g.Refused()
	if refused[shared.LimitQueue] != 200 || refused[shared.LimitUser] != 1 || refused[shared.LimitSize] != 1 || changes != 202 {
		t.Errorf("got %v after %d changes", refused, changes)
	}
	refused[shared.LimitUser] = 100
	if g.Refused()[shared.LimitUser] != 1 {
		t.Error("Refused hands out the gate's own counts")
	}
	var lines []float64
	for _, record := range log.Records("a limit was reached") {
		if record["limit"] == string(shared.LimitQueue) {
			lines = append(lines, record["refused_since_start"].(float64))
		}
	}
	if fmt.Sprint(lines) != "[1 61 121 181]" {
		t.Errorf("got lines at %v, want one a minute", lines)
	}
}
