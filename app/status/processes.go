package status

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// together says what all processes serve.
func together(all *shared.AllProcesses) string {
	return part.Number(all.Count) + " processes serve " + part.Count(all.Connections, "connection", "connections") +
		" in all, and " + part.Count(all.Echo, "echo connection", "echo connections")
}

// renderProcesses lists the processes, if there are several.
func (s *Status) renderProcesses() app.UI {
	all := s.model.gateway.All
	return app.If(all.Several(), func() app.UI {
		return h.HTML(`<section class="card" aria-labelledby="processes-title">
			<div class="card-head"><h2 id="processes-title">Processes</h2></div>
			<div class="table-frame">
				<table id="processes" aria-labelledby="processes-title">
					<thead>
						<tr>
							<th scope="col">Process</th>
							<th scope="col">Mode</th>
							<th scope="col">Version</th>
							<th scope="col">Up for</th>
							<th scope="col">Connections</th>
							<th scope="col">Echo</th>
						</tr>
					</thead>
					<tbody>{}</tbody>
				</table>
			</div>
			{}
		</section>`,
			app.Range(all.Processes).Slice(func(i int) app.UI { return s.renderProcess(all.Processes[i]) }),
			app.If(all.Count > len(all.Processes), func() app.UI {
				return h.HTML(`<p class="muted small-text">{}</p>`, "and "+part.Number(all.Count-len(all.Processes))+" more")
			}),
		)
	})
}

func (s *Status) renderProcess(p shared.ProcessStatus) app.UI {
	name := p.Process
	if p.Process == s.model.gateway.Process {
		name += " (this page's)"
	}
	return h.HTML(`<tr>
		<td class="mono">{}</td>
		<td>{}</td>
		<td class="mono">{}</td>
		<td><time datetime={}>{}</time></td>
		<td>{}</td>
		<td>{}</td>
	</tr>`, name, p.Mode, p.Version, p.StartedAt.Format(time.RFC3339), part.Duration(s.model.now().Sub(p.StartedAt)),
		part.Number(p.Connections), part.Number(p.Echo))
}
