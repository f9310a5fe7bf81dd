package catalogue_test

import (
	"bytes"
	"errors"
	"testing"

	"cartline/server/catalogue"
)

// No file makes the reader panic; what is wrong with it is told; and one that is
// accepted can be written and read again.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "\ufeff" + header, header + "A,a,A,,,1.00,EUR\n", header + "A,a,\"A\nB\",,,1,JPY\r\n", header + "'=A,,\",,", "a;b\n",
		`{"sku":"A","name":"B","price":{"amount":1,"currency":"EUR"}}` + "\n\n" + `{"sku":"B"}`, "{}{}", "[]", "\xff\xfe", "\x00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range formats {
			products, err := catalogue.Read(bytes.NewBufferString(text), format)
			var wrong *catalogue.Mistakes
			switch {
			case err == nil:
				roundTrip(t, products)
			case !errors.As(err, &wrong) || len(wrong.List) == 0:
				t.Errorf("%s: got %v, want what is wrong with the file", format, err)
			}
		}
	})
}
