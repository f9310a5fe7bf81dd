package shared

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Faults is what the echo endpoint is asked to do wrong on one connection, so that a
// client can be tested against it. The zero value is a plain echo.
//
// It is asked for in the query of the address, like ?delay=200&drop=10, or with a
// sub-protocol, like fault.delay-200.drop-10; see FaultKinds for names and bounds.
type Faults struct {
	Delay    int // milliseconds from a message to its echo
	Jitter   int // milliseconds more, at most: how many is drawn for each message
	Drop     int // of a hundred messages, how many get no echo
	Fragment int // bytes in each frame of an echo; 0 is all in one
	Burst    int // how often each message is sent back; 0 is once
	Slow     int // milliseconds before the server reads each message
	Big      int // bytes to which each echo is filled up by repeating it
	// Close is the code with which the server closes once it has sent back After
	// messages. 1005 closes without a code, 1006 ends without a close frame.
	Close  int
	After  int
	Reason string // with Close, up to MaxFaultReason bytes
}

// MaxFaultReason is how many bytes the reason of a close frame has at most (RFC 6455,
// section 5.5).
const MaxFaultReason = 123

// FaultProtocol begins each sub-protocol that asks for faults, and is by itself that of
// a plain echo.
const FaultProtocol = "fault"

// FaultKind describes one number of Faults.
type FaultKind struct {
	Name        string // in the query
	Unit        string
	Least, Most int
	// What says what it does, as a sentence.
	What string
}

// FaultKinds lists the numbers of Faults, in the order in which they are told. Their
// bounds keep one client from costing the server more than any other.
func FaultKinds() []FaultKind {
	return []FaultKind{
		{"delay", "ms", 1, 10_000, "Each echo comes that much later. Messages that wait keep their order."},
		{"jitter", "ms", 1, 10_000, "Each echo comes up to that much later, by chance."},
		{"drop", "%", 1, 100, "So many of a hundred messages get no echo, by chance."},
		{"fragment", "bytes", 1, 1 << 20, "Each echo comes in frames of that size, at most 1,000 of them. Browsers put them together."},
		{"burst", "times", 2, 100, "Each message is sent back that often, as far as that is 8 MiB at most."},
		{"slow", "ms", 1, 10_000, "The server waits that long before it reads each message, so that what is sent piles up."},
		{"big", "bytes", 1, 8 << 20, "Each echo is filled up to that size by repeating the message; a larger one stays as it is."},
		{"close", "code", 1000, 4999, "The server closes with this code: 1000 to 1003, 1007 to 1014 or 3000 to 4999. 1005 closes without a code, 1006 breaks off."},
		{"after", "messages", 0, 1_000, "How many messages are sent back before it closes, each of a burst counted; 0 is at once. Goes with close."},
	}
}

// ParseFaults reads the query of an address. Names that it doesn't know are others'
// business.
func ParseFaults(query url.Values) (Faults, error) {
	var f Faults
	for _, kind := range FaultKinds() {
		values, ok := query[kind.Name]
		if !ok {
			continue
		}
		if len(values) > 1 {
			return Faults{}, invalid(kind.Name, kind.Name+" is given more than once.")
		}
		if err := f.set(kind, values[0]); err != nil {
			return Faults{}, err
		}
	}
	if len(query["reason"]) > 1 {
		return Faults{}, invalid("reason", "reason is given more than once.")
	}
	f.Reason = query.Get("reason")
	if err := f.check(query.Has("after")); err != nil {
		return Faults{}, err
	}
	return f, nil
}

// ParseFaultProtocol reads a sub-protocol. It returns false for one that has nothing to
// do with faults.
func ParseFaultProtocol(name string) (f Faults, ok bool, err error) {
	parts := strings.Split(name, ".")
	if parts[0] != FaultProtocol {
		return Faults{}, false, nil
	}
	query := url.Values{}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "-")
		if _, known := faultKind(key); !known {
			if len(key) > maxFaultName { // of a header, which may be large
				key = strings.ToValidUTF8(key[:maxFaultName], "") + "…"
			}
			return Faults{}, true, invalid("subprotocol", fmt.Sprintf("There is no fault %q.", key))
		}
		query.Add(key, value)
	}
	f, err = ParseFaults(query)
	return f, true, err
}

// maxFaultName is how many bytes are told of a name that no fault has.
const maxFaultName = 40

func faultKind(name string) (FaultKind, bool) {
	for _, kind := range FaultKinds() {
		if kind.Name == name {
			return kind, true
		}
	}
	return FaultKind{}, false
}

// number is where a kind's number is kept.
func (f *Faults) number(name string) *int {
	switch name {
	case "delay":
		return &f.Delay
	case "jitter":
		return &f.Jitter
	case "drop":
		return &f.Drop
	case "fragment":
		return &f.Fragment
	case "burst":
		return &f.Burst
	case "slow":
		return &f.Slow
	case "big":
		return &f.Big
	case "close":
		return &f.Close
	case "after":
		return &f.After
	}
	panic("no fault " + name) // a name that is not in FaultKinds
}

func (f *Faults) set(kind FaultKind, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < kind.Least || n > kind.Most {
		return invalid(kind.Name, fmt.Sprintf("%s is a number from %d to %d (%s).", kind.Name, kind.Least, kind.Most, kind.Unit))
	}
	*f.number(kind.Name) = n
	return nil
}

func (f *Faults) check(hasAfter bool) error {
	switch {
	case f.Close != 0 && !faultCloseCode(f.Close):
		return invalid("close", fmt.Sprintf("A server can't close with %d.", f.Close))
	case f.Close == 0 && hasAfter:
		return invalid("after", "after goes with close.")
	case f.Close == 0 && f.Reason != "":
		return invalid("reason", "reason goes with close.")
	case len(f.Reason) > MaxFaultReason:
		return invalid("reason", fmt.Sprintf("A reason has at most %d bytes.", MaxFaultReason))
	case f.Reason != strings.ToValidUTF8(f.Reason, ""):
		return invalid("reason", "A reason is UTF-8.")
	case f.Reason != "" && (f.Close == 1005 || f.Close == 1006):
		return invalid("reason", fmt.Sprintf("With %d there is no reason.", f.Close))
	}
	return nil
}

// faultCloseCode says whether the echo can close with a code, by RFC 6455, section
// 7.4, and the IANA registry; 1005 and 1006 stand for what never is in a frame.
func faultCloseCode(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1005 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// Any says whether there is something to be done wrong.
func (f Faults) Any() bool { return f != Faults{} }

// Query writes the faults as they stand in an address, in the order of FaultKinds,
// without a question mark; "" for none.
func (f Faults) Query() string {
	var parts []string
	f.each(func(name string, value int) { parts = append(parts, name+"="+strconv.Itoa(value)) })
	if f.Reason != "" {
		parts = append(parts, "reason="+url.QueryEscape(f.Reason))
	}
	return strings.Join(parts, "&")
}

// Protocol writes the faults as a sub-protocol, which can't carry a reason.
func (f Faults) Protocol() string {
	parts := []string{FaultProtocol}
	f.each(func(name string, value int) { parts = append(parts, name+"-"+strconv.Itoa(value)) })
	return strings.Join(parts, ".")
}

func (f Faults) each(do func(name string, value int)) {
	for _, kind := range FaultKinds() {
		if n := *f.number(kind.Name); n != 0 || kind.Name == "after" && f.Close != 0 {
			do(kind.Name, n)
		}
	}
}
