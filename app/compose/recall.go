package compose

import "strings"

// recall is a walk through the texts of the history, as the arrow keys take it in a
// field of one line. The zero recall hasn't begun.
type recall struct {
	texts []string // newest first
	at    int      // in texts
	began string   // what stood in the field before
	on    bool
}

// back goes to the text before the one that stands in the field. If that isn't the one
// that was recalled last, the walk begins anew, so that it isn't lost.
func (r *recall) back(current string, history []item) (text string, ok bool) {
	if !r.on || current != r.texts[r.at] {
		*r = recall{texts: lines(history, current), at: -1, began: current}
	}
	if r.at+1 >= len(r.texts) {
		return "", false
	}
	r.at, r.on = r.at+1, true
	return r.texts[r.at], true
}

// forth goes back to what came after, and in the end to what stood there before.
func (r *recall) forth() (text string, ok bool) {
	if !r.on {
		return "", false
	}
	if r.at == 0 {
		r.on = false
		return r.began, true
	}
	r.at--
	return r.texts[r.at], true
}

// lines are the texts of a history that a field of one line can hold, but for the one
// that it holds already.
func lines(history []item, current string) []string {
	var texts []string
	met := map[string]bool{current: true}
	for _, m := range history {
		if isText(m.Format) && !met[m.Content] && !strings.ContainsAny(m.Content, "\r\n") {
			met[m.Content] = true
			texts = append(texts, m.Content)
		}
	}
	return texts
}
