package shop

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderCall is the dialog "Call us": the code to be read aloud, or help without a
// call.
func (p *Page) renderCall() app.UI {
	var body any
	if p.model.code.open {
		body = h.HTML(`<div class="call-body">
			<div class="drawer-head">
				<h2 id="call-title">Call us</h2>
				<button class="icon-button" type="button" aria-label="Close" onclick={}>{}</button>
			</div>
			<div class="assist" aria-live="polite">{}</div>
			<p class="telephone"><a href={}>{}</a></p>
			{}
			{}
		</div>`,
			p.onCallClosed, app.Raw(signClose), p.assistHere(true),
			"tel:"+strings.ReplaceAll(Telephone, " ", ""), Telephone, p.renderCode(), p.renderHelp())
	}
	return h.HTML(`<dialog id={} class="call" aria-labelledby="call-title" onclose={} onclick={}>{}</dialog>`,
		idCall, p.onCallClosed, p.onBackdrop, body)
}

// renderCode is the code, or the way to one.
func (p *Page) renderCode() app.UI {
	c := p.model.code
	left := c.left(p.model.now())
	switch {
	case c.code.Code == "":
		return p.codePart("We can look at your cart together: take a code, and read it to the person on the phone.", "Show my code")
	case left <= 0:
		return p.codePart("This code has run out. Take a new one.", "New code")
	}
	return h.HTML(`<section class="code-part" aria-label="Your code">
		<p>Read it to the person on the phone. Reading it aloud lets them see and change this cart until you press Stop.</p>
		<p id={} class="code" role="status"><span aria-hidden="true">{}</span><span class="sr">{}</span></p>
		<p class="muted small-text code-left">{}</p>
		<p class="message error" role="alert">{}</p>
		<div class="row">
			<button class="button" type="button" data-key="code" disabled={} onclick={}>New code</button>
			<button class="button" type="button" disabled={} onclick={}>Hide</button>
		</div>
	</section>`,
		idCode, c.grouped(), c.spelled(), "Good for "+leftWords(left), c.problem,
		off(c.busy), p.onNewCode, off(c.busy), p.onHideCode)
}

// codePart is the way to a code.
func (p *Page) codePart(text, name string) app.UI {
	if p.model.code.busy {
		name = "One moment…"
	}
	return h.HTML(`<div class="code-part">
		<p>{}</p>
		<p class="message error" role="alert">{}</p>
		<button class="button primary" type="button" data-key="code" disabled={} onclick={}>{}</button>
	</div>`, text, p.model.code.problem, off(p.model.code.busy), p.onNewCode, name)
}

// leftWords writes how long a code can still be used: "9:41".
func leftWords(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	return part.Number(seconds/60) + ":" + string(rune('0'+seconds%60/10)) + string(rune('0'+seconds%10))
}

// renderHelp is for those who have no telephone at hand.
func (p *Page) renderHelp() app.UI {
	text, name := "No telephone at hand? Ask here, and the next of us who is free joins this cart.", "Ask for help"
	handler := p.onAskHelp
	if at := p.model.cart.HelpAt; shared.HelpWanted(at, p.model.now()) {
		text, name = "You asked for help at "+clock(at)+". The next of us who is free joins this cart.", "Withdraw"
		handler = p.onEndHelp
	}
	return h.HTML(`<div class="help-part">
		<p role="status">{}</p>
		<button id="ask-help" class="button" type="button" data-key="help" disabled={} onclick={}>{}</button>
	</div>`, text, off(p.model.help.busy), handler, name)
}

func (p *Page) onCallUs(app.Context, app.Event) {
	defer part.Guard()
	p.model.code.open, p.model.code.problem, p.model.help.problem = true, "", ""
	p.drawer = false
	if p.model.code.left(p.model.now()) <= 0 {
		p.model.code.code = shared.AssistCode{}
	}
	p.settle()
}

func (p *Page) onNewCode(app.Context, app.Event) {
	defer part.Guard()
	if p.model.code.busy {
		return
	}
	p.model.code.busy, p.model.code.problem = true, ""
	p.background(func(ctx context.Context) func() {
		code, err := p.server.NewCode(ctx)
		return func() {
			p.model.code.busy = false
			if err != nil {
				p.model.code.problem = said(err)
				return
			}
			p.model.code.code = code
			if p.model.cart.ID == "" {
				p.look() // there is a cart from now on
			}
		}
	})
}

// onHideCode ends the code, so that who overheard it can do nothing with it.
func (p *Page) onHideCode(app.Context, app.Event) {
	defer part.Guard()
	if p.model.code.busy {
		return
	}
	p.model.code.busy, p.model.code.problem = true, ""
	p.background(func(ctx context.Context) func() {
		err := p.server.HideCode(ctx)
		return func() {
			p.model.code.busy = false
			if err != nil {
				p.model.code.problem = "The code can still be used. " + said(err)
				return
			}
			p.model.code = codeState{}
		}
	})
}

func (p *Page) onAskHelp(app.Context, app.Event) {
	defer part.Guard()
	p.helped(p.server.AskHelp, nil)
}

func (p *Page) onEndHelp(app.Context, app.Event) {
	defer part.Guard()
	p.helped(p.server.EndHelp, nil)
}
