package cart

import (
	"strconv"
	"strings"
	"time"

	"cartline/shared"
)

// placeOf returns where a cart stands in a list by its newest change.
func placeOf(c shared.CartSummary) Place {
	return Place{UpdatedAt: c.UpdatedAt, ID: c.ID}
}

// String returns the place as clients quote it, opaque to them.
func (p Place) String() string {
	return strconv.FormatInt(p.UpdatedAt.UnixMicro(), 36) + "." + p.ID
}

// parsePlace is the reverse of String; nothing is the beginning.
func parsePlace(text string) (Place, error) {
	if text == "" {
		return Place{}, nil
	}
	stamp, id, found := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(stamp, 36, 64)
	if !found || err != nil || id == "" {
		return Place{}, &shared.Problem{Code: shared.CodeInvalid, Field: "after", Detail: "Give after as an answer's next gave it."}
	}
	return Place{UpdatedAt: time.UnixMicro(micros).UTC(), ID: id}, nil
}
