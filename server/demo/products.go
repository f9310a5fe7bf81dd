package demo

import (
	"strings"

	"cartline/shared"
)

// Products returns the demo's catalogue.
func Products() []shared.Product {
	products := make([]shared.Product, 0, len(catalogue))
	for _, p := range catalogue {
		products = append(products, shared.Product{
			SKU:         p.sku,
			Slug:        strings.ReplaceAll(strings.ToLower(p.name), " ", "-"),
			Name:        p.name,
			Description: p.description,
			Category:    p.category,
			Price:       shared.Money{Amount: p.cents, Currency: "EUR"},
		})
	}
	return products
}

var catalogue = []struct {
	sku, name, category string
	cents               int64
	description         string
}{
	{"MUG-BLUE", "Blue mug", "Kitchen", 1250, "Stoneware, glazed inside and out. Holds 350 ml."},
	{"MUG-SAND", "Sand mug", "Kitchen", 1250, "The same mug in a warm, unglazed sand."},
	{"TEAPOT-1", "Iron teapot", "Kitchen", 4900, "Cast iron with a steel strainer, for four cups."},
	{"BOARD-OAK", "Oak board", "Kitchen", 3200, "End-grain oak, oiled. 40 by 25 cm."},
	{"KNIFE-180", "Chef's knife", "Kitchen", 8900, "18 cm blade of carbon steel."},
	{"LAMP-DESK", "Desk lamp", "Light", 6900, "Turns in every direction, and stays there."},
	{"LAMP-READ", "Reading light", "Light", 3450, "Clips to a shelf; three levels of warm light."},
	{"CANDLE-3", "Beeswax candles", "Light", 1480, "A box of three, eight hours each."},
	{"TOWEL-BATH", "Bath towel", "Bath", 2400, "Thick cotton, 70 by 140 cm."},
	{"TOWEL-HAND", "Hand towel", "Bath", 1100, "Thick cotton, 50 by 70 cm."},
	{"SOAP-OLIVE", "Olive soap", "Bath", 650, "A bar of 200 g, matured for nine months."},
	{"BLANKET-W", "Wool blanket", "Bedroom", 11900, "Lambswool, 140 by 200 cm."},
	{"PILLOW-DN", "Down pillow", "Bedroom", 5900, "Soft, 50 by 70 cm."},
	{"CHAIR-ASH", "Ash chair", "Furniture", 18900, "Solid ash with a woven seat."},
	{"SHELF-2", "Wall shelf", "Furniture", 7400, "Two boards on steel brackets, 80 cm."},
	{"NOTE-A5", "Dotted notebook", "Office", 1290, "A5, 192 pages that lie flat."},
	{"PEN-BRASS", "Brass pen", "Office", 3900, "Takes standard refills, and a patina."},
	{"CLOCK-WALL", "Wall clock", "Office", 5400, "30 cm, silent movement."},
}
