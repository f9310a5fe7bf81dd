package catalogue

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"cartline/shared"
)

// Format is how a catalogue is written.
type Format string

// The formats.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
)

// FormatOf tells the format of a file by the end of its name.
func FormatOf(filename string) (format Format, ok bool) {
	switch strings.ToLower(filepath.Ext(filename)) {
	case ".csv":
		return CSV, true
	case ".jsonl", ".ndjson":
		return JSONLines, true
	}
	return "", false
}

// Limits of a file.
const (
	MaxProducts = 100_000
	MaxBytes    = 64 << 20
)

// entry is one product of a file, and where it stands there.
type entry struct {
	line    int
	product shared.Product
	// named says that the file gives the slug.
	named bool
}

// Read reads a catalogue. If anything is wrong with the file, the error is a
// *Mistakes; other errors are the reader's.
//
// A product without a slug gets one that is made of its name; if others would get
// the same, or have it, its SKU is added. So a slug doesn't depend on the order of
// the file.
func Read(r io.Reader, format Format) ([]shared.Product, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	var wrong Mistakes
	var entries []entry
	if text, ok := legible(content, &wrong); ok {
		switch format {
		case CSV:
			entries = readCSV(text, &wrong)
		case JSONLines:
			entries = readJSONLines(text, &wrong)
		default:
			return nil, fmt.Errorf("there is no format %q", format)
		}
	}
	nameSlugs(entries)
	checkAll(entries, &wrong)
	if len(wrong.List) > 0 {
		return nil, &wrong
	}
	products := make([]shared.Product, len(entries))
	for i, e := range entries {
		products[i] = e.product
	}
	return products, nil
}

// legible checks that a file is text that a database can hold, and takes the byte
// order mark off, with which some programs begin a file.
func legible(content []byte, wrong *Mistakes) (text []byte, ok bool) {
	if len(content) > MaxBytes {
		wrong.add(0, "", fmt.Sprintf("The file is larger than %d MB.", MaxBytes>>20))
		return nil, false
	}
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		wrong.add(0, "", "The file is UTF-16. Save it as UTF-8.")
		return nil, false
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	line := 1
	for rest := content; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			wrong.add(line, "", "This is not UTF-8. Save the file as UTF-8.")
			return nil, false
		case r == 0:
			wrong.add(line, "", "There is a NUL byte, which no text has.")
			return nil, false
		case r == '\n':
			line++
		}
		rest = rest[size:]
	}
	return content, true
}

// Write writes a catalogue. What it has written of products that Read would accept,
// Read gives back exactly, in the same order.
func Write(w io.Writer, format Format, products []shared.Product) error {
	switch format {
	case CSV:
		return writeCSV(w, products)
	case JSONLines:
		return writeJSONLines(w, products)
	}
	return fmt.Errorf("there is no format %q", format)
}
