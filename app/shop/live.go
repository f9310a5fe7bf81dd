package shop

import (
	"context"
	"time"

	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// pathSocket is the events endpoint.
const pathSocket = "/events/io"

// comeBack is how long the page waits before it asks anew who is there, after the
// server has ended its session.
const comeBack = time.Second

// connect begins to listen to the visitor's cart, if they have a session and the
// page doesn't listen yet. Without a session there is nothing to hear.
func (p *Page) connect() {
	if p.stop != nil || p.resting || !p.model.connectable() {
		return
	}
	scheme, host := browser.Location()
	socket := map[string]string{"http": "ws", "https": "wss"}[scheme]
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	p.client = live.NewClient(live.Config{
		URL:      socket + "://" + host + pathSocket,
		Channels: []string{shared.ChannelMyCart},
		OnMessage: func(message shared.Message, _ string) {
			p.dispatchOf(ctx, func() { p.heard(message) })
		},
		OnState: func(state live.State) {
			p.dispatchOf(ctx, func() { p.moved(state) })
		},
	})
	go func(client *live.Client) {
		defer part.Guard()
		_ = client.Run(ctx) // moved is told of the end
	}(p.client)
}

// dispatchOf is dispatch for what a connection brings, while it is the page's.
func (p *Page) dispatchOf(ctx context.Context, change func()) {
	p.dispatch(func() {
		if ctx.Err() == nil {
			change()
		}
	})
}

func (p *Page) disconnect() {
	if p.stop != nil {
		p.stop()
		p.stop, p.client = nil, nil
	}
}

// heard takes a message. The cart is asked for once the page listens, so that
// nothing falls between.
func (p *Page) heard(message shared.Message) {
	switch message.Kind {
	case shared.KindListening, shared.KindGap, shared.KindUnlistening:
		p.look()
	case shared.KindError:
		// Perhaps the session is over, of which the answers tell.
		p.look()
	case shared.ChannelMyCart:
		var e shared.CartEvent
		if message.Into(&e) != nil {
			p.look()
		} else if p.model.happened(e) {
			p.look()
		}
	}
}

// moved takes a new state of the connection.
func (p *Page) moved(state live.State) {
	p.model.moved(state)
	switch state.Phase {
	case live.Waiting:
		// Browsers hide why an attempt failed; it may be that the session is over.
		if p.model.connectable() {
			p.look()
		} else {
			p.disconnect()
		}
	case live.Ended:
		// Mostly the session is over: signed in or out, here or in another tab.
		// There is another one then, or none.
		p.disconnect()
		p.model.moved(live.State{})
		p.resting = true
		time.AfterFunc(comeBack, func() {
			p.dispatch(func() { p.resting = false; p.look() })
		})
	}
}

// returned runs when the visitor comes back to the page.
func (p *Page) returned() {
	if p.client != nil && p.model.state.Phase == live.Waiting {
		p.client.Hurry()
	}
	if p.model.state.Phase != live.Live {
		p.look()
	}
}
