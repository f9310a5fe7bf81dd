package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestStaffTOTP(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	must(t, "correct horse\n", "staff", "add", "ann", "--database", database)
	said := must(t, "", "staff", "totp", "ann", "--database", database)
	if !strings.Contains(said, "  otpauth://totp/Cartline:ann?") {
		t.Errorf("got no address in\n%s", said)
	}
	recovery := regexp.MustCompile(`(?m)^  ([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$`).FindAllStringSubmatch(said, -1)
	if len(recovery) != 10 {
		t.Fatalf("got %d recovery codes, want ten, in\n%s", len(recovery), said)
	}
	// The picture is a square, of characters that are two modules high.
	var picture []string
	for line := range strings.Lines(said) {
		if strings.ContainsAny(line, "█▀▄") {
			picture = append(picture, strings.TrimSuffix(line, "\n"))
		}
	}
	width := len([]rune(picture[0])) - 2
	if len(picture) != (width+1)/2 || (width-2*quietZone-17)%4 != 0 {
		t.Errorf("the picture is %d characters wide and %d high", width, len(picture))
	}

	s := start(t, "--database", database)
	signIn := func(code string) int {
		t.Helper()
		status, _ := s.visitor(t).try(t, "POST", "/api/staff/session", fmt.Sprintf(`{"username":"ann","password":"correct horse","code":%q}`, code))
		return status
	}
	if got := signIn(""); got != http.StatusUnauthorized {
		t.Errorf("without a code: got %d", got)
	}
	if got := signIn(recovery[3][1]); got != http.StatusOK {
		t.Errorf("with a recovery code: got %d", got)
	}
	if got := must(t, "", "staff", "totp", "ann", "--off", "--database", database); got != "ann signs in with the password alone.\n" {
		t.Errorf("got %q", got)
	}
	if got := signIn(""); got != http.StatusOK {
		t.Errorf("after it was taken away: got %d", got)
	}
	for args, part := range map[string]string{
		"totp ann --off": `There is no account "ann" with a second factor.`,
		"totp bob":       `There is no account "bob".`,
	} {
		status, stdout, stderr := call(t, "", append(append([]string{"staff"}, strings.Fields(args)...), "--database", database)...)
		if status != 1 || stdout != "" || !strings.Contains(stderr, part) {
			t.Errorf("%s: got status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}
