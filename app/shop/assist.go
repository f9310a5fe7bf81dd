package shop

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// assistHere is what staff ask and do, if this is the place for it: at the foot of the
// window, where it moves nothing, or in a dialog, from which nothing outside can be
// reached.
func (p *Page) assistHere(here bool) []app.UI {
	if !here {
		return nil
	}
	var parts []app.UI
	if knocks := p.model.knocks(); len(knocks) > 0 {
		parts = append(parts, p.renderKnock(knocks[0]))
	}
	if links := p.model.links(); len(links) > 0 {
		parts = append(parts, p.renderLink(links[len(links)-1]))
	}
	if p.model.help.problem != "" {
		parts = append(parts, h.HTML(`<p class="assist-problem" role="alert">{}</p>`, p.model.help.problem))
	}
	if p.model.problem != "" && p.data.View != ViewCart {
		parts = append(parts, h.HTML(`<div class="assist-problem" role="alert"><p>{}</p>
			<button class="button small" type="button" onclick={}>Try again</button></div>`, p.model.problem, p.onLook))
	}
	if attendants := p.model.cart.Attendants; len(attendants) > 0 {
		parts = append(parts, p.renderBanner(attendants))
	}
	return parts
}

// renderBanner says who sees and changes the cart, and ends that.
func (p *Page) renderBanner(attendants []shared.Attendant) app.UI {
	rows := make([]app.UI, 0, len(attendants))
	for i, a := range attendants {
		id := ""
		if i == 0 {
			id = idStop
		}
		rows = append(rows, h.HTML(`<div class="banner-row">
			{}
			<p><strong>{}</strong> is helping you with this cart<span class="banner-since">{}</span></p>
			<button id={} class="button small" type="button" data-staff={} data-key={} aria-label={} disabled={} onclick={}>Stop</button>
		</div>`,
			app.Raw(signHelping), a.Staff, " · since "+clock(a.Since),
			id, a.Staff, "stop "+a.Staff, "Stop "+a.Staff+"’s access", off(p.model.help.busy), p.onStop))
	}
	return h.HTML(`<section id={} class="banner" aria-label="Help">{}</section>`, idBanner, rows)
}

// renderKnock asks whether it is the visitor with whom someone is on the phone.
func (p *Page) renderKnock(k shared.Knock) app.UI {
	busy := off(p.model.help.busy)
	return h.HTML(`<section id={} class="ask-card" role="group" aria-label={}>
		<div class="ask-words">
			<p class="ask-title">{}</p>
			<p class="small-text muted">With Yes they see your name, and can change this cart until you press Stop.</p>
		</div>
		<div class="ask-buttons">
			<button class="button small primary" type="button" data-staff={} data-accept="yes" disabled={} onclick={}>Yes</button>
			<button class="button small" type="button" data-staff={} data-accept="no" disabled={} onclick={}>No</button>
		</div>
	</section>`,
		idKnock, "Question from "+k.Staff, "Are you on the phone with "+k.Staff+"?",
		k.Staff, busy, p.onKnock, k.Staff, busy, p.onKnock)
}

// renderLink is a page that staff suggest.
func (p *Page) renderLink(l shared.Link) app.UI {
	var picture any
	if slug, ok := strings.CutPrefix(l.Path, PathProduct); ok && l.SKU != "" {
		picture = h.HTML(`<img class="ask-picture" role="presentation" src={} width="400" height="300">`, PathPicture+slug+".svg")
	}
	busy := off(p.model.help.busy)
	return h.HTML(`<section id={} class="ask-card" role="group" aria-label={}>
		{}
		<div class="ask-words">
			<p class="small-text muted">{}</p>
			<p class="ask-title">{}</p>
		</div>
		<div class="ask-buttons">
			<button class="button small primary" type="button" data-link={} disabled={} onclick={}>Open</button>
			<button class="button small" type="button" data-link={} disabled={} onclick={}>No thanks</button>
		</div>
	</section>`,
		idLink, "Suggestion from "+l.Staff, picture, l.Staff+" suggests:", l.Title,
		l.ID, busy, p.onOpen, l.ID, busy, p.onNoThanks)
}

func (p *Page) onStop(ctx app.Context, _ app.Event) {
	defer part.Guard()
	staff := attr(ctx, "data-staff")
	p.helped(func(ctx context.Context) (shared.Cart, error) {
		return p.server.StopAssistance(ctx, shared.StopAssistance{Staff: staff})
	}, nil)
}

func (p *Page) onKnock(ctx app.Context, _ app.Event) {
	defer part.Guard()
	answer := shared.AnswerKnock{Staff: attr(ctx, "data-staff"), Accept: attr(ctx, "data-accept") == "yes"}
	p.helped(func(ctx context.Context) (shared.Cart, error) { return p.server.AnswerKnock(ctx, answer) }, nil)
}

func (p *Page) onNoThanks(ctx app.Context, _ app.Event) {
	defer part.Guard()
	id := attr(ctx, "data-link")
	p.helped(func(ctx context.Context) (shared.Cart, error) {
		return p.server.MoveLink(ctx, id, shared.LinkDismissed)
	}, nil)
}

// onOpen tells that the link is opened and goes there. It goes there as well if
// that can't be told.
func (p *Page) onOpen(ctx app.Context, _ app.Event) {
	defer part.Guard()
	id := attr(ctx, "data-link")
	for _, l := range p.model.links() {
		if l.ID == id {
			p.helped(func(ctx context.Context) (shared.Cart, error) {
				return p.server.MoveLink(ctx, id, shared.LinkOpened)
			}, func() { browser.Go(l.Path) })
			return
		}
	}
}

// helped makes a call about being helped, one at a time, and then does the rest.
func (p *Page) helped(call func(context.Context) (shared.Cart, error), rest func()) {
	if p.model.help.busy {
		return
	}
	p.model.help = helpState{busy: true}
	p.ask(call, func(err error) {
		p.model.help = helpState{problem: said(err)}
		if err != nil {
			p.look()
		}
		if rest != nil {
			rest()
		}
	})
}
