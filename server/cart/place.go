package cart

import (
	"encoding/hex"
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

// parsePlace is the reverse of String for carts of NewID; nothing is the
// beginning.
func parsePlace(text string) (Place, error) {
	if text == "" {
		return Place{}, nil
	}
	stamp, id, found := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(stamp, 36, 64)
	place := Place{UpdatedAt: time.UnixMicro(micros).UTC(), ID: id}
	if !found || err != nil || !isID(id) || micros < 0 || micros > maxMicros || place.String() != text {
		return Place{}, &shared.Problem{Code: shared.CodeInvalid, Field: "after", Detail: "Give after as an answer's next gave it."}
	}
	return place, nil
}

// maxMicros is the end of the year 9999, which every database can hold.
const maxMicros = 253402300799_999999

// isID says whether NewID can have made the text.
func isID(text string) bool {
	id, err := hex.DecodeString(text)
	return err == nil && len(id) == idSize && hex.EncodeToString(id) == text
}
