package console

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/base"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// handshake is one of our own endpoints' as the server saw it, which browsers hide: it
// is kept there for whoever knows the id that went with it in a cookie.
type handshake struct {
	id     string // or "" of other servers
	asked  bool
	record *shared.HandshakeRecord
	wrong  string // why there is no record
}

// newHandshakeID draws an id that nobody guesses within the minute that it is good for.
func newHandshakeID() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// cookieFor is how long the cookie lasts, should the page be gone before it is taken
// back.
const cookieFor = time.Minute

// dialer is dial with the cookie, and keeps what it gives. All connections of a page
// take turns, so that each handshake carries its own cookie.
func (c *contact) dialer(dial dialer, to address, turn chan struct{}) dialer {
	return func(ctx context.Context, url string, offered []string) (connection, error) {
		if c.handshake.id != "" {
			select {
			case turn <- struct{}{}:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			defer func() { <-turn }()
			browser.SetCookie(shared.CookieHandshake, c.handshake.id, base.Of(to.path), cookieFor)
			defer browser.SetCookie(shared.CookieHandshake, "", base.Of(to.path), 0)
		}
		conn, err := dial(ctx, url, offered)
		if err == nil {
			c.open.Store(&conn)
		}
		return conn, err
	}
}

// look asks the server how it saw a handshake. It tells that once.
func (i *insight) look(of *contact) {
	seen := &of.handshake
	if seen.id == "" || seen.asked {
		return
	}
	seen.asked = true
	server := i.pane.page.server
	part.Background(api.Timeout, i.pane.dispatch, func(ctx context.Context) func() {
		asked := time.Now()
		record, err := server.Record(ctx, seen.id)
		took := time.Since(asked)
		return func() {
			i.version++
			if err != nil {
				seen.wrong = unseen(err)
				return
			}
			seen.record = &record
			if !record.Now.IsZero() {
				i.clock.measured(asked, took, record.Now)
			}
		}
	})
}

// unseen tells why there is no record.
func unseen(err error) string {
	var problem *shared.Problem
	switch {
	case errors.As(err, &problem) && problem.Status == 404:
		return "The server keeps no record of this handshake: it never arrived there, or too many came after it."
	case errors.As(err, &problem):
		return problem.Detail
	case errors.Is(err, api.ErrUnreachable):
		return "The server can't be reached to ask how it saw the handshake."
	default:
		return "What the server says of the handshake can't be read."
	}
}

// renderHandshake draws the handshake.
func (d *details) renderHandshake() app.UI {
	p := d.Pane
	seen := &p.insight.contact.handshake
	life := &p.model.life
	var content app.UI
	switch {
	case seen.record != nil:
		content = renderRecord(seen.record, p.insight.clock.String())
	case seen.wrong != "":
		content = h.HTML(`<p class="muted">{}</p>`, seen.wrong)
	case seen.id != "":
		content = h.HTML(`<p class="muted">The server is being asked…</p>`)
	default:
		content = h.HTML(`<div><p class="muted">Only this server's own handshakes can be shown as the server saw them. What the browser knows:</p>{}</div>`,
			facts([]fact{
				{"Address", p.model.to.url},
				{"Sub-protocols offered", orNone(strings.Join(life.offered, ", "))},
				{"Chosen", orNone(life.subprotocol)},
			}))
	}
	return h.HTML(`<section aria-label="Handshake"><h3>Handshake, as the server saw it</h3>{}</section>`, content)
}

// renderRecord draws what the server saw.
func renderRecord(r *shared.HandshakeRecord, clocks string) app.UI {
	verdict, answer := "good", fmt.Sprint(r.Status)
	if !r.OriginAllowed {
		verdict = "error"
	}
	if r.Status == 101 {
		answer += ", switched to WebSocket"
	}
	if r.Status == 101 && len(r.Offered) > 0 && r.Chosen == "" {
		// RFC 6455 lets a server do so; browsers don't (WHATWG WebSockets, "establish a
		// WebSocket connection").
		answer += ", with none of the sub-protocols that were offered, at which browsers give up"
	}
	if r.Refusal != "" {
		answer += ": " + r.Refusal
	}
	from := r.Remote
	if r.TLS {
		from += ", over TLS"
	}
	known := []fact{
		{"Answer", answer},
		{"Asked of", r.Host},
		{"Came from", from},
		{"Sub-protocols offered", orNone(strings.Join(r.Offered, ", "))},
		{"Chosen", orNone(r.Chosen)},
		{"Extensions offered", orNone(r.Extensions)},
	}
	if r.User != "" {
		known = append(known, fact{"Signed in as", r.User})
	}
	if r.Faults != "" {
		known = append(known, fact{"Faults asked for", r.Faults})
	}
	lines := make([]app.UI, len(r.Headers))
	for i, line := range r.Headers {
		var masked app.UI
		if line.Masked {
			masked = h.HTML(`<span class="masked">masked</span>`)
		}
		lines[i] = h.HTML(`<div><dt>{}</dt><dd>{} {}</dd></div>`, line.Name, line.Value, masked)
	}
	more := ""
	if r.Truncated {
		more = "There were more headers, or longer ones, than are kept."
	}
	return h.HTML(`
		<div class="record">
			<p class="mono request">{}</p>
			<p class={}>{}</p>
			{}
			<dl class="headers mono" aria-label="Headers of the request">{}</dl>
			<p class="muted small-text">{}</p>
			<p class="muted small-text">{}</p>
		</div>`,
		r.Request, "verdict "+verdict, "Origin: "+r.OriginVerdict, facts(known), lines, more, clocks)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
