package terminal

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"cartline/shared"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// printer writes messages, or all that happens, to standard output, and what is only
// for people to standard error. Its methods may be called from several goroutines; each
// waits until its line is written, which holds back whoever calls.
type printer struct {
	out, notes io.Writer
	// json writes the lines of a recording.
	json bool
	// screen: somebody looks at out, and types between what it shows.
	screen bool

	mu sync.Mutex // of out
}

// note tells people something.
func (p *printer) note(format string, args ...any) {
	// There is nowhere left to tell that it fails.
	_, _ = fmt.Fprintf(p.notes, "%s\n", visible(fmt.Sprintf(format, args...), " "))
}

func (p *printer) opened(url, subprotocol string) error {
	if p.json {
		return p.record(lab.Entry{Way: lab.Opened, URL: url, Subprotocol: subprotocol})
	}
	if subprotocol != "" {
		p.note("Connected, with the sub-protocol %s.", subprotocol)
	} else {
		p.note("Connected.")
	}
	return nil
}

// closed tells how a connection ended, with what comes of it.
func (p *printer) closed(end *live.CloseError, then string) error {
	if p.json {
		return p.record(lab.Entry{Way: lab.Closed, Code: end.Code, Reason: end.Reason})
	}
	text := end.Error()
	p.note("%s%s%s", strings.ToUpper(text[:1]), text[1:], then)
	return nil
}

// sent is for a message that is about to be sent, so that its echo is not told before.
func (p *printer) sent(m live.Message) error {
	if !p.json {
		return nil
	}
	return p.record(lab.Entry{Way: lab.Sent, Binary: m.Binary, Data: m.Data})
}

func (p *printer) received(m live.Message) error {
	if p.json {
		return p.record(lab.Entry{Way: lab.Received, Binary: m.Binary, Data: m.Data})
	}
	text := string(m.Data)
	if m.Binary {
		text = strings.TrimSuffix("hex "+lab.Hex.Show(m.Data), " ")
	}
	if p.screen {
		text = "< " + visible(text, "\n  ")
	}
	return p.write([]byte(text + "\n"))
}

func (p *printer) record(e lab.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.At = time.Now().UTC()
	_, err := p.out.Write(lab.AppendLine(nil, e))
	return err
}

func (p *printer) write(line []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.out.Write(line)
	return err
}

// visible makes the control characters in somebody else's text visible, with which they
// could write anything on the screen, and puts something else between its lines.
func visible(text, newline string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(newline)
		case r == '\t':
			b.WriteRune(r)
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// inOrder says whether a connection ended as it should, for whoever did nothing to end
// it.
func inOrder(end *live.CloseError) bool {
	return end.Code == 1000 || end.Code == 1001 || end.Code == 1005
}

// closeCode says whether we may close with a code (RFC 6455, section 7.4).
func closeCode(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// maxReason is how many bytes the reason of a close frame has at most.
const maxReason = shared.MaxFaultReason
