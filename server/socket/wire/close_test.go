package wire

import (
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"cartline/server/socket/conformance"
)

// closeBound is what Close promises, and much for a busy machine: without that promise it
// would take a minute, or for ever.
const closeBound = closeWait + lingerWait + 30*time.Second

// wantBriefly runs what must not wait for lingerWait. On a busy machine it may take as
// long nevertheless, but not each time.
func wantBriefly(t *testing.T, run func() time.Duration) {
	t.Helper()
	var took []time.Duration
	for range 20 {
		d := run()
		if d < lingerWait {
			return
		}
		took = append(took, d)
	}
	t.Errorf("took %v, never less than %v", took, lingerWait)
}

// readAll reads and drops messages until the connection ends.
func readAll(c *Conn) error {
	for {
		if _, _, err := c.Read(nil); err != nil {
			return err
		}
	}
}

// TestEnd covers the ways in which a connection can end, as the owner sees them.
func TestEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		server func(*Conn)
		client func(*conformance.Client)
		want   End
	}{
		{"peer closes", nil, func(c *conformance.Client) {
			c.FinishWith(conformance.ClosePayload(4001, "bye"))
		}, End{4001, "bye", Peer}},
		{"peer closes without code", nil, func(c *conformance.Client) {
			c.FinishWith(nil)
		}, End{NoStatus, "", Peer}},
		{"peer closes within a message", nil, func(c *conformance.Client) {
			c.SendFrames(frame(opText, true, "half a mess"))
			c.Finish()
		}, End{NormalClosure, "", Peer}},
		{"peer closes TCP only", nil, func(c *conformance.Client) {
			c.Drop()
		}, End{Abnormal, "", Nobody}},
		{"peer closes TCP within a message", nil, func(c *conformance.Client) {
			c.Send(frame(opText, false, "half a message").Bytes()[:10])
			c.Drop()
		}, End{Abnormal, "", Nobody}},
		{"peer resets TCP", nil, func(c *conformance.Client) {
			c.Reset()
		}, End{Abnormal, "", Nobody}},
		{"fault in a text", nil, func(c *conformance.Client) {
			c.SendFrames(frame(opText, false, "\xff"))
			c.ExpectFailure(InvalidData)
		}, End{InvalidData, faultText.reason, Server}},
		{"fault in a header", nil, func(c *conformance.Client) {
			c.SendFrames(frame(opPing, false, strings.Repeat("x", 126)))
			c.ExpectFailure(ProtocolError)
		}, End{ProtocolError, faultControlSize.reason, Server}},
		{"server closes", func(c *Conn) {
			if err := c.Close(4002, "enough"); err != nil {
				panic(err)
			}
		}, func(c *conformance.Client) {
			c.ExpectFailure(4002)
		}, End{4002, "enough", Server}},
		{"server cuts", (*Conn).CloseNow, func(c *conformance.Client) {
			c.ExpectReset()
		}, End{Abnormal, "", Nobody}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ends := make(chan End, 1)
			server := serve(t, Options{}, func(c *Conn) {
				if test.server != nil {
					test.server(c)
				}
				if readAll(c) == nil {
					t.Error("reading: got no error")
				}
				ends <- c.End()
			})
			c := server.dial(t)
			test.client(c)
			ok(t, c)
			if got := receive(t, ends, "the connection to end"); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestFaults sends what no case of the conformance suite covers. The peer must
// learn the right code, after the answer to what came before in the same write.
func TestFaults(t *testing.T) {
	const limit = 1000
	big := strings.Repeat("x", limit)
	unmasked := func(opcode byte) []byte {
		return conformance.Frame{Opcode: opcode, Payload: []byte("x"), Unmasked: true}.Bytes()
	}
	for _, test := range []struct {
		name string
		send []byte
		want int
	}{
		{"text not masked", unmasked(opText), ProtocolError},
		{"ping not masked", unmasked(opPing), ProtocolError},
		{"close not masked", unmasked(opClose), ProtocolError},
		{"length not in the shortest form", rawHeader(opText, 126, 0, 1), ProtocolError},
		{"negative length", rawHeader(opText, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), ProtocolError},
		{"message too big", conformance.Join(frame(opText, false, big+"x")), MessageTooBig},
		{"message too big in fragments", conformance.Join(
			frame(opText, true, big), frame(opContinuation, true, "x")), MessageTooBig},
		{"text cut off by the last fragment", conformance.Join(
			frame(opText, true, "\xe2\x82"), frame(opContinuation, false, "")), InvalidData},
		{"not UTF-8 and reserved bits", conformance.Frame{Opcode: opText, Reserved: 1, Payload: []byte("\xff")}.Bytes(), ProtocolError},
		{"close with a bad code and a bad reason", conformance.Join(frame(opClose, false, "\x00\x00\xff")), InvalidData},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, Options{MaxMessage: limit}, echo)
			c := server.dial(t)
			c.Send(append(conformance.Join(frame(opText, false, big), frame(opPing, false, "x")), test.send...))
			c.Expect(opText, []byte(big))
			c.Expect(opPong, []byte("x"))
			c.ExpectFailure(test.want)
			ok(t, c)
		})
	}
}

// TestTooBigWhileSending checks that the close frame reaches a peer that goes on
// sending 8 MiB before it reads anything.
func TestTooBigWhileSending(t *testing.T) {
	server := serve(t, Options{MaxMessage: 1 << 20}, echo)
	c := server.dial(t)
	c.SendFrames(frame(opBinary, false, strings.Repeat("x", 8<<20)))
	ok(t, c) // A reset would fail the write.
	if reason := c.ExpectClose(MessageTooBig); reason != faultTooBig.reason {
		t.Errorf("got reason %q, want %q", reason, faultTooBig.reason)
	}
	ok(t, c)
}

// timed returns how long Close took.
func timed(t *testing.T, c *Conn) time.Duration {
	began := time.Now()
	if err := c.Close(GoingAway, "over"); err != nil {
		t.Errorf("Close: %v", err)
	}
	return time.Since(began)
}

// TestCloseSilentPeer closes on a peer that neither answers nor hangs up. It must
// see the close frame and the end of the stream at once, not when Close gives up.
func TestCloseSilentPeer(t *testing.T) {
	took := make(chan time.Duration, 1)
	server := serve(t, Options{}, func(c *Conn) { took <- timed(t, c) })
	c := server.dial(t)
	c.Expect(opClose, conformance.ClosePayload(GoingAway, "over"))
	c.ExpectHalfClose()
	ok(t, c)
	select {
	case d := <-took:
		t.Errorf("Close returned after %v; the peer saw the end of the stream only then", d)
	default:
	}
	if d := receive(t, took, "Close"); d > closeBound {
		t.Errorf("Close took %v, want at most %v", d, closeBound)
	}
}

// TestCloseFloodingPeer closes on a peer that never stops sending.
func TestCloseFloodingPeer(t *testing.T) {
	took := make(chan time.Duration, 1)
	server := serve(t, Options{}, func(c *Conn) { took <- timed(t, c) })
	c := server.dial(t)
	var flooding sync.WaitGroup
	flooding.Go(func() {
		flood := conformance.Join(frame(opBinary, false, strings.Repeat("x", 60000)))
		for c.Err() == nil {
			c.Send(flood)
		}
	})
	if d := receive(t, took, "Close"); d > closeBound {
		t.Errorf("Close took %v, want at most %v", d, closeBound)
	}
	flooding.Wait()
}

// TestCloseStuckWriter closes while a writer waits for a peer that does not read.
// No close frame can be sent any more, and Close must not wait for the writer's
// timeout.
func TestCloseStuckWriter(t *testing.T) {
	type result struct {
		took       time.Duration
		err, write error
		end        End
	}
	results := make(chan result, 1)
	server := serve(t, Options{WriteTimeout: time.Minute}, func(c *Conn) {
		var r result
		var written atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			for r.write == nil {
				r.write = c.Write(Binary, make([]byte, 1<<20))
				written.Add(1)
			}
		}()
		// The writer is stuck when it makes no progress for a while.
		for last := int64(-1); last != written.Load(); {
			last = written.Load()
			<-time.After(100 * time.Millisecond)
		}
		began := time.Now()
		r.err = c.Close(GoingAway, "over")
		r.took = time.Since(began)
		<-done
		r.end = c.End()
		results <- r
	})
	server.dial(t)
	r := receive(t, results, "Close")
	if r.took > closeBound {
		t.Errorf("Close took %v, want at most %v", r.took, closeBound)
	}
	if r.err == nil || r.write == nil {
		t.Errorf("got errors %v of Close and %v of Write, want both", r.err, r.write)
	}
	if want := (End{Code: Abnormal}); r.end != want {
		t.Errorf("got end %+v, want %+v", r.end, want)
	}
}

// TestCloseWhileReading closes from several goroutines while another reads. The
// peer gets one close frame, the reader an error, and no Close fails.
func TestCloseWhileReading(t *testing.T) {
	ends := make(chan End, 1)
	server := serve(t, Options{}, func(c *Conn) {
		var closing sync.WaitGroup
		for range 4 {
			closing.Go(func() {
				if err := c.Close(GoingAway, "over"); err != nil {
					t.Errorf("Close: %v", err)
				}
				if err := c.Write(Text, nil); !errors.Is(err, net.ErrClosed) {
					t.Errorf("Write after Close: got %v, want net.ErrClosed", err)
				}
			})
		}
		if readAll(c) == nil {
			t.Error("reading: got no error")
		}
		closing.Wait()
		c.CloseNow() // does nothing any more
		ends <- c.End()
	})
	c := server.dial(t)
	c.ExpectFailure(GoingAway)
	ok(t, c)
	if got, want := receive(t, ends, "the end"), (End{GoingAway, "over", Server}); got != want {
		t.Errorf("got end %+v, want %+v", got, want)
	}
}

// TestBothClose has both sides close at the same time, again and again: each must
// see exactly one close frame and an orderly end.
func TestBothClose(t *testing.T) {
	server := serve(t, Options{}, func(c *Conn) {
		var closing sync.WaitGroup
		closing.Go(func() {
			if err := c.Close(GoingAway, ""); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		_ = readAll(c) // It always ends in an error, whoever was first.
		closing.Wait()
		if end := c.End(); end != (End{GoingAway, "", Server}) && end != (End{NormalClosure, "", Peer}) {
			t.Errorf("got end %+v", end)
		}
	})
	for range 100 {
		c := server.dial(t)
		c.SendFrames(conformance.Frame{Opcode: opClose, Payload: conformance.ClosePayload(NormalClosure, "")})
		opcode, payload := c.Next()
		ok(t, c)
		if opcode != opClose || len(payload) != 2 {
			t.Fatalf("got opcode %d, payload % x, want a close frame", opcode, payload)
		}
		c.ExpectEnd()
		ok(t, c)
	}
}

// TestCloseNowCutsClose shuts down impatiently: CloseNow ends a Close that is
// waiting for a silent peer.
func TestCloseNowCutsClose(t *testing.T) {
	took := make(chan time.Duration, 1)
	lingering := make(chan struct{}, 1)
	server := serve(t, Options{}, func(c *Conn) {
		var closing sync.WaitGroup
		closing.Go(func() { took <- timed(t, c) })
		<-lingering
		c.CloseNow()
		closing.Wait()
	})
	wantBriefly(t, func() time.Duration {
		c := server.dial(t)
		c.Expect(opClose, conformance.ClosePayload(GoingAway, "over"))
		c.ExpectHalfClose() // From now on Close waits for us.
		ok(t, c)
		lingering <- struct{}{}
		return receive(t, took, "Close")
	})
}

// TestPeerClosesAtOnce checks that nobody waits for a timer when the peer closes
// in order: neither the peer for the end of TCP, nor the owner for the reader.
func TestPeerClosesAtOnce(t *testing.T) {
	ended := make(chan time.Time, 1)
	server := serve(t, Options{}, func(c *Conn) {
		_ = readAll(c) // It ends in an error, by definition.
		ended <- time.Now()
	})
	wantBriefly(t, func() time.Duration {
		c := server.dial(t)
		began := time.Now()
		c.Finish()
		ok(t, c)
		return receive(t, ended, "the connection to end").Sub(began)
	})
}

func TestCloseFrame(t *testing.T) {
	for _, test := range []struct {
		code       int
		reason     string
		wantCode   int
		wantReason string
	}{
		{NormalClosure, "", 1000, ""},
		{4999, "bye", 4999, "bye"},
		{1014, "", 1014, ""},
		{1004, "", InternalError, ""},
		{NoStatus, "", InternalError, ""},
		{Abnormal, "x", InternalError, "x"},
		{1015, "", InternalError, ""},
		{2999, "", InternalError, ""},
		{5000, "", InternalError, ""},
		{-1, "", InternalError, ""},
		{1000, strings.Repeat("x", 123), 1000, strings.Repeat("x", 123)},
		{1000, strings.Repeat("x", 124), 1000, strings.Repeat("x", 123)},
		{1000, strings.Repeat("€", 42), 1000, strings.Repeat("€", 41)},
		{1000, "x" + strings.Repeat("€", 41), 1000, "x" + strings.Repeat("€", 40)},
		{1000, "a\xffb", 1000, "a\uFFFDb"},
	} {
		b := closeFrame(test.code, test.reason)
		if b[0] != finBit|opClose || int(b[1]) != len(b)-2 || b[1] > maxControlPayload || !utf8.Valid(b[4:]) {
			t.Errorf("%d, %q: got frame % x", test.code, test.reason, b)
		}
		got := parseCloseFrame(b, false)
		if got.code != test.wantCode || got.reason != test.wantReason {
			t.Errorf("%d, %q: got %d, %q, want %d, %q", test.code, test.reason, got.code, got.reason, test.wantCode, test.wantReason)
		}
	}
}

func TestSideString(t *testing.T) {
	for side, want := range map[Side]string{Nobody: "nobody", Peer: "peer", Server: "server"} {
		if got := side.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
