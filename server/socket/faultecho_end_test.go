package socket

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// waits are what the goroutines of a connection may wait for.
var waits = []struct {
	name, query string
	messages    int
}{
	{"for its client", "drop=1", 0},
	{"for the time of an echo", "delay=10000&jitter=10000", 3},
	{"for room", "delay=10000", faultsWait + 1},
	{"to read", "slow=10000", 0},
	{"to read what has come", "slow=10000", 1},
	{"for a client that doesn't read", "burst=100&big=100000", 1},
	{"for a client that doesn't read a big message", "big=8388608", 1},
	{"for a client that doesn't read fragments", "big=8388608&fragment=1", 1},
	{"for room, by a client that doesn't read", "burst=100&big=100000", faultsWait + 1},
}

// TestFaultyEchoCut cuts connections whatever their goroutines wait for, which takes no
// time.
func TestFaultyEchoCut(t *testing.T) {
	for _, wait := range waits {
		for _, cut := range []func(*wire.Conn){func(c *wire.Conn) { c.Cut(noAnswer) }, (*wire.Conn).CloseNow} {
			t.Run(wait.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := echoInBubble(t, EchoConfig{WriteTimeout: time.Minute})
					c := b.dial(t, wait.query)
					go func() {
						for range wait.messages {
							if _, err := c.Conn().Write(conformance.Join(text("hello"))); err != nil {
								return
							}
						}
					}()
					time.Sleep(5 * time.Second) // within which nothing is done
					synctest.Wait()
					began := time.Now()
					cut(b.conns.all()[0].conn)
					<-b.ends
					if took := time.Since(began); took != 0 {
						t.Errorf("it took %v", took)
					}
				})
			})
		}
	}
}

// TestFaultyEchoShutdown stops a server with a connection for each thing that goroutines
// may wait for. It takes no longer than with any other that doesn't answer: the two seconds
// that are promised. On a busy machine it may take as long as what they wait for, which is
// ten, but not each time.
func TestFaultyEchoShutdown(t *testing.T) {
	var took []time.Duration
	for range 5 {
		d := shutDownWaiting(t)
		if d < 8*time.Second {
			return
		}
		took = append(took, d)
	}
	t.Errorf("it took %v", took)
}

// shutDownWaiting returns how long it takes to stop a server with all the waits.
func shutDownWaiting(t *testing.T) time.Duration {
	t.Helper()
	s := startEcho(t, EchoConfig{})
	before := runtime.NumGoroutine()
	for _, wait := range waits {
		s.dialer.Path = "/echo?" + wait.query
		c := s.dial(t)
		for range wait.messages {
			c.SendFrames(text("hello"))
		}
		ok(t, c)
	}
	await(t, "all to be counted", func() bool { return s.Count() == len(waits) })
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	took := time.Since(began)
	await(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	s.config.Gate.wantEmpty(t)
	return took
}

// TestFaultyEchoPeerGone ends a connection whose peer is gone: at once if the server
// reads, and else as soon as it does.
func TestFaultyEchoPeerGone(t *testing.T) {
	for query, within := range map[string]time.Duration{
		"delay=10000": 0, "drop=50": 0, "slow=10000": 10 * time.Second, "burst=100": 0, "big=8388608": 0,
	} {
		t.Run(query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := echoInBubble(t, EchoConfig{})
				c := b.dial(t, query)
				go func() { _, _ = c.Conn().Write(conformance.Join(text("hello"))) }() // It may end before.
				synctest.Wait()
				began := time.Now()
				c.Drop()
				if end := <-b.ends; end.Code != wire.Abnormal {
					t.Errorf("got %+v", end)
				}
				if took := time.Since(began); took > within {
					t.Errorf("it took %v, want %v at most", took, within)
				}
			})
		})
	}
}

// TestFaultyEchoPeerGoneLongAgo reads slowly what was sent by a peer that is gone, and
// finds that out long before the last message.
func TestFaultyEchoPeerGoneLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := echoInBubble(t, EchoConfig{})
		var beating sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		beating.Go(func() { b.RunHeartbeat(ctx) })
		defer beating.Wait()
		defer stop()
		c := b.dial(t, "slow=10000&drop=100")
		var all []conformance.Frame
		for range 300 { // which take fifty minutes
			all = append(all, text("hello"))
		}
		c.SendFrames(all...)
		ok(t, c)
		began := time.Now()
		c.Drop()
		if end := <-b.ends; end.Code != wire.Abnormal {
			t.Errorf("got %+v", end)
		}
		if took := time.Since(began); took > 2*DefaultHeartbeat {
			t.Errorf("it took %v", took)
		}
	})
}

// TestFaultyEchoNotRead has a client that doesn't take what it gets dropped by the time
// of one write, as without faults.
func TestFaultyEchoNotRead(t *testing.T) {
	for _, query := range []string{"burst=100", "big=8388608", "fragment=1", "delay=1000", "drop=1"} {
		t.Run(query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := echoInBubble(t, EchoConfig{WriteTimeout: 10 * time.Second, Random: func(int) int { return 99 }})
				c := b.dial(t, query)
				began := time.Now()
				c.SendFrames(text("hello"))
				ok(t, c)
				if end := <-b.ends; end.Code != wire.Abnormal {
					t.Errorf("got %+v", end)
				}
				if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestFaultyEchoHeartbeat has messages come faster than a slow server reads them, for
// minutes, which is no reason to take the client for gone. Once it is, that is found.
func TestFaultyEchoHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := echoInBubble(t, EchoConfig{})
		var beating sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		beating.Go(func() { b.RunHeartbeat(ctx) })
		defer beating.Wait()
		defer stop()
		const messages = 50
		c := b.dial(t, "slow=10000&delay=10000&jitter=10000")
		var all []conformance.Frame
		for range messages {
			all = append(all, text("hello"))
		}
		var sending sync.WaitGroup
		sending.Go(func() {
			if _, err := c.Conn().Write(conformance.Join(all...)); err != nil {
				t.Error(err)
			}
		})
		for echoes := 0; echoes < messages; {
			switch opcode, _, _ := c.NextFrame(); {
			case c.Err() != nil:
				t.Fatalf("after %d echoes: %v, and %+v", echoes, c.Err(), <-b.ends)
			case opcode == conformance.Text:
				echoes++
			}
		}
		sending.Wait()
		go func() { // takes pings without an answer
			for c.Err() == nil {
				c.NextFrame()
			}
		}()
		if end := <-b.ends; end.Reason != noAnswer {
			t.Errorf("got %+v", end)
		}
	})
}

// TestFaultyEchoChurn opens and ends connections with faults in all ways. Nothing may be
// left of them.
func TestFaultyEchoChurn(t *testing.T) {
	const connections, atOnce = 300, 20
	var opened, closed counter
	s := startEcho(t, EchoConfig{Hooks: EchoHooks{
		Opened: func() { opened.add(1) },
		Closed: func(wire.End) { closed.add(1) },
	}})
	s.dialer.Path = "/echo?drop=1"
	s.dial(t).Finish() // so that what is made once has been made
	await(t, "the first connection to end", func() bool { return s.Count() == 0 && closed.get() == 1 })
	before := runtime.NumGoroutine()
	var running sync.WaitGroup
	limit := make(chan struct{}, atOnce)
	for i := range connections {
		limit <- struct{}{}
		running.Go(func() {
			defer func() { <-limit }()
			random := rand.New(rand.NewPCG(uint64(i), 0))
			f := shared.Faults{Delay: random.IntN(2) * 10_000, Drop: random.IntN(100), Fragment: 1 + random.IntN(5000), Burst: 2 + random.IntN(99), Slow: random.IntN(5), Big: 1 + random.IntN(100_000)}
			if i%3 == 0 {
				f.Close, f.After = 1000+random.IntN(4), random.IntN(5)
			}
			dialer := s.dialer
			dialer.Path = "/echo?" + f.Query()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			c, err := dialer.Dial(ctx)
			if err != nil {
				t.Errorf("dial %s: %v", dialer.Path, err)
				return
			}
			defer c.Drop()
			for range random.IntN(10) {
				c.SendFrames(text("hello")) // It may be closed.
			}
			switch random.IntN(3) {
			case 0:
				c.SendFrames(conformance.Frame{Opcode: conformance.Close, Payload: conformance.ClosePayload(1000, "")})
			case 1:
				c.Reset()
			case 2: // just leave
			}
		})
	}
	running.Wait()
	await(t, "all connections to end", func() bool { return s.Count() == 0 && closed.get() == connections+1 })
	await(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	s.config.Gate.wantEmpty(t)
	if got := opened.get(); got != connections+1 {
		t.Errorf("got %d connections opened, want %d", got, connections+1)
	}
}

// TestFaultyEchoMemory has big messages dropped and small ones wait, which must not hold
// on to the buffers of the others.
func TestFaultyEchoMemory(t *testing.T) {
	const allowed = 2 << 20
	draws := new(counter)
	s := startEcho(t, EchoConfig{Random: func(int) int { draws.add(1); return draws.get() % 2 * 99 }}) // drops each second one
	s.dialer.Path = "/echo?delay=10000&drop=50"
	c := s.dial(t)
	before := heap()
	big, small := conformance.Join(binary(strings.Repeat("x", DefaultEchoLimit))), conformance.Join(text("hello"))
	for range faultsWait / 2 {
		c.Send(small)
		c.Send(big)
	}
	ok(t, c)
	await(t, "all to be read", func() bool { return draws.get() == faultsWait })
	if held := heap() - before; held > allowed {
		t.Errorf("got %d bytes of heap for %d small messages", held, faultsWait/2)
	}
}
