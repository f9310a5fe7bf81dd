package status

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// The words for what a limit turns away: one of it, and many.
var (
	connectionRefused = [2]string{"connection was refused", "connections were refused"}
	connectionEnded   = [2]string{"connection was ended", "connections were ended"}
	messageRefused    = [2]string{"message was refused", "messages were refused"}
)

// limits are those of the gateway, in the order in which one meets them.
var limits = []struct {
	limit shared.Limit
	what  [2]string
	why   string
}{
	{shared.LimitConnections, connectionRefused, "the gateway had as many as it takes"},
	{shared.LimitAddress, connectionRefused, "the address had as many as one may have"},
	{shared.LimitUser, connectionRefused, "the person had as many as one may have"},
	{shared.LimitFaults, connectionRefused, "the echo had as many with faults as it takes"},
	{shared.LimitHandshakes, connectionRefused, "too many came within a second"},
	{shared.LimitMessages, messageRefused, "the client sent too many within a second"},
	{shared.LimitSize, messageRefused, "it was too big; the connection was ended"},
	{shared.LimitQueue, connectionEnded, "the client was too slow; it may come back and resume"},
}

// refusals are the sentences on what the gateway has turned away.
func refusals(refused map[shared.Limit]int64) []string {
	var sentences []string
	for _, l := range limits {
		if n := refused[l.limit]; n > 0 {
			sentences = append(sentences, part.Count(int(n), l.what[0], l.what[1])+": "+l.why+".")
		}
	}
	return sentences
}

func (s *Status) renderRefused() app.UI {
	sentences := refusals(s.model.gateway.Refused)
	if len(sentences) == 0 {
		sentences = []string{"Nothing so far."}
	}
	return h.HTML(`<section class="card" aria-labelledby="refused-title">
		<div class="card-head"><h2 id="refused-title">Turned away since the start</h2></div>
		<ul class="refused" id="refused">{}</ul>
	</section>`, app.Range(sentences).Slice(func(i int) app.UI { return h.HTML(`<li>{}</li>`, sentences[i]) }))
}
