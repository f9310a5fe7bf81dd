package shop

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

func (p *Page) renderProduct() app.UI {
	product := p.data.Product
	if product == nil {
		return sorry("This is not on our shelves", "Perhaps it is no longer sold.", "To the shop")
	}
	category := product.Category
	if category == "" {
		category = "All products"
	}
	return h.HTML(`<div>
		<article class="product">
			{}
			<div class="product-words">
				<p class="crumb"><a href={}>{}</a></p>
				<h1>{}</h1>
				<p class="product-price">{}</p>
				<p class="product-text">{}</p>
				{}
				<p class="product-help muted">A question about it? We look at your cart together: call <strong>{}</strong></p>
			</div>
		</article>
		{}
	</div>`,
		renderPicture(product.Slug, false),
		h.Safe(listPath(product.Category, "", "")), category,
		product.Name, product.Price, product.Description,
		p.renderBuy(product),
		Telephone,
		p.renderRelated(),
	)
}

// renderBuy is where one chooses how many, and adds them.
func (p *Page) renderBuy(product *shared.Product) app.UI {
	name, has := "Add to cart", ""
	if p.model.saving(product.SKU) {
		name = "Adding…"
	}
	if n := p.model.quantity(product.SKU); n > 0 {
		has = part.Number(n) + " in your cart"
	}
	return h.HTML(`<div class="buy-row">
		{}
		<button class="button primary buy" type="button" disabled={} onclick={}>{}</button>
		<p class="in-cart muted">{}</p>
		{}
	</div>`,
		p.renderSteps("How many", "", "", strconv.Itoa(p.many), p.many <= 1, p.many >= shared.MaxQuantity, p.onMany),
		p.waiting(), p.onAddMany, name,
		has,
		p.renderProblem(product.SKU),
	)
}

func (p *Page) renderRelated() any {
	if len(p.data.Products) == 0 {
		return nil
	}
	return h.HTML(`<section class="shelf related" aria-labelledby="related">
		<div class="shelf-head"><h2 id="related">Goes with it</h2></div>
		<ol class="grid">{}</ol>
	</section>`, p.renderTiles(p.data.Products, "h3", 0))
}
