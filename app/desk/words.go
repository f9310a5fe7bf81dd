package desk

import (
	"fmt"
	"strings"
	"time"

	"cartline/app/part"
	"cartline/shared"
)

// ago says how long ago something was, in its largest unit.
func ago(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case s < 1:
		return "now"
	case s < 60:
		return fmt.Sprintf("%d s ago", s)
	case s < 3600:
		return fmt.Sprintf("%d min ago", s/60)
	case s < 86400:
		return fmt.Sprintf("%d h ago", s/3600)
	default:
		return fmt.Sprintf("%d d ago", s/86400)
	}
}

// running is a time that counts, "0:48".
func running(d time.Duration) string {
	s := max(0, int(d/time.Second))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// clock is a time of day, where the reader is.
func clock(t time.Time) string { return t.Local().Format("15:04") }

// productPage begins the paths of the pages of products.
const productPage = "/shop/p/"

// pageName makes a title of a path of the shop.
func pageName(path string) string {
	bare, query, _ := strings.Cut(path, "?")
	switch {
	case path == "":
		return ""
	case bare == "/shop" && query != "":
		_, value, _ := strings.Cut(query, "=")
		return "Shop: " + value
	case bare == "/shop":
		return "Shop front"
	case bare == "/shop/cart":
		return "Cart page"
	case strings.HasPrefix(bare, productPage):
		return capital(strings.ReplaceAll(bare[len(productPage):], "-", " "))
	default:
		return path
	}
}

func capital(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}

// actor names who did something, to a reader who is one of the staff.
func actor(a shared.Actor, me string) string {
	switch {
	case a.Kind == shared.ActorStaff && a.Name == me && me != "":
		return "You"
	case a.Kind == shared.ActorStaff:
		return a.Name
	case a.Kind == shared.ActorServer:
		return "Cartline"
	default:
		return "The customer"
	}
}

// person names one of the staff in the middle of a sentence.
func person(name, me string) string {
	if name == me {
		return "you"
	}
	return name
}

// subject names one of the staff where a sentence begins. A username keeps its case.
func subject(name, me string) string {
	if name == me {
		return "You"
	}
	return name
}

// lastWords tells of the last change of a cart: "raised Blue mug to 3". Who did it
// is told only where that wasn't the shopper.
func lastWords(l *shared.LastChange, me string) string {
	if l == nil {
		return ""
	}
	text := lastDeed(l)
	if l.Actor.Kind == shared.ActorShopper {
		return text
	}
	return actor(l.Actor, me) + " " + text
}

func lastDeed(l *shared.LastChange) string {
	if l.Line != nil {
		return lineWords(*l.Line)
	}
	switch l.Kind {
	case shared.DiscountSet:
		return "gave a discount"
	case shared.DiscountRemoved:
		return "took a discount off"
	case shared.CartsMerged:
		return "merged two carts"
	case shared.MergedAway:
		return "merged it into another cart"
	case shared.Ordered:
		return "placed the order"
	case shared.Expired:
		return "let it expire"
	default:
		return strings.ReplaceAll(string(l.Kind), "_", " ")
	}
}

// lineWords tells how a line changed, without who did it.
func lineWords(l shared.LineChange) string {
	switch {
	case l.OldQuantity == 0:
		return fmt.Sprintf("added %d × %s", l.NewQuantity, l.Name)
	case l.NewQuantity == 0:
		return "removed " + l.Name
	case l.NewQuantity > l.OldQuantity:
		return fmt.Sprintf("raised %s to %d", l.Name, l.NewQuantity)
	default:
		return fmt.Sprintf("lowered %s to %d", l.Name, l.NewQuantity)
	}
}

// about is of whom of the staff an activity tells.
func about(a shared.Activity) string {
	if a.Staff == "" && a.Actor.Kind == shared.ActorStaff {
		return a.Actor.Name
	}
	return a.Staff
}

// activityWords tells of an activity in a sentence, to a reader who is one of the
// staff. nameOf gives the name of a product of the cart by its SKU.
func activityWords(a shared.Activity, me string, nameOf func(string) string) string {
	if a.Line != nil {
		return actor(a.Actor, me) + " " + timelineLine(*a.Line) + undone(a)
	}
	who, whom := actor(a.Actor, me), person(about(a), me)
	switch a.Kind {
	case shared.DiscountSet, shared.DiscountRemoved:
		return who + " " + discountWords(a.Discount, a.Cart.Total.Currency, nameOf) + undone(a)
	case shared.CartsMerged:
		return "Another cart was merged in: " + part.Count(a.MergedLines, "line", "lines")
	case shared.MergedAway:
		return "This cart was merged into the customer's own"
	case shared.Ordered:
		return who + " placed the order" + spaced("number", a.Order)
	case shared.Expired:
		return "The cart expired"
	case shared.PageViewed:
		return "The customer opened " + pageName(a.Cart.Page)
	case shared.SignedIn:
		return "The customer signed in"
	case shared.HelpAsked:
		return "The customer asked for help"
	case shared.HelpEnded:
		return "The customer no longer asks for help"
	case shared.CodeShown:
		return "The customer’s page showed a code"
	case shared.CodeHidden:
		return "The customer hid the code"
	case shared.Knocked:
		return subject(about(a), me) + " knocked"
	case shared.KnockDeclined:
		return "The customer said no to " + whom
	case shared.Attached:
		return subject(about(a), me) + " attached, " + consentWords(a.Consent)
	case shared.Released:
		return releaseWords(a, me)
	case shared.HandoverOffered:
		return who + " offered the cart to " + whom
	case shared.HandoverEnded:
		return "The handover was called off"
	case shared.LinkWasSent:
		return who + " suggested " + linkTitle(a.Link)
	case shared.LinkWasDelivered:
		return linkTitle(a.Link) + " is on the customer's screen"
	case shared.LinkWasOpened:
		return "The customer opened " + linkTitle(a.Link)
	case shared.LinkWasDismissed:
		return "The customer dismissed " + linkTitle(a.Link)
	case shared.NoteWritten:
		return who + " noted"
	case shared.PhoneStarted:
		return who + " started a phone order"
	default:
		return who + ": " + strings.ReplaceAll(string(a.Kind), "_", " ")
	}
}

func timelineLine(l shared.LineChange) string {
	if l.OldQuantity > 0 && l.NewQuantity > 0 {
		verb := "raised"
		if l.NewQuantity < l.OldQuantity {
			verb = "lowered"
		}
		return fmt.Sprintf("%s %s from %d to %d", verb, l.Name, l.OldQuantity, l.NewQuantity)
	}
	return lineWords(l)
}

func undone(a shared.Activity) string {
	if a.Undoes == 0 {
		return ""
	}
	return " (undoing a change)"
}

func spaced(before, text string) string {
	if text == "" {
		return ""
	}
	return ", " + before + " " + text
}

func linkTitle(l *shared.Link) string {
	if l == nil {
		return "a page"
	}
	return "“" + l.Title + "”"
}

// consentWords says what an attendant was let in by.
func consentWords(c shared.Consent) string {
	switch c {
	case shared.ConsentCode:
		return "by the customer's code"
	case shared.ConsentKnock:
		return "by the customer's yes to a knock"
	case shared.ConsentRequest:
		return "at the customer's request"
	case shared.ConsentPhone:
		return "for a phone order"
	case shared.ConsentNotice:
		return "with notice to the customer"
	default:
		return "with consent"
	}
}

func releaseWords(a shared.Activity, me string) string {
	who := subject(about(a), me)
	switch a.Reason {
	case shared.ReleasedByShopper:
		if about(a) == me {
			return "The customer ended your access"
		}
		return "The customer ended the access of " + about(a)
	case shared.ReleasedDisconnected:
		return who + " lost the connection and was released"
	case shared.ReleasedIdle:
		return who + " did nothing for a while and was released"
	case shared.ReleasedHandedOver:
		return who + " handed the cart over"
	default:
		return who + " left"
	}
}

func discountWords(d *shared.DiscountChange, currency string, nameOf func(string) string) string {
	if d == nil {
		return "changed a discount"
	}
	on := ""
	if d.SKU != "" {
		on = " on " + nameOf(d.SKU)
	}
	switch {
	case d.New == nil && d.Old != nil:
		return "took off the discount of " + worth(*d.Old, currency) + on
	case d.New == nil:
		return "took off the discount" + on
	default:
		return "gave " + worth(*d.New, currency) + on + ", " + reasonWords(d.New.Reason)
	}
}

// worth is what a discount grants: "10 %", "€5.00".
func worth(d shared.Discount, currency string) string {
	if d.BasisPoints > 0 {
		return percent(d.BasisPoints)
	}
	return shared.Money{Amount: d.Amount, Currency: currency}.String()
}

// sum writes what a cart comes to. One that never had a line has no currency.
func sum(m shared.Money) string {
	if m.Currency == "" {
		return "–"
	}
	return m.String()
}

// percent writes basis points: "15 %", "12.5 %".
func percent(basisPoints int) string {
	text := fmt.Sprintf("%d.%02d", basisPoints/100, basisPoints%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " %"
}

// reasonWords is a reason as people read it.
func reasonWords(reason string) string { return strings.ReplaceAll(reason, "_", " ") }
