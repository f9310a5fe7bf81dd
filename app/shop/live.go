package shop

import (
	"time"

	"cartline/app/feed"
	"cartline/shared"
	"cartline/shared/live"
)

const (
	// drawEvery paces the page: many events are drawn together.
	drawEvery = 80 * time.Millisecond
	// maxGathered bounds what comes between two drawings of the page.
	maxGathered = 200
	// comeBack is how long the page waits before it asks anew who is there, after the
	// server has ended its session.
	comeBack = time.Second
)

// newFeed makes the connection on which the page hears of the visitor's cart.
func (p *Page) newFeed() *feed.Feed {
	return feed.New(feed.Config{
		Listen: []shared.Request{{Listen: shared.ChannelMyCart}},
		Every:  drawEvery, Most: maxGathered,
		Dispatch: p.dispatch, After: p.after,
		Moved: p.moved, Took: p.took,
	})
}

// connect begins to listen to the visitor's cart, if they have a session and the
// page doesn't listen yet. Without a session there is nothing to hear.
func (p *Page) connect() {
	if !p.feed.Started() && !p.resting && p.model.connectable() {
		p.feed.Start()
	}
}

// took takes what was heard. The cart is asked for once the page listens, so that
// nothing falls between, and after a break if what was missed doesn't follow.
func (p *Page) took(heard []feed.Arrival, lost int) {
	look := lost > 0
	for _, a := range heard {
		look = p.model.heard(a) || look
	}
	if look {
		p.look()
	}
}

// moved takes a new state of the connection.
func (p *Page) moved(state live.State) {
	broke := p.model.line.Live()
	p.model.moved(state)
	switch {
	case state.Phase == live.Ended:
		// Mostly the session is over: signed in or out, here or in another tab.
		// There is another one then, or none.
		p.feed.Stop()
		p.model.moved(live.State{})
		p.resting = true
		time.AfterFunc(comeBack, func() {
			p.dispatch(func() { p.resting = false; p.look() })
		})
	case state.Phase == live.Waiting && !p.model.connectable():
		p.feed.Stop()
	case state.Phase == live.Waiting && !broke:
		// Browsers hide why an attempt failed; it may be that the session is over.
		p.look()
	}
}

// returned runs when the visitor comes back to the page.
func (p *Page) returned() {
	if !p.model.line.Live() {
		p.look()
	}
}
