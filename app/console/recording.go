package console

import (
	"context"
	"errors"
	"strings"
	"time"

	"cartline/app/browser"
	"cartline/app/part"
	"cartline/app/transcript"
	"cartline/shared"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// reel is what is done with the log as a recording. It is for the goroutine of the page.
type reel struct {
	imported []lab.Entry // the last import
	counted  tally       // of it
	from     string      // the name of its file, or "" before the first
	reading  bool
	saved    string // what was exported
	wrong    string // why nothing was imported

	log   bool // replay what was sent in the log, though there is an import
	speed float64
	job   *job
	shown replayed
}

// ofImport tells whether a replay takes the import.
func (r *reel) ofImport() bool { return r.from != "" && !r.log }

// tally counts what is recorded.
type tally struct {
	lines, sent, received, cut int
	again, torn                int // of what was sent: what a replay sends, and what it can't
}

func (t *tally) add(e *lab.Entry) {
	switch e.Way {
	case "":
		return
	case lab.Sent:
		t.sent++
	case lab.Received:
		t.received++
	}
	t.lines++
	if e.Cut > 0 {
		t.cut++
	}
}

// addSent counts what a replay is about.
func (t *tally) addSent(e *lab.Entry) {
	switch {
	case e.Way != lab.Sent:
	case e.Cut > 0:
		t.torn++
	default:
		t.again++
	}
}

// tallyOf counts what is in a log. What was imported is sent again only as the import,
// and what a replay has sent isn't.
func tallyOf(entries []transcript.Entry) (t tally) {
	for i := range entries {
		e := &entries[i]
		t.add(&e.Entry)
		if !e.Imported && !e.Replayed {
			t.addSent(&e.Entry)
		}
	}
	return t
}

// String tells what is recorded.
func (t tally) String() string {
	if t.lines == 0 {
		return "Nothing is recorded yet: what is sent and received will be, by itself."
	}
	return "Recorded so far: " + part.Number(t.sent) + " sent, " + part.Number(t.received) + " received."
}

// missing tells what of it isn't whole, or "".
func (t tally) missing(dropped int) string {
	var parts []string
	if t.cut > 0 {
		parts = append(parts, part.Count(t.cut, "message is too large and was cut.", "messages are too large and were cut."))
	}
	if dropped > 0 {
		parts = append(parts, part.Count(dropped, "older entry was dropped.", "older entries were dropped."))
	}
	return strings.Join(parts, " ")
}

// export gives the visitor the log as a file.
func (i *insight) export() {
	name := recordingName(i.pane.name, i.pane.model.now())
	text, lines := i.recording()
	browser.SaveFile(name, "application/jsonl", string(text))
	i.reel.saved = "Saved " + part.Count(lines, "line", "lines") + " as " + name + "."
}

// recording writes the log as a recording. What was imported keeps the name of the
// connection that it was on.
func (i *insight) recording() (text []byte, lines int) {
	for _, e := range i.pane.model.log.Entries() {
		if e.Way == "" {
			continue
		}
		if e.Connection == "" {
			e.Connection = i.pane.name
		}
		text = lab.AppendLine(text, e.Entry)
		lines++
	}
	return text, lines
}

// recordingName names the file of a recording after its connection and the time.
func recordingName(connection string, at time.Time) string {
	plain := strings.FieldsFunc(strings.ToLower(connection), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	parts := append([]string{"cartline"}, plain...)
	return strings.Join(append(parts, at.Format("20060102-150405")), "-") + ".jsonl"
}

// readTimeout bounds how long a file is read, which may be on a network.
const readTimeout = time.Minute

// read imports the file that was chosen.
func (i *insight) read() {
	if i.reel.reading {
		return
	}
	i.reel.reading, i.reel.wrong = true, ""
	id := i.pane.id("import")
	part.Background(readTimeout, i.pane.dispatch, func(ctx context.Context) func() {
		name, data, err := browser.ReadFile(ctx, id, lab.MaxRecording)
		var entries []lab.Entry
		if err == nil {
			entries, err = lab.DecodeRecording(data)
		}
		return func() {
			i.reel.reading = false
			browser.SetValue(id, "") // so that the same file may be chosen again
			i.took(name, entries, err)
		}
	})
}

// took appends what was imported to the log.
func (i *insight) took(name string, entries []lab.Entry, err error) {
	var large *browser.TooLargeError
	var problem *shared.Problem
	switch {
	case errors.Is(err, browser.ErrNoFile):
		return
	case errors.As(err, &large):
		i.reel.wrong = name + " has " + part.Size(large.Size) + ", and a recording has " + part.Size(large.Most) + " at most."
		return
	case errors.As(err, &problem):
		i.reel.wrong = "Nothing was imported from " + name + ". " + problem.Detail
		return
	case err != nil:
		i.reel.wrong = name + " can't be read. It may have changed since it was chosen."
		return
	}
	i.reel.imported, i.reel.from, i.reel.log = entries, name, false
	if !i.reel.job.runs() {
		i.reel.shown = replayed{}
	}
	var t tally
	for i := range entries {
		t.add(&entries[i])
		t.addSent(&entries[i])
	}
	i.reel.counted = t
	m := i.pane.model
	m.note(transcript.Entry{Note: "Imported " + part.Count(t.sent+t.received, "message", "messages") + " from " + name})
	lost := max(0, len(entries)-transcript.MaxEntries)
	rows := make([]transcript.Entry, 0, len(entries)-lost)
	for _, e := range entries[lost:] {
		rows = append(rows, importedEntry(e))
	}
	m.log.Append(rows, lost)
}

// importedEntry makes an entry of the log of one of a recording.
func importedEntry(e lab.Entry) transcript.Entry {
	row := transcript.Entry{Entry: e, Imported: true}
	switch e.Way {
	case lab.Opened:
		row.Note = "Connected to " + e.URL
		if e.Subprotocol != "" {
			row.Note += ", with the sub-protocol " + e.Subprotocol
		}
	case lab.Closed:
		row.Note = "Disconnected (" + codeText(e.Code) + ")"
		if e.Reason != "" {
			row.Note += ": " + e.Reason
		}
	default:
		kept := message(e.At, e.Way, live.Message{Binary: e.Binary, Data: e.Data})
		row.Data, row.Cut = kept.Data, kept.Cut+e.Cut
	}
	return row
}
