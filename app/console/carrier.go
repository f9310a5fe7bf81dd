package console

import (
	"context"
	"time"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// carrier brings what happens on one link to its pane, in order.
type carrier struct {
	pane    *pane
	to      address
	offered []string
	traffic *traffic
	contact *contact
}

func (c *carrier) opened(subprotocol string) {
	c.dispatch(func(p *pane) {
		p.model.opened(subprotocol)
		p.carrying.Store(p.link)
		p.insight.opened()
		// The keyboard goes where it is wanted next, unless it is wanted elsewhere.
		browser.FocusFrom(p.id(idText), p.id(idURL), p.id(idOpen))
	})
}

func (c *carrier) sent(m outgoing) {
	c.traffic.sent.add(len(m.Data))
	if c.contact.probes.sent(m.Message) {
		return
	}
	e := message(time.Now(), lab.Sent, m.Message)
	e.Replayed = m.again
	c.pane.gather.Add(e)
}

func (c *carrier) received(m live.Message) {
	c.traffic.received.add(len(m.Data))
	if c.contact.probes.received(m) {
		return
	}
	e := message(time.Now(), lab.Received, m)
	if c.to.own && c.to.path == pathEvents {
		e.Event = c.contact.tap.read(m.Data, e.At)
	}
	c.pane.gather.Add(e)
}

func (c *carrier) failed(timeout bool) {
	defer part.Guard()
	why := refusal{text: c.to.host + " did not answer within " + part.Duration(dialTimeout) + "."}
	if !timeout {
		ctx, cancel := context.WithTimeout(context.Background(), api.Timeout)
		defer cancel()
		why = explain(ctx, c.pane.model.site, c.to, c.offered, c.pane.page.server)
	}
	c.dispatch(func(p *pane) {
		p.model.failed(why)
		p.insight.failed()
	})
}

func (c *carrier) ended(code int, reason string) {
	c.dispatch(func(p *pane) {
		p.carrying.Store(nil)
		p.composer.Stop()
		p.model.ended(code, reason)
		p.insight.ended()
		if p.model.life.asked {
			part.After(p.stage, func() { browser.FocusFrom(p.id(idOpen), p.id(idClose)) })
		}
	})
}

// dispatch changes the pane after what was received before.
func (c *carrier) dispatch(change func(*pane)) {
	c.pane.gather.Flush()
	c.pane.dispatch(func() { change(c.pane) })
}

var _ hears = (*carrier)(nil)
