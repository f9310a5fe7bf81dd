package console

import (
	"strings"
	"time"

	"cartline/app/part"
	"cartline/shared/live"
)

// phase is where the one connection of the page stands.
type phase int

const (
	idle phase = iota
	connecting
	connected
	leaving // we have asked for the end
)

// status is what the page says of a phase. The first and the third are those of
// the first article.
func (p phase) status() string {
	return [...]string{"Not Connected", "Connecting…", "Connected", "Disconnecting…"}[p]
}

// Bounds of what the log keeps.
const (
	maxEntries    = 500
	maxKept       = 8 << 20  // bytes of all texts
	maxEntryKept  = 64 << 10 // bytes of one text
	maxHexPreview = 48       // bytes of a binary message
	maxLine       = 400      // bytes of a message in the message line
	foldAt        = 400      // bytes of a text in the log that isn't unfolded
)

// direction is which way an entry of the log went.
type direction int

const (
	note direction = iota
	sent
	received
	trouble
)

// entry is one row of the log.
type entry struct {
	id   int
	at   time.Time
	way  direction
	text string
	size string // of the whole message, or ""
	left int    // bytes of the message that weren't kept
	open bool   // shown whole
}

// line is the message line.
type line struct {
	text  string
	error bool
	// suggestion is an address to use in place of the one that is there.
	suggestion string
	// signIn offers the way to the sign-in.
	signIn bool
}

// model is what the page shows. It is for one goroutine.
type model struct {
	site  site
	phase phase
	to    address // of the present or last connection
	line  line
	log   *part.Roll[entry]
	next  int // id of the next entry
	now   func() time.Time
}

func newModel(from site, now func() time.Time) *model {
	return &model{
		site: from,
		now:  now,
		log:  part.NewRoll(maxEntries, maxKept, func(e entry) int { return len(e.text) }),
	}
}

// canConnect, canDisconnect and canSend say which buttons work.
func (m *model) canConnect() bool    { return m.phase == idle }
func (m *model) canDisconnect() bool { return m.phase == connected }
func (m *model) canSend() bool       { return m.phase == connected }

// offersListen says whether to offer the message that makes the events endpoint
// send something.
func (m *model) offersListen() bool {
	return m.phase == connected && m.to.own && m.to.path == pathEvents
}

// connect begins a connection to what was typed, and returns false if that is no
// address, which the message line then tells.
func (m *model) connect(typed string) (address, bool) {
	to, wrong := m.site.check(typed)
	if wrong != nil {
		m.line = line{text: "Error: " + wrong.text, error: true, suggestion: wrong.suggestion}
		return address{}, false
	}
	m.phase, m.to, m.line = connecting, to, line{}
	m.add(m.entry(note, "Connecting to "+to.url))
	return to, true
}

func (m *model) opened() {
	m.phase = connected
	m.add(m.entry(note, "Connected"))
}

func (m *model) failed(why refusal) {
	m.phase = idle
	m.line = line{text: "Error: " + why.text, error: true, signIn: why.signIn}
	m.add(m.entry(trouble, why.text))
}

// disconnect asks for the end, and clears the message line, as the first
// article's page does.
func (m *model) disconnect() {
	m.phase, m.line = leaving, line{}
}

func (m *model) ended(code int, reason string) {
	asked := m.phase == leaving
	m.phase = idle
	if asked {
		m.line = line{}
		m.add(m.entry(note, "Disconnected"))
		return
	}
	text := ending(code, reason)
	m.line = line{text: text, error: true}
	m.add(m.entry(trouble, text))
}

// full tells that a message could not be queued.
func (m *model) full() {
	m.line = line{text: "Error: The messages before this one are still waiting to be sent.", error: true}
}

// took adds messages that went either way, and shows the newest that came in the
// message line. Some may have been lost before they got here.
func (m *model) took(entries []entry, lost int) {
	m.log.Lose(lost)
	for i := range entries {
		m.next++
		entries[i].id = m.next
	}
	m.log.Append(entries...)
	for _, e := range entries {
		if e.way == received && m.phase == connected {
			text, left := part.Clip(e.text, maxLine)
			if left > 0 {
				text += "…"
			}
			m.line = line{text: "Server Says: " + text}
		}
	}
}

func (m *model) toggle(id int) {
	items := m.log.Items()
	for i := range items {
		if items[i].id == id {
			items[i].open = !items[i].open
			return
		}
	}
}

func (m *model) clear() { m.log.Clear() }

func (m *model) add(e entry) {
	m.next++
	e.id = m.next
	m.log.Append(e)
}

func (m *model) entry(way direction, text string) entry {
	return entry{at: m.now(), way: way, text: text}
}

// textEntry makes an entry of a text message. It keeps no more of a large one
// than the log shows.
func textEntry(at time.Time, way direction, text string) entry {
	kept, left := part.Clip(text, maxEntryKept)
	return entry{at: at, way: way, text: strings.ToValidUTF8(kept, "\uFFFD"), left: left, size: part.Size(len(text))}
}

// messageEntry makes an entry of a message that came.
func messageEntry(at time.Time, m live.Message) entry {
	if !m.Binary {
		return textEntry(at, received, string(m.Data))
	}
	return entry{at: at, way: received, text: "binary: " + part.Hex(m.Data, maxHexPreview), size: part.Size(len(m.Data))}
}
