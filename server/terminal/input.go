package terminal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"cartline/shared/live"
)

// maxLine is how many bytes a line may have: as many as a message that we take.
const maxLine = live.DefaultReadLimit

// line is one of the input, without its end; or the error that ended it.
type line struct {
	text string
	err  error
}

// readLines hands on the lines of a reader until they or done end, one at a time. A read
// that waits for a person can't be interrupted; its goroutine ends with the next line,
// or with the process.
func readLines(from io.Reader, done <-chan struct{}) <-chan line {
	lines := make(chan line)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(from)
		scanner.Buffer(make([]byte, 0, 4096), maxLine+len("\r\n"))
		for scanner.Scan() {
			if !hand(line{text: scanner.Text()}, lines, done) {
				return
			}
		}
		err := scanner.Err()
		switch {
		case errors.Is(err, bufio.ErrTooLong):
			err = fmt.Errorf("a line has more than %d MiB", maxLine>>20)
		case err != nil:
			err = fmt.Errorf("standard input: %w", err)
		default:
			return
		}
		hand(line{err: err}, lines, done)
	}()
	return lines
}

func hand(l line, to chan<- line, done <-chan struct{}) bool {
	select {
	case to <- l:
		return true
	case <-done:
		return false
	}
}

// FirstLine reads the first line, of at most so many bytes, and leaves what follows in
// the reader.
func FirstLine(from *bufio.Reader, most int) (string, error) {
	var text []byte
	for len(text) <= most+len("\r") {
		b, err := from.ReadByte()
		if errors.Is(err, io.EOF) || err == nil && b == '\n' {
			text = bytes.TrimSuffix(text, []byte("\r"))
			break
		}
		if err != nil {
			return "", err
		}
		text = append(text, b)
	}
	if len(text) > most {
		return "", fmt.Errorf("the first line has more than %d bytes", most)
	}
	return string(text), nil
}
