package shop

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// atOnce is how many pictures are loaded without waiting until they are scrolled to.
const atOnce = 8

func (p *Page) renderFront() app.UI {
	d := p.data
	switch {
	case d.Query == "" && d.Category == "" && !d.More && len(d.Products) == 0:
		return renderFirstRun()
	case d.Query == "" && d.Category == "" && !d.More && len(d.Categories) > 0:
		return p.renderWelcome()
	}
	title, found := d.Category, ""
	switch {
	case d.Query != "" && len(d.Products) == 0:
		title = "Nothing found"
		found = "We have nothing for “" + d.Query + "”. Try a shorter word, or look through a category."
	case d.Query != "":
		title = "Results for “" + d.Query + "”"
	case title == "":
		title = "All products"
	}
	if found == "" {
		found = part.Count(len(d.Products), "product", "products")
		if d.Next != "" || d.More {
			found += " on this page"
		}
	}
	return h.HTML(`<div>
		<div class="list-head"><h1>{}</h1><p class="muted">{}</p></div>
		<ol class="grid">{}</ol>
		<div class="list-foot">{}</div>
	</div>`, title, found, p.renderTiles(d.Products, "h2", 0), renderNext(d))
}

// renderNext leads to where the list goes on, if it does.
func renderNext(d Data) any {
	if d.Next == "" {
		return nil
	}
	return h.HTML(`<a class="button" rel="next" href={}>More products</a>`, h.Safe(listPath(d.Category, d.Query, d.Next)))
}

// renderWelcome is the front as one comes in: some of each category.
func (p *Page) renderWelcome() app.UI {
	body := []app.UI{h.HTML(`<section class="hero">
		<div class="hero-words">
			<h1>Good, plain things for the house and the garden.</h1>
			<p>Made to be used every day, and to be kept. Not sure which one? Call us, and we look at your cart together.</p>
		</div>
		<div class="hero-pictures">{}</div>
	</section>`, heroPictures(p.data.Products))}
	for start := 0; start < len(p.data.Products); {
		end := start
		for end < len(p.data.Products) && p.data.Products[end].Category == p.data.Products[start].Category {
			end++
		}
		body = append(body, p.renderShelf(p.data.Products[start:end], start))
		start = end
	}
	return h.Div().Body(body...)
}

// heroPictures are of two products, as different ones as there are.
func heroPictures(products []shared.Product) []app.UI {
	var pictures []app.UI
	seen := ""
	for i := len(products) - 1; i >= 0 && len(pictures) < 2; i-- {
		if products[i].Category != seen {
			seen = products[i].Category
			pictures = append(pictures, renderPicture(products[i].Slug, false))
		}
	}
	return pictures
}

// renderShelf is one category's part of the front.
func (p *Page) renderShelf(products []shared.Product, start int) app.UI {
	name, id := products[0].Category, "shelf-"+strconv.Itoa(start)
	return h.HTML(`<section class="shelf" aria-labelledby={}>
		<div class="shelf-head"><h2 id={}>{}</h2><a href={}>See all<span class="sr">{}</span></a></div>
		<ol class="grid">{}</ol>
	</section>`, id, id, name, h.Safe(listPath(name, "", "")), " of "+name, p.renderTiles(products, "h3", start))
}

// renderFirstRun is the front of a shop that has nothing to sell yet.
func renderFirstRun() app.UI {
	return h.HTML(`<section class="sorry first-run">
		<h1>This shop has no products yet</h1>
		<p class="muted">If it is yours, fill it from a file of comma-separated values or JSON lines:</p>
		<p class="command mono">bin/cartline product import FILE</p>
		<p class="muted">or start the server with products to try it out:</p>
		<p class="command mono">bin/cartline --demo</p>
	</section>`)
}

func (p *Page) renderTiles(products []shared.Product, heading string, start int) []app.UI {
	tiles := make([]app.UI, 0, len(products))
	for i, product := range products {
		tiles = append(tiles, h.HTML(`<li>{}</li>`, p.renderTile(product, heading, start+i >= atOnce)))
	}
	return tiles
}

// renderTile is one product in a list.
func (p *Page) renderTile(product shared.Product, heading string, later bool) app.UI {
	return h.HTML(`<article class="tile">
		{}
		{}
		<div class="tile-foot"><span class="price">{}</span>{}</div>
		{}
	</article>`,
		renderPicture(product.Slug, later),
		app.Elem(heading).Class("tile-name").Body(
			h.HTML(`<a href={}>{}</a>`, h.Safe(productPath(product.Slug)), product.Name)),
		product.Price, p.renderAdd(product),
		p.renderProblem(product.SKU),
	)
}

// renderAdd is the button that puts one more into the cart.
func (p *Page) renderAdd(product shared.Product) app.UI {
	text, name := "Add", "Add "+product.Name+" to the cart"
	class := "add"
	if n := p.model.quantity(product.SKU); n > 0 {
		class = "add has"
		text, name = part.Number(n), "Add one more "+product.Name+", "+part.Number(n)+" in the cart"
	}
	if p.model.saving(product.SKU) {
		text = "Saving…"
	}
	return h.HTML(`<button class={} type="button" data-sku={} data-name={} data-key={} aria-label={} disabled={} onclick={}>
		<span class="add-text">{}</span>{}
	</button>`,
		class, h.Safe(product.SKU), h.Safe(product.Name), h.Safe("add "+product.SKU), h.Safe(name), p.waiting(), p.onAdd,
		text, app.Raw(signMore))
}

// renderProblem tells next to a line or a product what went wrong with it, if
// anything did.
func (p *Page) renderProblem(sku string) any {
	w := p.model.writes[sku]
	if w == nil || w.problem == "" {
		return nil
	}
	return h.HTML(`<div class="line-problem" role="alert">
		<p>{}</p>
		<button class="button small" type="button" data-sku={} onclick={}>Try again</button>
		<button class="button small" type="button" data-sku={} onclick={}>Leave it</button>
	</div>`, "Not saved. "+w.problem, h.Safe(sku), p.onInsist, h.Safe(sku), p.onKeep)
}

// renderPicture is a product's picture. It says nothing that the name next to it
// doesn't, so screen readers pass it over.
func renderPicture(slug string, later bool) app.UI {
	loading := ""
	if later {
		loading = "lazy"
	}
	return h.HTML(`<img class="picture" role="presentation" src={} width="400" height="300" decoding="sync" loading={}>`,
		h.Safe(picturePath(slug)), loading)
}
