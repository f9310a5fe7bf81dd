package console

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared/live"
)

// stage is where a pane is drawn in tests: what is dispatched waits for run.
type stage struct {
	mu    sync.Mutex
	queue []func(app.Context)
}

func (s *stage) Dispatch(do func(app.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, do)
}

func (s *stage) Defer(do func(app.Context)) { s.Dispatch(do) }

// run waits until nothing else moves, and does what was dispatched.
func (s *stage) run() {
	for {
		synctest.Wait()
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, do := range queue {
			do(app.Context{})
		}
	}
}

// pass lets time go by.
func (s *stage) pass(d time.Duration) {
	for until := time.Now().Add(d); time.Now().Before(until); {
		time.Sleep(min(time.Until(until), 10*time.Millisecond))
		s.run()
	}
}

// answering is a fake whose server answers each message.
type answering struct {
	*fake
	answer func(n int, text string) (after time.Duration, answers []string)
	gone   chan struct{}
	once   sync.Once
	n      int // for the writer of the link
}

func newAnswering(answer func(n int, text string) (time.Duration, []string)) *answering {
	return &answering{fake: newFake(), answer: answer, gone: make(chan struct{})}
}

// echo answers each message with itself, so much later.
func echo(after time.Duration) func(int, string) (time.Duration, []string) {
	return func(_ int, text string) (time.Duration, []string) { return after, []string{text} }
}

func (a *answering) WriteText(ctx context.Context, text string) error {
	a.n++
	after, answers := a.answer(a.n, text)
	go func() {
		select {
		case <-time.After(after):
		case <-a.gone:
		}
		for _, text := range answers {
			select {
			case a.inbox <- words(text):
			case <-a.gone:
			}
		}
	}()
	return a.fake.WriteText(ctx, text)
}

func (a *answering) Close(code int, reason string) error {
	a.leave()
	return a.fake.Close(code, reason)
}

// leave ends the answering.
func (a *answering) leave() { a.once.Do(func() { close(a.gone) }) }

// dial answers with the fake, at once.
func (a *answering) dial(context.Context, string, []string) (connection, error) { return a, nil }

// connectTo connects a pane, as connect does, by way of dial.
func connectTo(t *testing.T, p *pane, dial dialer, url string) {
	t.Helper()
	to, ok := p.model.connect(url, p.offered)
	if !ok {
		t.Fatalf("%s is no address", url)
	}
	p.traffic = new(traffic)
	p.insight.begin(to)
	contact := p.insight.contact
	p.link = open(contact.dialer(dial, to, p.page.turn), to.url, p.offered, &carrier{pane: p, to: to, traffic: p.traffic, contact: contact})
	p.stage.(*stage).run()
}

// on makes a pane that is connected.
func on(t *testing.T, dial dialer, url string) (*pane, *stage) {
	t.Helper()
	_, p := page()
	s := new(stage)
	p.mounted(s)
	p.model.now = time.Now
	connectTo(t, p, dial, url)
	return p, s
}

// leave ends a pane as the page does, and sees that nothing is left of it.
func leave(p *pane, s *stage) {
	p.stop()
	s.run()
	<-p.link.done
	s.run()
}

const (
	ownEcho   = "ws://localhost:8080/echo"
	ownEvents = "ws://localhost:8080/events/io"
)

// The fold is drawn four times a second while it is open and there is something to
// follow, and not at all otherwise.
func TestBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p, s := on(t, f.dial, ownEcho)
		beats := func() int {
			before := p.insight.version
			s.pass(time.Second + time.Millisecond)
			return p.insight.version - before
		}
		check := func(when string, want int) {
			t.Helper()
			if got := beats(); got != want {
				t.Errorf("%s: drawn %d times in a second, want %d", when, got, want)
			}
		}
		check("folded", 0)
		p.unfold(foldDetails, true)
		check("open", 4)
		p.unfold(foldOptions, true)
		check("with another one", 4)
		p.unfold(foldDetails, false)
		check("folded again", 0)
		p.unfold(foldDetails, true)
		check("open again", 4)
		f.end <- &live.CloseError{Code: 1001}
		s.run()
		check("the connection has ended", 0)
		connectTo(t, p, newFake().dial, ownEcho)
		check("connected again", 4)
		p.stop()
		synctest.Wait() // what is dispatched from now on isn't done: the pane is gone
		if p.insight.beat.runs() {
			t.Error("it goes on after the page is left")
		}
		leave(p, s)
	})
}

func TestJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none *job
		none.stop(errStopped)
		if none.runs() {
			t.Error("no job runs")
		}
		var why error
		j := startJob(func(ctx context.Context) {
			<-ctx.Done()
			why = context.Cause(ctx)
		})
		synctest.Wait()
		if !j.runs() {
			t.Error("it has ended by itself")
		}
		j.stop(errLinkOver)
		j.stop(errStopped)
		<-j.done
		if j.runs() || why != errLinkOver {
			t.Errorf("runs: %v, for the reason %v, want %v", j.runs(), why, errLinkOver)
		}
	})
}
