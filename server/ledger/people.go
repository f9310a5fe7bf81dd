package ledger

import (
	"context"
	"fmt"
	"slices"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// listen starts those who listen from the beginning, and waits until they do.
func (r *run) listen() {
	for i := range 3 {
		watch := shared.Request{Listen: shared.ChannelCartActivity}
		newest := shared.Request{Listen: shared.ChannelCartActivity, Coalesce: true}
		r.listenTo(fmt.Sprint("client ", i), r.desk, watch, cart.Scope{}, (*listener).runClient)
		r.listenTo(fmt.Sprint("bare ", i), r.desk, watch, cart.Scope{}, (*listener).runBare)
		r.listenTo(fmt.Sprint("client of the newest ", i), r.desk, newest, cart.Scope{}, (*listener).runClient)
		r.listenTo(fmt.Sprint("bare of the newest ", i), r.desk, newest, cart.Scope{}, (*listener).runBare)
	}
	one := shared.Request{Listen: shared.ChannelOfCart(r.phone.Cart.ID)}
	r.listenTo("attendant", r.desk, one, cart.Scope{CartID: r.phone.Cart.ID}, (*listener).runClient)
	r.listenTo("bare attendant", r.desk, one, cart.Scope{CartID: r.phone.Cart.ID}, (*listener).runBare)
	testenv.Eventually(r.t, patience, "everybody to listen", func() bool {
		return r.t.Failed() || !slices.ContainsFunc(r.hearings(), func(h *Hearing) bool { return h.Cursor() == "" })
	})
}

// hearings lists the listeners so far.
func (r *run) hearings() []*Hearing {
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	return slices.Clone(r.book.hearings)
}

// listenTo starts a listener with somebody's cookies. It may be called from any
// goroutine.
func (r *run) listenTo(name string, who *caller, request shared.Request, scope cart.Scope, how func(*listener, context.Context) error) {
	l := &listener{
		url:     "ws://" + r.clientsOf(name).Address() + "/events/io",
		header:  map[string][]string{"Cookie": {who.cookies()}},
		request: request,
		hearing: r.book.Open(name, scope, request.Coalesce),
		forgets: r.forget,
	}
	r.listeners.running.Go(func() {
		if err := how(l, r.listeners.ctx); err != nil {
			r.t.Errorf("%s ended: %v", name, err)
		}
	})
}

// clientsOf returns where somebody listens. Of two servers, each has about a half of all.
func (r *run) clientsOf(name string) *testenv.Link {
	if r.second != nil && len(name)%2 == 1 {
		return r.others
	}
	return r.clients
}

// write starts the writers.
func (r *run) write() {
	service := cart.NewService(r.db.store, nil, r.db.wake)
	phone, err := r.db.store.Cart(r.t.Context(), r.phone.Cart.ID)
	r.must(err)
	for _, w := range []*directWriter{
		{shoppers: []string{"anna", ""}},
		{shoppers: []string{"anna", "ben", ""}},
		{shoppers: []string{"ben", "anna"}},
		{shoppers: []string{phone.Shopper}, onlyLines: true},
	} {
		w.service, w.book = service, r.book
		r.writers.running.Go(func() { w.run(r.writers.ctx) })
	}
	for i := range 4 {
		gateway := r.gateway
		if r.second != nil && i%2 == 1 {
			gateway = r.second
		}
		w := &apiWriter{caller: newCaller(gateway.URL()), book: r.book, pause: writePause}
		w.begun = func(cartID string) { r.listenToOwn(i, w.caller, cartID) }
		r.writers.running.Go(func() { w.run(r.writers.ctx) })
	}
}

// listenToOwn has a shopper listen to their own carts, from some time after the first
// is there, and somebody watch all from then on.
func (r *run) listenToOwn(i int, who *caller, cartID string) {
	record, err := r.db.store.Cart(r.writers.ctx, cartID)
	if err != nil {
		return // the database is away; some other shopper will listen
	}
	how := (*listener).runClient
	if i%2 == 1 {
		how = (*listener).runBare
	}
	r.listenTo(fmt.Sprint("shopper ", i), who, shared.Request{Listen: shared.ChannelMyCart}, cart.Scope{Shopper: record.Shopper}, how)
	r.listenTo(fmt.Sprint("latecomer ", i), r.desk, shared.Request{Listen: shared.ChannelCartActivity}, cart.Scope{}, how)
}
