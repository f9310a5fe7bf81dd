package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"cartline/shared/lab"
	"cartline/shared/live"
)

// command is what a line asks for: to send a message, unless it asks for more.
type command struct {
	message live.Message
	ping    bool
	close   bool
	code    int // of close
	reason  string
}

// parseLine reads a line. With slash, one that begins with a slash is a command, and
// one that begins with two is a message that begins with one. The error is a sentence.
func parseLine(line string, slash bool) (command, error) {
	if !slash || !strings.HasPrefix(line, "/") {
		return textMessage(line)
	}
	name, rest, _ := strings.Cut(line[1:], " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.HasPrefix(name, "/"):
		return textMessage(line[1:])
	case name == "ping" && rest == "":
		return command{ping: true}, nil
	case name == "close":
		return parseClose(rest)
	case name == "hex", name == "base64":
		message, err := lab.Format(name).Parse(rest)
		return command{message: message}, err
	case name == "ping":
		return command{}, fmt.Errorf("/ping takes nothing after it")
	}
	return command{}, fmt.Errorf("there are /ping, /close CODE REASON, /hex DATA and /base64 DATA; begin a message with // for one slash")
}

func textMessage(text string) (command, error) {
	if !utf8.ValidString(text) {
		return command{}, fmt.Errorf("it is not UTF-8, as a text message has to be; with --slash, /hex sends any bytes")
	}
	return command{message: live.Message{Data: []byte(text)}}, nil
}

func parseClose(rest string) (command, error) {
	if rest == "" {
		return command{close: true, code: 1000}, nil
	}
	number, reason, _ := strings.Cut(rest, " ")
	reason = strings.TrimSpace(reason)
	code, err := strconv.Atoi(number)
	switch {
	case err != nil || !closeCode(code):
		return command{}, fmt.Errorf("/close takes a code from 1000 to 1003, 1007 to 1014 or 3000 to 4999, not %s", number)
	case len(reason) > maxReason:
		return command{}, fmt.Errorf("the reason has at most %d bytes", maxReason)
	case !utf8.ValidString(reason):
		return command{}, fmt.Errorf("the reason is not UTF-8")
	}
	return command{close: true, code: code, reason: reason}, nil
}
