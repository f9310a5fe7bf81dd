package status

import (
	"fmt"
	"strings"

	"cartline/app/part"
	"cartline/shared"
)

// sentence puts a message into words, or returns "" for what only its own text
// can tell, like a bare notification.
func sentence(m shared.Message) string {
	switch m.Kind {
	case shared.ChannelCartActivity:
		var a shared.Activity
		if m.Into(&a) != nil || a.CartID == "" || a.Kind == "" {
			return ""
		}
		text := activitySentence(a)
		if m.Meta != nil && m.Meta.Replaces != nil {
			text += "; stands for " + part.Count(m.Meta.Replaces.Count, "earlier one", "earlier ones")
		}
		return text
	case shared.ChannelGateway:
		var g shared.GatewayStatus
		if m.Into(&g) != nil {
			return ""
		}
		return "The gateway is " + lower(serving(g.Connections))
	case shared.KindListening, shared.KindUnlistening:
		return listeningSentence(m)
	case shared.KindPong:
		var text string
		if m.Into(&text) != nil {
			return ""
		}
		return "The connection stands: the gateway answers “" + text + "”"
	case shared.KindError:
		var p shared.Problem
		if m.Into(&p) != nil || p.Detail == "" {
			return ""
		}
		return "Refused: " + p.Detail
	case shared.KindGap:
		return gapSentence(m)
	default:
		return ""
	}
}

func listeningSentence(m shared.Message) string {
	var l shared.Listening
	switch {
	case m.Into(&l) != nil || l.Channel == "":
		return ""
	case m.Kind == shared.KindUnlistening:
		return "No longer listening to " + l.Channel
	case l.Recovered == nil && l.Cursor == "":
		return "Listening to " + l.Channel
	case l.Recovered == nil:
		return "Listening to " + l.Channel + ", to all after " + l.Cursor
	case *l.Recovered:
		return "Listening to " + l.Channel + ", recovered: all after " + l.Cursor + " follows"
	default:
		return "Listening to " + l.Channel + ", not recovered: what was missed can't be told any more"
	}
}

func gapSentence(m shared.Message) string {
	var gap shared.Gap
	switch {
	case m.Into(&gap) != nil || gap.Channel == "":
		return ""
	case gap.Lost == shared.LostNotifications:
		return "Notifications on " + gap.Channel + " may be missing here: the gateway had lost the database for a while"
	default:
		return "Activities on " + gap.Channel + " are missing here: the log was replaced or cut short"
	}
}

// activitySentence tells of one change of a cart: who, what, and what the cart
// holds now.
func activitySentence(a shared.Activity) string {
	name := a.Cart.Name
	if name == "" {
		name = "cart " + a.CartID
	}
	text := name + ": " + change(a)
	text += ", " + part.Count(a.Cart.Items, "item", "items")
	text += ", " + a.Cart.Total.String()
	if a.Actor.Kind == shared.ActorStaff && a.Actor.Name != "" {
		text += " (by " + a.Actor.Name + ")"
	}
	return text
}

func change(a shared.Activity) string {
	what := strings.ReplaceAll(string(a.Kind), "_", " ")
	if a.Line == nil {
		return what
	}
	l := *a.Line
	switch a.Kind {
	case shared.LineAdded:
		return fmt.Sprintf("%d × %s added", l.NewQuantity-l.OldQuantity, l.Name)
	case shared.LineChanged:
		return fmt.Sprintf("%s changed from %d to %d", l.Name, l.OldQuantity, l.NewQuantity)
	case shared.LineRemoved:
		return l.Name + " removed"
	default:
		return what + " " + l.Name
	}
}

// serving is the sentence of the second article's page.
func serving(connections int) string {
	return fmt.Sprintf("Serving %d connections", connections)
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }
