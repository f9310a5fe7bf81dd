package api

import (
	"encoding/json"
	"net/http"
	"net/url"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// deskHandle answers a request of one of the staff.
type deskHandle func(w http.ResponseWriter, r *http.Request, who assist.Staff) error

// desk lets those in who may watch carts. What more a deed takes, package assist
// knows, and writes down whoever lacks it.
func (a *API) desk(next deskHandle) handle { return a.staffWith(shared.RoleEventListener, next) }

// staffWith lets staff with a role in.
func (a *API) staffWith(role string, next deskHandle) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := a.Auth.Staff(r)
		if err != nil {
			return err
		}
		if !who.Has(role) {
			return &shared.Problem{Code: shared.CodeForbidden, Detail: "Your account doesn't have the role " + role + ", which this needs."}
		}
		return next(w, r, assist.Staff{Name: who.Username, Roles: who.Roles})
	}
}

// answerStaff shows a cart to one of the staff.
func (a *API) answerStaff(w http.ResponseWriter, r *http.Request, who assist.Staff, record cart.Record, err error) error {
	if err != nil {
		return err
	}
	shown, _, err := a.Desk.View(r.Context(), who, record)
	if err != nil {
		return err
	}
	return a.answer(w, shown)
}

// view shows a cart to one of the staff, with where to follow it from.
func (a *API) view(r *http.Request, who assist.Staff, cursor string, record cart.Record) (view shared.CartView, err error) {
	view.Cursor = cursor
	view.Cart, view.Attached, err = a.Desk.View(r.Context(), who, record)
	return view, err
}

// answerView does a deed and shows the cart after it. The log's position is read
// first, so that nothing is missed that happens in between.
func (a *API) answerView(w http.ResponseWriter, r *http.Request, who assist.Staff, do func() (cart.Record, error)) error {
	cursor, err := a.Carts.Cursor(r.Context())
	if err != nil {
		return err
	}
	record, err := do()
	if err != nil {
		return err
	}
	view, err := a.view(r, who, cursor, record)
	if err != nil {
		return err
	}
	return a.answer(w, view)
}

func (a *API) showDesk(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	settings, err := a.Desk.Settings(r.Context(), who)
	if err != nil {
		return err
	}
	return a.answer(w, settings)
}

func (a *API) listCarts(w http.ResponseWriter, r *http.Request, _ assist.Staff) error {
	limit, err := number(r, "limit")
	if err != nil {
		return err
	}
	all := r.URL.Query().Get("all") == "1"
	list, err := a.Carts.Carts(r.Context(), r.URL.Query().Get("after"), int(min(limit, cart.MaxCartPage)), all)
	if err != nil {
		return err
	}
	return a.answer(w, list)
}

func (a *API) showCart(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	return a.answerView(w, r, who, func() (cart.Record, error) { return a.Carts.Cart(r.Context(), r.PathValue("id")) })
}

func (a *API) showTimeline(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	limit, err := number(r, "limit")
	if err != nil {
		return err
	}
	before, err := number(r, "before")
	if err != nil {
		return err
	}
	timeline, err := a.Desk.Timeline(r.Context(), who, r.PathValue("id"), before, int(min(limit, cart.MaxPage)))
	if err != nil {
		return err
	}
	return a.answer(w, timeline)
}

func (a *API) findCart(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	want, err := read[shared.FindCart](w, r)
	if err != nil {
		return err
	}
	if want.Email != "" {
		carts, err := a.Desk.LookUp(r.Context(), who, want.Email)
		if err != nil {
			return err
		}
		return a.answer(w, shared.FoundCarts{Carts: carts})
	}
	cursor, err := a.Carts.Cursor(r.Context())
	if err != nil {
		return err
	}
	record, err := a.Desk.AttachByCode(r.Context(), who, want.Digits())
	if err != nil {
		return err
	}
	view, err := a.view(r, who, cursor, record)
	if err != nil {
		return err
	}
	return a.answer(w, shared.FoundCarts{Cart: &view})
}

func (a *API) startPhoneOrder(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	want, err := read[shared.StartPhoneOrder](w, r)
	if err != nil {
		return err
	}
	return a.answerView(w, r, who, func() (cart.Record, error) { return a.Desk.StartPhoneOrder(r.Context(), who, want) })
}

func (a *API) claim(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	return a.answerView(w, r, who, func() (cart.Record, error) { return a.Desk.Attach(r.Context(), who, r.PathValue("id")) })
}

func (a *API) release(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	return a.done(w, a.Desk.Release(r.Context(), who, r.PathValue("id")))
}

func (a *API) setLine(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	want, err := read[shared.SetLine](w, r)
	if err != nil {
		return err
	}
	record, err := a.Desk.SetLine(r.Context(), who, r.PathValue("id"), r.PathValue("sku"), want)
	return a.answerStaff(w, r, who, record, err)
}

func (a *API) removeLine(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	version, err := number(r, "version")
	if err != nil {
		return err
	}
	record, err := a.Desk.RemoveLine(r.Context(), who, r.PathValue("id"), r.PathValue("sku"), version)
	return a.answerStaff(w, r, who, record, err)
}

func (a *API) removeDiscount(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	record, err := a.Desk.RemoveDiscount(r.Context(), who, r.PathValue("id"), r.URL.Query().Get("sku"))
	return a.answerStaff(w, r, who, record, err)
}

func (a *API) sendLink(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	want, err := read[shared.SendLink](w, r)
	if err != nil {
		return err
	}
	hosts := []string{r.Host}
	if own, err := url.Parse(a.TrustedOrigin); err == nil && own.Host != "" {
		hosts = append(hosts, own.Host)
	}
	record, err := a.Desk.SendLink(r.Context(), who, r.PathValue("id"), want, hosts)
	return a.answerStaff(w, r, who, record, err)
}

func (a *API) showAudit(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
	after, err := number(r, "after")
	if err != nil {
		return err
	}
	limit, err := number(r, "limit")
	if err != nil {
		return err
	}
	before, err := number(r, "before")
	if err != nil {
		return err
	}
	switch r.URL.Query().Get("format") {
	case "":
		if r.URL.Query().Has("before") {
			list, err := a.Desk.Newest(r.Context(), before, int(min(limit, cart.MaxCartPage)))
			if err != nil {
				return err
			}
			return a.answer(w, list)
		}
		list, err := a.Desk.Audit(r.Context(), after, int(min(limit, cart.MaxCartPage)))
		if err != nil {
			return err
		}
		return a.answer(w, list)
	case "jsonl":
		return a.exportAudit(w, r, who, after)
	}
	return &shared.Problem{Code: shared.CodeInvalid, Field: "format", Detail: "The format is jsonl, or left out."}
}

// exportAudit sends every entry from a point on, one JSON value to a line. Once the
// first has been sent, an error can only break off.
func (a *API) exportAudit(w http.ResponseWriter, r *http.Request, who assist.Staff, after int64) error {
	if err := a.Desk.Exported(r.Context(), who); err != nil {
		return err
	}
	list, err := a.Desk.Audit(r.Context(), after, cart.MaxCartPage)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	encoder := json.NewEncoder(w)
	for {
		for _, entry := range list.Entries {
			if err := encoder.Encode(entry); err != nil {
				return nil // the client is gone
			}
		}
		if list.Next == 0 {
			return nil
		}
		if list, err = a.Desk.Audit(r.Context(), list.Next, cart.MaxCartPage); err != nil {
			a.Log.ErrorContext(r.Context(), "the audit's export breaks off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}
}
