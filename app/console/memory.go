package console

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"cartline/app/browser"
)

// keySetups is where the browser keeps how the connections are set up.
const keySetups = "cartline.console.connections"

// Bounds of what is read back: anything on this site may have written there.
const (
	maxSetupURL  = 4096
	maxSetupName = 40
)

// setup is what the browser keeps of one pane from one visit to the next. It does not
// keep what was said.
type setup struct {
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Offered []string `json:"subprotocols,omitempty"`
}

// encodeSetups writes the panes' setups in their places; a place without a pane is null.
func encodeSetups(setups [maxPanes]*setup) string {
	text, err := json.Marshal(setups)
	if err != nil {
		panic(err) // there is nothing in a setup that can't be encoded
	}
	return string(text)
}

// decodeSetups reads what encodeSetups wrote, and nothing of what it could not have
// written.
func decodeSetups(text string) (setups [maxPanes]*setup) {
	var read []*setup
	if json.Unmarshal([]byte(text), &read) != nil || len(read) > maxPanes {
		return setups
	}
	for i, s := range read {
		if s != nil && s.valid() {
			setups[i] = s
		}
	}
	return setups
}

func (s *setup) valid() bool {
	name := strings.TrimSpace(s.Name)
	return name == s.Name && name != "" && utf8.RuneCountInString(name) <= maxSetupName &&
		len(s.URL) <= maxSetupURL && len(s.Offered) <= maxOffered &&
		!slices.ContainsFunc(s.Offered, func(name string) bool { return !isToken(name) })
}

// recall makes the panes of the last visit, or else one.
func (c *Console) recall() {
	for slot, s := range decodeSetups(browser.Stored(keySetups)) {
		if s == nil {
			continue
		}
		p := newPane(c, slot)
		p.name, p.start, p.offered = s.Name, s.URL, s.Offered
		p.typed(p.start)
		c.panes[slot] = p
	}
	if c.panes[0] == nil {
		c.panes[0] = newPane(c, 0)
	}
}

// remember keeps how the panes are set up. Where the browser keeps nothing, the next
// visit begins afresh, which needs no words.
func (c *Console) remember() {
	var setups [maxPanes]*setup
	for i, p := range c.panes {
		if p != nil {
			setups[i] = &setup{Name: p.name, URL: p.url(), Offered: p.offered}
		}
	}
	browser.Store(keySetups, encodeSetups(setups))
}

// url is what is in the pane's URL field, or will be once that is drawn.
func (p *pane) url() string {
	if p.stage == nil {
		return p.start
	}
	return browser.Value(p.id(idURL))
}
