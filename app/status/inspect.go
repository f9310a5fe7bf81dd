package status

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
)

// inspection is what the visitor has asked of sessions: why did a message not arrive?
type inspection struct {
	busy    bool
	answer  *shared.GatewaySessions // nil until there is one
	trouble string                  // why there is none, or no newer one
}

// verdict says how a session stands, the worst first.
func verdict(x shared.SessionState, listening bool) string {
	switch {
	case x.Ended != nil:
		return ending(x)
	case len(x.Channels) == 0:
		return "Listens to nothing, so it is told of nothing."
	}
	var catching []string
	for _, c := range x.Channels {
		if c.State == shared.ChannelCatchingUp {
			catching = append(catching, c.Channel)
		}
	}
	switch {
	case len(catching) > 0:
		return "Still gets what it has missed on " + strings.Join(catching, " and ") + "."
	case x.QueueBytes > 0:
		return part.Size(x.QueueBytes) + " wait for its client to take them."
	case !listening:
		return "Told of all that this process heard of; others' changes come late, as the connection to the database is down."
	}
	return "Told of everything that this process has heard of."
}

// ending says how a session has ended.
func ending(x shared.SessionState) string {
	by := map[string]string{"peer": "by the client", "server": "by the gateway", "nobody": "as the connection broke"}[x.Ended.By]
	text := fmt.Sprintf("Ended %s, with %d, %s", by, x.Ended.Code, shared.CloseCodeName(x.Ended.Code))
	if x.Ended.Reason != "" {
		text += " (“" + x.Ended.Reason + "”)"
	}
	text += "."
	if x.Dropped > 0 {
		text += " " + part.Count(x.Dropped, "event was", "events were") + " not written; with its cursor it gets them when it comes back."
	}
	return text
}

// standing says how the process stands that has answered.
func standing(g *shared.GatewaySessions) string {
	text := "As of " + part.Clock(g.At) + ", process " + g.Process + "."
	if g.Cursor != "" {
		text += " The log is told to " + g.Cursor + "."
	}
	if !g.Listening {
		text += " The connection that hears of others' changes is down."
	}
	return text
}

func (s *Status) renderInspection() app.UI {
	x := s.model.inspection
	label := "Look"
	if x.answer != nil {
		label = "Look again"
	}
	if x.busy {
		label = "Looking…"
	}
	return h.HTML(`<section class="card" aria-labelledby="inspect-title">
		<div class="card-head"><h2 id="inspect-title">Why did a message not arrive?</h2></div>
		<p class="muted small-text">How far each session of this process was told, and how those ended that are gone.</p>
		<form class="inspect" onsubmit={}>
			<div class="row">
				<label class="grow">
					<span class="label">Session’s name, or a part of it</span>
					<input class="field mono" id="inspect-name" type="text" name="name" autocomplete="off" autocapitalize="off" enterkeyhint="search" spellcheck="false" placeholder="All">
				</label>
				<div class="row buttons"><button class="button" id="inspect" type="submit" disabled={}>{}</button></div>
			</div>
		</form>
		<p class="trouble" role="alert">{}</p>
		{}
	</section>`,
		s.onInspect, x.busy, label, x.trouble,
		app.If(x.answer != nil, func() app.UI { return renderInspected(x.answer) }),
	)
}

func renderInspected(g *shared.GatewaySessions) app.UI {
	sessions := append(append([]shared.SessionState{}, g.Open...), g.Gone...)
	return h.HTML(`<div>
		<p class="small-text" id="inspect-standing" role="status">{}</p>
		<table class="inspected" id="inspected" aria-labelledby="inspect-title">
			<thead>
				<tr>
					<th scope="col">Session</th>
					<th scope="col">How it stands</th>
					<th scope="col">Told up to</th>
					<th scope="col">Sent</th>
					<th scope="col">Waiting</th>
					<th scope="col">Coalesced</th>
					<th scope="col">Last heard</th>
				</tr>
			</thead>
			<tbody>{}</tbody>
		</table>
		{}
		{}
	</div>`,
		standing(g),
		app.Range(sessions).Slice(func(i int) app.UI { return renderInspectedRow(sessions[i], g.Listening) }),
		app.If(len(sessions) == 0, func() app.UI { return h.HTML(`<p class="muted small-text">No session has such a name.</p>`) }),
		app.If(g.Count > len(g.Open), func() app.UI {
			return h.HTML(`<p class="muted small-text">{}</p>`, "and "+part.Number(g.Count-len(g.Open))+" more that are open; ask for a name")
		}),
	)
}

func renderInspectedRow(x shared.SessionState, listening bool) app.UI {
	class, when, at := "", "since ", x.Since
	if x.Ended != nil {
		class, when, at = "gone", "until ", x.Ended.At
	}
	told, request := "", ""
	if len(x.Channels) > 0 {
		told = "Told up to"
	}
	if x.Request != "" {
		request = "request " + x.Request
	}
	return h.HTML(`<tr class={}>
		<th scope="row">
			<span class="mono">{}</span>
			<span class="muted small-text">{} <time datetime={}>{}</time></span>
			<span class="muted small-text mono">{}</span>
		</th>
		<td>{}</td>
		<td data-label={}>{}</td>
		<td class="amount" data-label="Sent">{}</td>
		<td class="amount" data-label="Waiting">{}</td>
		<td class="amount" data-label="Coalesced">{}</td>
		<td class="amount" data-label="Last heard">{}</td>
	</tr>`,
		class, x.Name, when, at.Format(time.RFC3339), at.Local().Format("15:04:05"), request,
		verdict(x, listening),
		told,
		app.Range(x.Channels).Slice(func(i int) app.UI {
			return h.HTML(`<span class="told mono">{}</span>`, strings.TrimSpace(x.Channels[i].Channel+" "+x.Channels[i].Cursor))
		}),
		part.Number(int(x.Sent)), part.Size(x.QueueBytes), part.Number(x.Coalesced), x.Heard.Local().Format("15:04:05"),
	)
}

// onInspect asks of the sessions. What was known stays until there is an answer.
func (s *Status) onInspect(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	asked := s.model.inspection
	if asked.busy {
		return
	}
	asked.busy = true
	name := strings.TrimSpace(browser.Value(idInspectName))
	part.Background(api.Timeout, s.dispatch, func(ctx context.Context) func() {
		g, err := s.server.Sessions(ctx, name)
		return func() {
			// Whoever has signed in meanwhile has not asked.
			if s.model.Face == signin.Inside && s.model.inspection == asked {
				asked.answered(g, err)
			}
		}
	})
}

// answered takes what came of asking.
func (x *inspection) answered(g shared.GatewaySessions, err error) {
	x.busy, x.trouble = false, ""
	if err != nil {
		x.trouble = "The sessions can't be looked at: " + signin.Said(err)
		return
	}
	x.answer = &g
}
