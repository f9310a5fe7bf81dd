package e2e

import (
	"context"
	"os/exec"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// totp gives the user demo a second factor, and returns recovery codes.
func (g *gateway) totp(t *testing.T) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	said, err := exec.CommandContext(ctx, testenv.Binary(t), "staff", "totp", "demo", "--database", g.database).Output()
	codes := regexp.MustCompile(`[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}`).FindAllString(string(said), -1)
	if err != nil || len(codes) != 10 {
		t.Fatalf("got %v\n%s", err, said)
	}
	return codes
}

// Whoever has a second factor is asked for the code once the password is right, and for
// nothing else anew.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	codes := g.totp(t)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(g.BaseURL + "/events")
	fillSignIn(tab, "demo", "not the password")
	tab.WaitContains(".message.error", "wrong")
	if testenv.Eval[bool](tab, `document.getElementById("code") !== null`) {
		t.Error("the form asks for a code before the password is right")
	}
	tab.Fill("#password", g.password)
	tab.Press(kb.Enter)
	tab.WaitFunc(`document.activeElement.id === "code"`)
	if got := tab.Value("#password"); got != g.password {
		t.Errorf("the form has the password %q by now", got)
	}
	tab.Type("#code", "123456")
	tab.Press(kb.Enter)
	tab.WaitContains(".message.error", "That code is wrong")
	checkLooks(t, tab, "signin-code")
	tab.SetViewport(1280, 900, false)
	checkAccessible(t, tab)
	tab.Fill("#code", codes[0])
	tab.Press(kb.Enter)
	tab.WaitText("#who", "demo")
	tab.Click("#signout")
	tab.WaitText("h1", "Sign in")

	// On the desk as well; and a code is good once.
	tab.Navigate(g.BaseURL + "/desk")
	fillSignIn(tab, "demo", g.password)
	tab.WaitFunc(`document.activeElement.id === "code"`)
	tab.Fill("#code", codes[0])
	tab.Press(kb.Enter)
	tab.WaitContains(".message.error", "was used already")
	tab.Fill("#code", codes[1])
	tab.Press(kb.Enter)
	tab.WaitText("#who", "demo")
}

// Staff change their password on the desk. They stay signed in there, and nowhere else.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	desk := testenv.Browser(t, testenv.BrowserOptions{})
	other := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(other, g.BaseURL, "demo", g.password)
	desk.Navigate(g.BaseURL + "/desk")
	fillSignIn(desk, "demo", g.password)
	desk.WaitText("#who", "demo")

	desk.Click("#passwordopen")
	desk.WaitFunc(`document.getElementById("password-form").open && document.activeElement.id === "password-current"`)
	const next = "battery staple"
	desk.Fill("#password-current", "not the password")
	desk.Fill("#password-new", next)
	desk.Press(kb.Enter)
	desk.WaitContains("#password-form .message.error", "not your present password")
	checkLooks(t, desk, "password-form")
	desk.SetViewport(1280, 900, false)
	checkAccessible(t, desk)
	desk.Fill("#password-current", g.password)
	desk.Press(kb.Enter)
	desk.WaitContains("#password-form [role=status]", "Your password is changed.")
	for _, id := range []string{"#password-current", "#password-new"} {
		if got := desk.Value(id); got != "" {
			t.Errorf("%s still has %q", id, got)
		}
	}
	other.WaitText("h1", "Sign in")
	desk.Press(kb.Escape)
	desk.WaitFunc(`!document.getElementById("password-form").open`)
	desk.Click("#signout")
	desk.WaitText("h1", "Sign in")
	fillSignIn(desk, "demo", g.password)
	desk.WaitContains(".message.error", "wrong")
	fillSignIn(desk, "demo", next)
	desk.WaitText("#who", "demo")
}
