package assist

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"cartline/server/cart"
	"cartline/server/throttle"
	"cartline/shared"
)

// Staff is who acts.
type Staff struct {
	Name  string
	Roles []string
}

// Has says whether they have a role.
func (s Staff) Has(role string) bool { return slices.Contains(s.Roles, role) }

func (s Staff) actor() shared.Actor { return shared.Actor{Kind: shared.ActorStaff, Name: s.Name} }

// Config says how a shop wants its customers to be helped. Carts, Store and People
// are required.
type Config struct {
	Carts  *cart.Service
	Store  Store
	People People

	// WithoutConsent lets staff attend any cart. The customer is told, and can stop
	// it. Default: someone has to agree first. Danger: everybody at the desk can
	// find out who every customer is.
	WithoutConsent bool
	// Limits say, by role, the most that may be taken off, in basis points. Of
	// several roles the highest counts. Default: DefaultLimits.
	Limits map[string]int
	// Absence is how long someone attends a cart after the last of their pages that
	// showed it has gone. Default: DefaultAbsence.
	Absence time.Duration
	// Idle is how long someone attends a cart without doing anything. Default:
	// DefaultIdle.
	Idle time.Duration
	// Log gets what can't be recorded or released. Default: slog.Default.
	Log *slog.Logger
}

// The defaults.
const (
	DefaultAbsence = 15 * time.Second
	DefaultIdle    = 30 * time.Minute
)

// DefaultLimits returns what roles may take off by default: 20 and 50 %.
func DefaultLimits() map[string]int {
	return map[string]int{shared.RoleDiscounter: 2000, shared.RoleAdmin: 5000}
}

// Times of what doesn't last.
const (
	codeLifetime  = 10 * time.Minute
	knockLifetime = time.Minute
	// declinedFor is how long someone who was told no can't ask again.
	declinedFor = 5 * time.Minute
)

// How often one of the staff may guess wrongly, or ask shoppers, in a quarter of an
// hour. A hundred guesses hit one of 500 codes with a probability of 5 %; ten with
// half a percent.
const (
	wrongCodes     = 10
	knocks         = 30
	lookUps        = 60
	throttleWindow = 15 * time.Minute
)

// Desk is what staff and the shoppers they help can do. It is safe for concurrent
// use. Its errors are *shared.Problem where the caller is at fault.
type Desk struct {
	config  Config
	now     func() time.Time
	codes   *throttle.Throttle
	knocks  *throttle.Throttle
	lookUps *throttle.Throttle
}

// NewDesk makes a Desk.
func NewDesk(config Config) *Desk {
	if config.Limits == nil {
		config.Limits = DefaultLimits()
	}
	if config.Absence == 0 {
		config.Absence = DefaultAbsence
	}
	if config.Idle == 0 {
		config.Idle = DefaultIdle
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Desk{
		config:  config,
		now:     cart.Now,
		codes:   throttle.New(wrongCodes, throttleWindow),
		knocks:  throttle.New(knocks, throttleWindow),
		lookUps: throttle.New(lookUps, throttleWindow),
	}
}

// Settings tells one of the staff what they can do.
func (d *Desk) Settings(ctx context.Context, who Staff) (shared.Desk, error) {
	attenders, err := d.config.People.Attenders(ctx)
	if err != nil {
		return shared.Desk{}, err
	}
	colleagues := []string{}
	for _, name := range attenders {
		if name != who.Name {
			colleagues = append(colleagues, name)
		}
	}
	return shared.Desk{
		ConsentNeeded: !d.config.WithoutConsent,
		DiscountLimit: d.limit(who),
		Colleagues:    colleagues,
		IdleSeconds:   int(d.config.Idle.Seconds()),
	}, nil
}

// limit is the most that someone may take off.
func (d *Desk) limit(who Staff) int {
	limit := 0
	if !who.Has(shared.RoleDiscounter) {
		return 0
	}
	for _, role := range who.Roles {
		limit = max(limit, d.config.Limits[role])
	}
	return limit
}

// deed is something that one of the staff does to a cart, and how the audit tells
// of it. A rule fills in before and after.
type deed struct {
	who    Staff
	action string
	cart   string // its ID, if it is known before it is found
	// needs is the role that it takes, besides attending. "" is none.
	needs string
	// attended says that only who attends the cart may do it.
	attended      bool
	before, after string
	// tell makes after, where that takes the cart.
	tell func(*shared.Cart) string
}

// do does a deed to a cart, under its lock, and writes it down. What is refused is
// written down too.
func (d *Desk) do(ctx context.Context, what *deed, which cart.Which, rule cart.Rule) (cart.Record, error) {
	entry := d.entry(what)
	r, err := d.config.Carts.Apply(ctx, which, what.who.actor(), func(r *cart.Record) (*cart.Outcome, error) {
		if what.tell != nil {
			what.after = what.tell(&r.Cart)
		}
		entry = d.entry(what)
		entry.CartID, entry.Cart, entry.Customer = r.ID, r.Name, r.Customer
		before, _ := r.Attendant(what.who.Name)
		entry.Consent = before.Consent
		if err := d.may(what, &r.Cart); err != nil {
			return nil, err
		}
		outcome, err := rule(r)
		if err != nil || outcome == nil {
			return nil, err
		}
		if now, attends := r.Attendant(what.who.Name); attends {
			entry.Consent = now.Consent
		}
		entry.Before, entry.After = kept(what.before), kept(what.after)
		entry.Outcome = shared.AuditDone
		outcome.Audit = &entry
		return outcome, nil
	})
	if err != nil {
		entry.Before, entry.After = kept(what.before), kept(what.after)
		d.refused(ctx, entry, err)
		return cart.Record{}, err
	}
	if what.attended {
		d.acted(ctx, Presence{CartID: r.ID, Staff: what.who.Name})
	}
	return r, nil
}

// may says whether a deed is allowed at this moment.
func (d *Desk) may(what *deed, c *shared.Cart) error {
	if what.needs != "" && !what.who.Has(what.needs) {
		return &shared.Problem{Code: shared.CodeForbidden, Detail: "Your account doesn't have the role " + what.needs + ", which this needs."}
	}
	if _, attends := c.Attendant(what.who.Name); what.attended && !attends {
		if err := cart.Closed(c); err != nil {
			return err // to attend it would be no way out
		}
		return &shared.Problem{Code: shared.CodeNotAttached, Detail: "You don't attend this cart. Attend it first; the customer has to agree to that."}
	}
	return nil
}

func (d *Desk) entry(what *deed) shared.AuditEntry {
	return shared.AuditEntry{At: d.now(), Staff: what.who.Name, Action: what.action, CartID: kept(what.cart), After: kept(what.after)}
}

// kept makes of what somebody sent what the audit keeps of it: something short, that
// every database can hold, without what may be an e-mail address.
func kept(text string) string {
	words := strings.Split(strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "�"), " ")
	for i, word := range words {
		if strings.Contains(word, "@") || strings.Contains(word, "%40") {
			words[i] = "(not kept)"
		}
	}
	text = strings.Join(words, " ")
	const most = 200
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// refused writes down what was refused. What went wrong on our side is no deed.
func (d *Desk) refused(ctx context.Context, entry shared.AuditEntry, err error) {
	var problem *shared.Problem
	if !errors.As(err, &problem) {
		return
	}
	entry.Outcome = string(problem.Code)
	d.record(ctx, entry)
}

// auditTimeout bounds how long an entry that goes with no change may take to write.
const auditTimeout = 5 * time.Second

// record writes an entry that goes with no change, even if whoever caused it has hung
// up by now: that must be no way past the audit.
func (d *Desk) record(ctx context.Context, entry shared.AuditEntry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	if err := d.config.Store.AppendAudit(ctx, entry); err != nil {
		d.config.Log.ErrorContext(ctx, "can't write the audit", "staff", entry.Staff, "action", entry.Action, "cart", entry.CartID, "outcome", entry.Outcome, "error", err)
	}
}

func (d *Desk) acted(ctx context.Context, present Presence) {
	if err := d.config.Store.Acted(ctx, present, d.now()); err != nil {
		d.config.Log.ErrorContext(ctx, "can't note that someone did something", "staff", present.Staff, "cart", present.CartID, "error", err)
	}
}

// Audit lists what staff did, oldest first, beginning after an ID.
func (d *Desk) Audit(ctx context.Context, after int64, limit int) (shared.AuditList, error) {
	return auditPage(limit, func(limit int) ([]shared.AuditEntry, error) { return d.config.Store.Audit(ctx, after, limit) })
}

// Newest lists what staff did, the newest first, with IDs below `before` if that
// isn't 0.
func (d *Desk) Newest(ctx context.Context, before int64, limit int) (shared.AuditList, error) {
	return auditPage(limit, func(limit int) ([]shared.AuditEntry, error) { return d.config.Store.AuditBefore(ctx, before, limit) })
}

// auditPage reads one entry more than the page has, to see whether there is more.
func auditPage(limit int, read func(limit int) ([]shared.AuditEntry, error)) (shared.AuditList, error) {
	if limit < 1 {
		limit = cart.DefaultPage
	}
	limit = min(limit, cart.MaxCartPage)
	entries, err := read(limit + 1)
	if err != nil {
		return shared.AuditList{}, err
	}
	list := shared.AuditList{Entries: entries}
	if len(entries) > limit {
		list.Entries = entries[:limit]
		list.Next = entries[limit-1].ID
	}
	return list, nil
}

// Exported notes that somebody has taken the audit out.
func (d *Desk) Exported(ctx context.Context, who Staff) error {
	return d.config.Store.AppendAudit(ctx, shared.AuditEntry{At: d.now(), Staff: who.Name, Action: "export_audit", Outcome: shared.AuditDone})
}
