package catalogue

import (
	"strings"
	"unicode/utf8"
)

// A spreadsheet takes a field that begins with one of these for a formula, whoever
// wrote it, and a formula can send what is in the sheet elsewhere, or start a
// program. The wide ones are what Japanese keyboards type.
const formulaStarts = "=+-@\t\r＝＋－＠"

// guard puts an apostrophe before a field that a spreadsheet would reckon: that is
// how spreadsheets themselves mark a text as one. It also puts one before such a
// field that has apostrophes already, so that unguard is its exact reverse.
func guard(field string) string {
	if isFormula(strings.TrimLeft(field, "'")) {
		return "'" + field
	}
	return field
}

// unguard takes the apostrophe away that guard has put there. Other apostrophes at
// the start of a field are its own.
func unguard(field string) string {
	if strings.HasPrefix(field, "'") && isFormula(strings.TrimLeft(field, "'")) {
		return field[1:]
	}
	return field
}

func isFormula(field string) bool {
	r, _ := utf8.DecodeRuneInString(field)
	return field != "" && strings.ContainsRune(formulaStarts, r)
}
