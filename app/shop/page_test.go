package shop

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
)

var wicked = shared.Product{
	SKU: `S"><script>alert(3)</script>`, Slug: `"><script>alert(2)</script>`, Price: euros(1250),
	Name: `"><script>alert(1)</script>`, Description: `24" wall <clock> & co`, Category: `C" onclick="alert(4)`,
}

var clock24 = shared.Product{SKU: "C24", Slug: "clock-24", Name: `24" wall <clock> & co \ more`, Category: "Living", Price: euros(5400)}

// pages are each kind of page, with what would break out of it if it could.
func pages() map[string]Data {
	categories := []string{wicked.Category, "Living"}
	products := []shared.Product{wicked, clock24}
	return map[string]Data{
		"front":    {View: ViewFront, Categories: categories, Products: products},
		"search":   {View: ViewFront, Categories: categories, Products: products, Query: `"><script>alert(5)</script>`, Next: `"><script>alert(6)</script>`},
		"category": {View: ViewFront, Categories: categories, Products: products, Category: wicked.Category, Next: "x"},
		"nothing":  {View: ViewFront, Categories: categories, Query: `<b>"`},
		"product":  {View: ViewProduct, Categories: categories, Product: &wicked, Products: products},
		"cart":     {View: ViewCart, Categories: categories},
		"missing":  {View: ViewMissing, Categories: categories},
		"down":     {View: ViewDown},
		"empty":    {View: ViewFront},
	}
}

var tagPattern = regexp.MustCompile(`<(/?[a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>`)

func TestNothingBreaksOut(t *testing.T) {
	for name, data := range pages() {
		html := app.HTMLString(View(data))
		for _, tag := range tagPattern.FindAllStringSubmatch(html, -1) {
			if tag[1] == "script" || tag[1] == "b" || tag[1] == "clock" {
				t.Errorf("%s: got %s", name, tag[0])
			}
			bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(tag[2], "")
			if regexp.MustCompile(`\son\w+|style`).MatchString(bare) || strings.Contains(bare, "alert") {
				t.Errorf("%s: got %s", name, tag[0])
			}
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "javascript:") {
			t.Errorf("%s: something broke out", name)
		}
	}
}

// What is drawn again by the program must be what was prerendered, so nothing may
// depend on the visitor yet.
func TestPrerenderedPages(t *testing.T) {
	want := map[string][]string{
		"front":    {"<h1>", `id="call-us"`, `id="cart-button"`, `id="cart-count"`, `id="cart-drawer"`, `id="toasts"`, `name="q"`, "See all", "€54.00", `/shop/picture/clock-24.svg`, "24&#34; wall &lt;clock&gt; &amp; co"},
		"search":   {"Results for “", "More products", `rel="next"`},
		"category": {`aria-current="page"`, "2 products on this page"},
		"nothing":  {"Nothing found", "&lt;b&gt;"},
		"product":  {"Add to cart", "€12.50", `class="qty"`, "Goes with it"},
		"cart":     {"Looking at your cart…", `id="account"`, `id="signin"`},
		"missing":  {"not on our shelves"},
		"down":     {"can&#39;t show its products"},
		"empty":    {"bin/cartline product import FILE", "--demo"},
	}
	for name, data := range pages() {
		html := app.HTMLString(View(data))
		for _, part := range append(want[name], `href="#main"`, `id="main"`, "Hearth &amp; Field", "Demo shop · powered by", `href="/desk"`) {
			if !strings.Contains(html, part) {
				t.Errorf("%s: no %s", name, part)
			}
		}
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s: %d headings of the first level", name, n)
		}
		for _, button := range regexp.MustCompile(`<button[^>]*>`).FindAllString(html, -1) {
			// What works without the program may be enabled: submitting a search.
			if !strings.Contains(button, "disabled") && !strings.Contains(button, `search-go`) && !strings.Contains(button, `class="link"`) {
				t.Errorf("%s: can be pressed before the program runs: %s", name, button)
			}
		}
	}
}

func TestDataTravels(t *testing.T) {
	for name, data := range pages() {
		if got, want := parseData(data.JSON()).JSON(), data.JSON(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for _, text := range []string{"", "{}", "nonsense", `{"view":1}`} {
		if got := parseData(text); got.View != ViewDown {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

func TestTitles(t *testing.T) {
	seen := map[string]bool{}
	for name, data := range pages() {
		title := data.Title()
		if !strings.HasSuffix(title, Name) || data.Description() == "" || seen[title] && title != Name {
			t.Errorf("%s: got %q, %q", name, title, data.Description())
		}
		seen[title] = true
	}
}

func TestCleanQuery(t *testing.T) {
	for text, want := range map[string]string{
		"  blue \t\n mug ": "blue mug", "a\x00b": "ab", "\xff\xfe": "", "“ü”": "“ü”",
		strings.Repeat("é", 80): strings.Repeat("é", 50), strings.Repeat("x", 99) + "é": strings.Repeat("x", 99),
	} {
		if got := CleanQuery(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestOwnPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/shop": true, "/shop/p/blue-mug": true, "/shop?q=a&category=b": true, "": false, "shop": false, "//evil.example": false,
		`/\evil.example`: false, "https://evil.example": false, "javascript:alert(1)": false, "/\n/evil.example": false, "/ /x": false,
	} {
		if got := ownPath(path); got != want {
			t.Errorf("%q: got %v", path, got)
		}
	}
}

// full is a page on which everything that can happen has happened.
func full() *Page {
	p := newPage(Data{View: ViewCart})
	m := p.model
	m.now = testModel().now
	m.ready = true
	cart := cartOf("c1", 3, mug, shared.Line{SKU: "PEN", Name: "Pen", Quantity: 1, Subtotal: euros(300), Total: euros(200), UnitPrice: euros(300),
		Discount: &shared.Discount{BasisPoints: 1000, Reason: "damaged", By: "ada", Taken: 100, Capped: true, MaxBasisPoints: 500}})
	cart.Subtotal, cart.Total = euros(2800), euros(2700)
	cart.Discount = &shared.Discount{Amount: 500, Reason: "loyalty", By: "ada", Short: 750}
	cart.Attendants = []shared.Attendant{{Staff: "ada", Since: noon}, {Staff: "bob", Since: noon}}
	cart.Links = []shared.Link{{ID: "l1", Staff: "ada", Path: "/shop/p/pen", Title: "Pen", SKU: "PEN", State: shared.LinkDelivered}}
	cart.Knocks = []shared.Knock{{Staff: "eve", Until: noon.Add(touchTime)}}
	cart.HelpAt = noon
	m.took(cart)
	m.happened(shared.CartEvent{Activity: shared.Activity{Kind: shared.LineAdded, CartVersion: 4, Actor: ada, Line: &shared.LineChange{SKU: "PEN", Name: "Pen", NewQuantity: 1}}, Cart: cart})
	m.writes["MUG"] = &write{want: 3, base: 2, conflict: true}
	m.writes["PEN"] = &write{want: 3, base: 1, problem: "No."}
	m.note = note{text: "Pen is in your cart.", until: noon.Add(noteTime)}
	m.gone["OLD"] = goneLine{line: shared.Line{SKU: "OLD", Name: "Old"}}
	m.order = append(m.order, "OLD")
	m.orders = []shared.Cart{{Total: euros(1), Order: &shared.Order{Number: "N1", At: noon}, Lines: []shared.Line{mug}}}
	m.help.problem = "Not now."
	m.code.open = true
	m.code.code = shared.AssistCode{Code: "482913", ExpiresAt: noon.Add(touchTime)}
	m.askOrder()
	return p
}

func TestEverythingAtOnce(t *testing.T) {
	p := full()
	html := app.HTMLString(p)
	for _, want := range []string{
		`id="banner"`, `id="stop"`, "is helping you with this cart", `id="link-card"`, "suggests:", `id="knock-card"`, "Are you on the phone with eve?",
		`id="assist-code"`, "482 913", "4, 8, 2, 9, 1, 3", "Good for 0:04", "Withdraw", "Not now.",
		`data-sku="MUG"`, "Keep 2", "Make it 3", "Not saved. No.", "Try again", "Old is out of the cart.",
		"10 % off, for a flaw (by ada)", "At most 5 % can be taken off.", "€5.00 off, for your loyalty (by ada)", "Needs €7.50 more to count.", "−€1.00", "by ada",
		"Order 3 items for €27.00?", "Yes, order for €27.00", "ada added 1 × Pen", "Pen is in your cart.", `id="changes"`, `id="orders"`, "N1", "2 × Mug",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q", want)
		}
	}
	for id, n := range ids(html) {
		if n > 1 {
			t.Errorf("%d elements have the id %s", n, id)
		}
	}
	p.data.View, p.drawer, p.model.code.open = ViewFront, true, false
	p.data.Products = []shared.Product{clock24}
	html = app.HTMLString(p)
	inside := html[strings.Index(html, `id="cart-drawer"`):]
	for _, id := range []string{"banner", "link-card", "knock-card", "total"} {
		if !strings.Contains(inside, `id="`+id+`"`) || ids(html)[id] != 1 {
			t.Errorf("%s is not in the drawer, where alone it can be reached", id)
		}
	}
}

func ids(html string) map[string]int {
	count := map[string]int{}
	for _, found := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		count[found[1]]++
	}
	return count
}

func TestSignedInAndOrdered(t *testing.T) {
	p := full()
	p.model.who = &shared.Customer{Name: "Ada <3", Email: "ada@example.com"}
	p.model.account.done = "3 lines from your guest cart were added."
	done := p.model.cart
	done.Status, done.Version, done.Order = shared.CartOrdered, 9, &shared.Order{Number: "N2", At: noon}
	p.model.took(done)
	html := app.HTMLString(p)
	for _, want := range []string{`id="signout"`, "Ada &lt;3", "3 lines from your guest cart", `id="order-number"`, "N2", "Thank you."} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, not := range []string{`id="signin"`, `id="banner"`, `id="place-order"`} {
		if strings.Contains(html, not) {
			t.Errorf("%s is still there", not)
		}
	}
}

// Each class that is used has a rule, so that a name that was mistyped is found.
func TestClassesHaveRules(t *testing.T) {
	var css []byte
	for _, name := range []string{"app.css", "shop.css"} {
		file, err := os.ReadFile("../../web/static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		css = append(css, file...)
	}
	// These mark what scripts, tests or other rules look for.
	bare := []string{"notice-region", "undo", "tool-name", "code-buttons", "help-part", "summary-card", "cart-page", "hero-words", "product-words", "call-body", "own", "none"}
	drawer := full()
	drawer.data.View, drawer.drawer = ViewFront, true
	all := []string{app.HTMLString(full()), app.HTMLString(drawer)}
	for _, data := range pages() {
		all = append(all, app.HTMLString(View(data)))
	}
	for _, found := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(strings.Join(all, "\n"), -1) {
		for _, name := range strings.Fields(found[1]) {
			if !slices.Contains(bare, name) && !regexp.MustCompile(`\.`+regexp.QuoteMeta(name)+`[^-\w]`).Match(css) {
				t.Errorf("no rule for the class %s", name)
			}
		}
	}
}
