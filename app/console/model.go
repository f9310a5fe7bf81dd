package console

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cartline/app/part"
	"cartline/app/transcript"
	"cartline/shared/lab"
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

// maxLine is how many bytes of a message the message line shows.
const maxLine = 400

// line is the message line.
type line struct {
	text  string
	error bool
	// suggestion is an address to use in place of the one that is there.
	suggestion string
	// signIn offers the way to the sign-in.
	signIn bool
	// giveUp offers to stop connecting.
	giveUp bool
}

// model is what one connection shows of itself. It is for one goroutine.
type model struct {
	site  site
	phase phase
	to    address // of the present or last connection
	line  line
	log   *transcript.Log
	life  life
	now   func() time.Time
}

// life is what is known of the present or last connection.
type life struct {
	began       time.Time // of the attempt
	opened      time.Time // or zero
	ended       time.Time // or zero
	offered     []string  // sub-protocols
	subprotocol string    // the one that was chosen, or ""
	code        int       // with which it ended, or 0
	reason      string
	asked       bool // the end was
}

func newModel(from site, now func() time.Time) *model {
	return &model{site: from, now: now, log: transcript.NewLog()}
}

// canConnect, canDisconnect and canSend say which buttons work.
func (m *model) canConnect() bool    { return m.phase == idle }
func (m *model) canDisconnect() bool { return m.phase == connected }
func (m *model) canSend() bool       { return m.phase == connected }

// onEvents says whether this server's events are what the connection is to.
func (m *model) onEvents() bool {
	return m.phase == connected && m.to.own && m.to.path == pathEvents
}

// connect begins a connection to what was typed, and returns false if that is no
// address, which the message line then tells.
func (m *model) connect(typed string, offered []string) (address, bool) {
	to, wrong := m.site.check(typed)
	if wrong != nil {
		m.line = line{text: "Error: " + wrong.text, error: true, suggestion: wrong.suggestion}
		return address{}, false
	}
	m.phase, m.to, m.line = connecting, to, line{}
	m.life = life{began: m.now(), offered: slices.Clone(offered)}
	text := "Connecting to " + to.url
	if len(offered) > 0 {
		text += ", offering " + strings.Join(offered, ", ")
	}
	m.note(transcript.Entry{Note: text})
	return to, true
}

func (m *model) opened(subprotocol string) {
	m.phase = connected
	m.life.opened, m.life.subprotocol = m.now(), subprotocol
	text := "Connected"
	if subprotocol != "" {
		text += ", with the sub-protocol " + subprotocol
	}
	m.note(transcript.Entry{
		Entry: lab.Entry{Way: lab.Opened, URL: m.to.url, Subprotocol: subprotocol},
		Note:  text,
	})
}

func (m *model) failed(why refusal) {
	m.phase = idle
	m.life.ended = m.now()
	m.line = line{text: "Error: " + why.text, error: true, signIn: why.signIn}
	m.note(transcript.Entry{Note: why.text, Trouble: true})
}

// disconnect asks for the end, and clears the message line, as the first
// article's page does.
func (m *model) disconnect() {
	m.phase, m.line = leaving, line{}
}

func (m *model) ended(code int, reason string) {
	asked := m.phase == leaving
	m.phase = idle
	m.life.ended, m.life.code, m.life.reason, m.life.asked = m.now(), code, reason, asked
	e := transcript.Entry{Entry: lab.Entry{Way: lab.Closed, Code: code, Reason: reason}}
	switch {
	case asked && m.life.opened.IsZero():
		m.line, m.life.code = line{}, 0
		e = transcript.Entry{Note: gaveUp}
	case asked:
		m.line = line{}
		e.Note = "Disconnected"
		switch code {
		case closeNormal:
		case closeAbnormal:
			e.Note += ", though the server did not confirm it"
		default:
			e.Note += " (" + codeText(code) + ")"
		}
	default:
		e.Note, e.Trouble = ending(code, reason), true
		m.line = line{text: e.Note, error: true}
	}
	m.note(e)
}

// gaveUp is what there is to tell of a connection that was called off.
const gaveUp = "You gave up before it was open."

// slow tells that connecting takes long, and offers to give up.
func (m *model) slow() {
	m.line = line{text: "No answer yet. This page waits " + part.Duration(dialTimeout) + " for one.", giveUp: true}
}

// full tells that a message could not be queued.
func (m *model) full() {
	m.line = line{text: "Error: The messages before this one are still waiting to be sent.", error: true}
}

// took adds messages that went either way, and shows the newest that came in the
// message line. Some may have been lost before they got here.
func (m *model) took(entries []transcript.Entry, lost int) {
	m.log.Append(entries, lost)
	for _, e := range slices.Backward(entries) {
		if e.Way == lab.Received && m.phase == connected {
			m.line = line{text: "Server Says: " + shown(e)}
			return
		}
	}
}

// shown is what the message line shows of a message.
func shown(e transcript.Entry) string {
	if e.Binary {
		return "binary: " + part.Hex(e.Data, maxHexPreview)
	}
	text, left := part.Clip(string(e.Data[:min(len(e.Data), maxLine+utf8.UTFMax)]), maxLine)
	if left > 0 || len(e.Data) > maxLine {
		text += "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// maxHexPreview is how many bytes of a binary message the message line shows.
const maxHexPreview = 48

func (m *model) note(e transcript.Entry) {
	e.At = m.now()
	m.log.Append([]transcript.Entry{e}, 0)
}

// message makes an entry of a message. It keeps no more of a large one than the log
// does.
func message(at time.Time, way lab.Way, m live.Message) transcript.Entry {
	kept := m.Data[:min(len(m.Data), transcript.MaxMessage)]
	if len(kept) < len(m.Data) {
		if !m.Binary {
			for len(kept) > 0 && !utf8.RuneStart(m.Data[len(kept)]) {
				kept = kept[:len(kept)-1]
			}
		}
		kept = bytes.Clone(kept) // which lets the rest go
	}
	return transcript.Entry{Entry: lab.Entry{At: at, Way: way, Binary: m.Binary, Data: kept, Cut: len(m.Data) - len(kept)}}
}
