package assist

import (
	"context"
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cartline/server/cart"
	"cartline/shared"
)

// Where the shop's pages are. Only they can be sent.
const (
	pathShop    = "/shop"
	pathCart    = "/shop/cart"
	pathProduct = "/shop/p/"
)

// SendLink suggests a page of the shop to the shopper of an attended cart. Hosts are
// the names, with ports, under which this site is reached.
func (d *Desk) SendLink(ctx context.Context, who Staff, id string, want shared.SendLink, hosts []string) (cart.Record, error) {
	address, _, _ := strings.Cut(want.URL, "?") // what was searched for may be anything
	what := &deed{who: who, action: "send_link", cart: id, attended: true, after: address}
	link, err := d.linkTo(ctx, want, hosts)
	rule := refusing(err)
	if err == nil {
		rule = func(r *cart.Record) (*cart.Outcome, error) {
			if err := cart.Closed(&r.Cart); err != nil {
				return nil, err
			}
			link.ID, link.Staff, link.State, link.At = cart.NewID(), who.Name, shared.LinkSent, d.now()
			r.Links = append(slices.Clone(r.Links), link)
			r.Links = r.Links[max(0, len(r.Links)-shared.MaxLinks):]
			sent := link
			return cart.Did(&shared.Activity{Kind: shared.LinkWasSent, Link: &sent}, nil)
		}
	}
	var problem *shared.Problem
	if err != nil && !errors.As(err, &problem) {
		return cart.Record{}, err
	}
	return d.do(ctx, what, cart.Which{ID: id}, rule)
}

// linkTo makes a link of an address, if it is one of the shop's pages on this site.
func (d *Desk) linkTo(ctx context.Context, want shared.SendLink, hosts []string) (shared.Link, error) {
	if err := want.Validate(); err != nil {
		return shared.Link{}, err
	}
	target, err := ownPath(want.URL, hosts)
	if err != nil {
		return shared.Link{}, err
	}
	if slug, found := strings.CutPrefix(target.Path, pathProduct); found {
		product, err := d.config.Carts.Product(ctx, slug)
		if err != nil {
			var problem *shared.Problem
			if errors.As(err, &problem) {
				return shared.Link{}, badLink("There is no product with this address.")
			}
			return shared.Link{}, err
		}
		return shared.Link{Path: (&url.URL{Path: pathProduct + product.Slug}).EscapedPath(), Title: product.Name, SKU: product.SKU}, nil
	}
	switch target.Path {
	case pathCart:
		return shared.Link{Path: pathCart, Title: "Your cart"}, nil
	case pathShop:
		return shopLink(target.Query())
	}
	return shared.Link{}, badLink("There is no such page in the shop.")
}

// shopLink is a link to the shop's front, or to what is found there. What is looked
// for is shown to people and kept, so it is text without control characters; not
// every database could take U+0000.
func shopLink(query url.Values) (shared.Link, error) {
	link := shared.Link{Path: pathShop, Title: "The shop"}
	kept := url.Values{}
	for _, text := range []string{query.Get("category"), query.Get("q")} {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return shared.Link{}, badLink("What is looked for there is not plain text.")
		}
	}
	if category := query.Get("category"); category != "" {
		kept.Set("category", category)
		link.Title = category
	}
	if text := query.Get("q"); text != "" {
		kept.Set("q", text)
		link.Title = "Search for “" + text + "”"
	}
	if len(kept) > 0 {
		link.Path += "?" + kept.Encode()
	}
	return link, nil
}

// ownPath refuses every address that isn't one of this site. What browsers read
// otherwise than we do, like backslashes, is refused with it.
func ownPath(address string, hosts []string) (*url.URL, error) {
	if strings.Contains(address, `\`) {
		return nil, badLink("An address has no backslashes.")
	}
	target, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil:
		return nil, badLink("That is not an address.")
	case target.Opaque != "" || target.User != nil || target.Scheme != "" && target.Scheme != "http" && target.Scheme != "https":
		return nil, badLink("Only addresses of pages can be sent.")
	case target.Host != "" && !slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, target.Host) }), target.Scheme != "" && target.Host == "":
		return nil, badLink("Only pages of this site can be sent.")
	case target.Path != path.Clean(target.Path):
		return nil, badLink("Only pages of the shop can be sent, like " + pathProduct + "blue-mug.")
	}
	return target, nil
}

func badLink(detail string) error {
	return &shared.Problem{Code: shared.CodeBadLink, Field: "url", Detail: detail}
}
