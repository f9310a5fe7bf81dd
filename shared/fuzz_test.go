package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cartline/shared"
)

// bodies holds each body that a request may have to the promises of Decode.
var bodies = map[string]func(*testing.T, []byte){
	"AnswerKnock":     fuzzDecode[shared.AnswerKnock],
	"ChangePassword":  fuzzDecode[shared.ChangePassword],
	"CustomerSignIn":  fuzzDecode[shared.CustomerSignIn],
	"FindCart":        fuzzDecode[shared.FindCart],
	"MoveLink":        fuzzDecode[shared.MoveLink],
	"OfferHandover":   fuzzDecode[shared.OfferHandover],
	"PlaceOrder":      fuzzDecode[shared.PlaceOrder],
	"Request":         fuzzDecode[shared.Request],
	"SendLink":        fuzzDecode[shared.SendLink],
	"SetDiscount":     fuzzDecode[shared.SetDiscount],
	"SetLine":         fuzzDecode[shared.SetLine],
	"SignIn":          fuzzDecode[shared.SignIn],
	"SignUp":          fuzzDecode[shared.SignUp],
	"StartPhoneOrder": fuzzDecode[shared.StartPhoneOrder],
	"StopAssistance":  fuzzDecode[shared.StopAssistance],
	"Undo":            fuzzDecode[shared.Undo],
	"ViewPage":        fuzzDecode[shared.ViewPage],
	"WriteNote":       fuzzDecode[shared.WriteNote],
}

// No body is left out.
func TestAllBodiesAreFuzzed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var validators []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Name.Name == "Validate" && f.Recv != nil && !strings.HasSuffix(name, "_test.go") {
				validators = append(validators, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(validators)
	if fuzzed := slices.Sorted(maps.Keys(bodies)); !slices.Equal(fuzzed, validators) {
		t.Errorf("fuzzed are\n%q, and there are\n%q", fuzzed, validators)
	}
}

func FuzzDecodeBodies(f *testing.F) {
	for name, body := range map[string]string{
		"AnswerKnock":     `{"staff":"zoe","accept":true}`,
		"CustomerSignIn":  `{"email":"ann@shop.example","password":"correct horse"}`,
		"FindCart":        `{"code":"482 913"}`,
		"MoveLink":        `{"state":"opened"}`,
		"OfferHandover":   `{"to":"ben","note":"she wants the large one"}`,
		"PlaceOrder":      `{"total":1250}`,
		"Request":         `{"listen":"cart_activity","after":"e.0.1.2","coalesce":true}`,
		"SendLink":        `{"path":"/shop/product/blue-mug"}`,
		"SetDiscount":     `{"basis_points":500}`,
		"SetLine":         `{"quantity":2,"version":7}`,
		"SignIn":          `{"username":"zoe","password":"correct horse"}`,
		"SignUp":          `{"name":"Ann","email":"ann@shop.example","password":"correct horse battery"}`,
		"StartPhoneOrder": `{"name":"Ann","email":"ann@shop.example"}`,
		"StopAssistance":  `{"staff":"zoe"}`,
		"Undo":            `{"version":3}`,
		"ViewPage":        `{"path":"/shop"}`,
		"WriteNote":       `{"text":"ä\u0000"}`,
	} {
		f.Add(name, []byte(body))
		f.Add(name, []byte(body[:len(body)-1]))
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		if check, ok := bodies[name]; ok {
			check(t, body)
			return
		}
		for _, check := range bodies {
			check(t, body)
		}
	})
}

// However a code was read aloud and typed, what is accepted of it are six digits.
func FuzzCode(f *testing.F) {
	for _, text := range []string{"482913", "482 913", "48-29-13", "482\u00a0913", "４８２９１３", "48291", "4829130", " - ", "48291\x00", "-482913", "+48291"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		find := shared.FindCart{Code: text}
		if find.Validate() != nil {
			return
		}
		digits := find.Digits()
		if len(digits) != shared.CodeDigits || strings.Trim(digits, "0123456789") != "" {
			t.Errorf("%q was accepted as %q", text, digits)
		}
		if again := (shared.FindCart{Code: digits[:3] + " " + digits[3:]}); again.Validate() != nil || again.Digits() != digits {
			t.Errorf("%q became %q, and that %q", text, digits, again.Digits())
		}
	})
}
