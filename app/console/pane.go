package console

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"cartline/app/browser"
	"cartline/app/compose"
	"cartline/app/part"
	"cartline/app/transcript"
	"cartline/shared"
	"cartline/shared/live"
)

// drawEvery paces the log: many messages are drawn together.
const drawEvery = 60 * time.Millisecond

// slowAfter is how long connecting may take before something is said of it.
const slowAfter = time.Second

// pane is one connection with all that the page shows around it. Its state is here and
// in its parts; face.go draws it. It is for the goroutine of the page, but for what
// carrier.go and its Target methods say.
type pane struct {
	slot     int // from 0
	name     string
	page     *Console
	stage    part.Stage // where it is drawn, once it is
	model    *model
	composer *compose.Composer
	gather   *part.Gather[transcript.Entry]
	link     *link                // the present or last connection; nil before the first
	carrying atomic.Pointer[link] // it, while it is open
	traffic  *traffic
	insight  *insight
	slow     *time.Timer // says that connecting takes long

	start     string // what the URL field has at first
	preset    *preset
	offered   []string // sub-protocols for the next connection, in this order
	faults    shared.Faults
	folds     map[string]bool // those that are open
	badOffer  string          // why a sub-protocol wasn't added
	badFaults string
}

func newPane(page *Console, slot int) *pane {
	scheme, host := browser.Location()
	p := &pane{
		slot:    slot,
		name:    "Connection " + strconv.Itoa(slot+1),
		page:    page,
		model:   newModel(site{scheme: scheme, host: host}, time.Now),
		traffic: new(traffic),
		preset:  &presets[0],
		folds:   make(map[string]bool),
	}
	p.start = p.model.site.endpoint(pathEcho)
	p.composer = compose.NewComposer(p, page.shelf)
	p.composer.OnRun(func() { p.dispatch(func() {}) })
	p.insight = newInsight(p)
	return p
}

// id is an element's id in this pane. The first pane's are plain: scripts rely on them.
func (p *pane) id(name string) string { return name + p.suffix() }

func (p *pane) suffix() string {
	if p.slot == 0 {
		return ""
	}
	return "-" + strconv.Itoa(p.slot+1)
}

// mounted begins to draw what happens.
func (p *pane) mounted(stage part.Stage) {
	p.stage = stage
	p.gather = part.NewGather(transcript.MaxEntries, drawEvery, func(entries []transcript.Entry, lost int) {
		p.dispatch(func() {
			began := time.Now()
			p.model.took(entries, lost)
			part.After(stage, func() { p.gather.Spent(time.Since(began)) })
		})
	})
}

// stop ends the connection and whatever else runs.
func (p *pane) stop() {
	p.composer.Stop()
	p.insight.stop()
	if p.slow != nil {
		p.slow.Stop()
	}
	if p.link != nil {
		p.link.close(closeNormal, "")
	}
	if p.gather != nil {
		p.gather.Stop()
	}
}

// dispatch brings a change to the page, from any goroutine.
func (p *pane) dispatch(change func()) { part.Dispatch(p.stage, change) }

// unfold opens a fold, or closes it.
func (p *pane) unfold(id string, open bool) {
	p.folds[id] = open
	p.showFaults()
	p.insight.keepBeat()
}

// use writes an address into the URL field.
func (p *pane) use(url string) {
	browser.SetValue(p.id(idURL), url)
	p.model.line = line{}
	p.typed(url)
}

// typed takes what is in the URL field.
func (p *pane) typed(url string) {
	p.preset = presetOf(p.model.site.endpointOf(url), p.preset)
	p.readFaults(url)
}

func (p *pane) choose(chosen *preset) {
	p.preset = chosen
	p.use(p.model.site.endpoint(chosen.path))
}

// connect connects to what is in the URL field.
func (p *pane) connect() {
	if !p.model.canConnect() {
		return
	}
	to, ok := p.model.connect(browser.Value(p.id(idURL)), p.offered)
	if !ok {
		return
	}
	p.typed(to.url)
	p.page.remember()
	p.traffic = new(traffic)
	p.insight.begin(to)
	contact := p.insight.contact
	if p.slow != nil {
		p.slow.Stop()
	}
	p.slow = time.AfterFunc(slowAfter, func() {
		p.dispatch(func() {
			if p.insight.contact == contact && p.model.phase == connecting {
				p.model.slow()
			}
		})
	})
	p.link = open(contact.dialer(dialLive, to, p.page.turn), to.url, p.model.life.offered, &carrier{pane: p, to: to, offered: p.model.life.offered, traffic: p.traffic, contact: contact})
}

func dialLive(ctx context.Context, url string, offered []string) (connection, error) {
	conn, err := live.Dial(ctx, url, live.Options{Subprotocols: offered})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// disconnect ends the connection with a code that pages may use.
func (p *pane) disconnect(code int, reason string) {
	if p.model.canDisconnect() {
		p.model.disconnect()
		p.carrying.Store(nil)
		p.link.close(code, reason)
	}
}

// giveUp stops connecting.
func (p *pane) giveUp() {
	if p.model.phase == connecting {
		p.model.disconnect()
		p.link.close(closeNormal, "")
	}
}

// sendLine sends what is in the one-line field.
func (p *pane) sendLine() {
	if !p.model.canSend() {
		return
	}
	text := browser.Value(p.id(idText))
	if !p.link.send(live.Message{Data: []byte(text)}) {
		p.model.full()
		return
	}
	p.composer.Sent(text)
	browser.SetValue(p.id(idText), "")
	browser.Focus(p.id(idText))
}

// Ready implements compose.Target.
func (p *pane) Ready() bool { return p.carrying.Load() != nil }

// Send implements compose.Target.
func (p *pane) Send(m live.Message) bool {
	l := p.carrying.Load()
	return l != nil && l.send(m)
}

// SendWait implements compose.Target.
func (p *pane) SendWait(ctx context.Context, m live.Message) error {
	l := p.carrying.Load()
	if l == nil {
		return errLinkOver
	}
	return l.queue(ctx, m)
}

var _ compose.Target = (*pane)(nil)
