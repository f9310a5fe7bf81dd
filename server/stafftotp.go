package main

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"cartline/server/identity"
)

// staffTOTP gives an account a second factor, or takes it away.
type staffTOTP struct {
	databaseFlag
	Name string `arg:"" help:"Username."`
	Off  bool   `help:"Let the password be enough again."`
}

func (c *staffTOTP) Run(env *environment) error {
	return withAccounts(env, c.Database, func(staff *identity.Staff) error {
		if c.Off {
			if err := staff.RemoveSecondFactor(env.ctx, c.Name); err != nil {
				return err
			}
			return say(env, "%s signs in with the password alone.", c.Name)
		}
		factor, err := staff.SetSecondFactor(env.ctx, c.Name)
		if err != nil {
			return err
		}
		code, err := drawQR(factor.URL)
		if err != nil {
			return err
		}
		return say(env, `%s is signed out everywhere, and needs a code besides the password from now on.
Scan this with an authenticator app:

%s
or give it this address:

  %s

Each of these codes works once in place of the app's. Keep them where the app is not:

  %s

None of this is shown again.`, c.Name, code, factor.URL, strings.Join(factor.Recovery, "\n  "))
	})
}

// quietZone is how many modules around a QR code are to be light (ISO/IEC 18004).
const quietZone = 4

// drawQR draws a text as a QR code, two modules to a character. The light ones are
// drawn, as most terminals are dark; where they aren't, the picture is inverted, which
// most cameras take as well.
func drawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw the code: %w", err)
	}
	size := code.Bounds().Dx()
	light := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return true
		}
		brightness, _, _, _ := code.At(x, y).RGBA()
		return brightness != 0
	}
	var b strings.Builder
	for y := -quietZone; y < size+quietZone; y += 2 {
		b.WriteString("  ")
		for x := -quietZone; x < size+quietZone; x++ {
			switch upper, lower := light(x, y), light(x, y+1); {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}
