package demo

import (
	"cartline/server/catalogue"
	"cartline/shared"
)

// Products returns the demo's catalogue: that of a shop for things for the house.
func Products() []shared.Product {
	products := make([]shared.Product, 0, len(articles))
	for _, p := range articles {
		products = append(products, shared.Product{
			SKU:         p.sku,
			Slug:        catalogue.Slug(p.name),
			Name:        p.name,
			Description: p.description,
			Category:    p.category,
			Price:       shared.Money{Amount: p.cents, Currency: "EUR"},
		})
	}
	return products
}

var articles = []struct {
	sku, name, category string
	cents               int64
	description         string
}{
	{"MUG-BLUE", "Blue mug", "Kitchen", 1250, "Stoneware, glazed inside and out. Holds 350 ml."},
	{"MUG-SAND", "Sand mug", "Kitchen", 1250, "The same mug in a warm, unglazed sand."},
	{"TEAPOT-1", "Iron teapot", "Kitchen", 4900, "Cast iron with a steel strainer, for four cups."},
	{"BOARD-OAK", "Oak board", "Kitchen", 3200, "End-grain oak, oiled. 40 by 25 cm."},
	{"KNIFE-180", "Chef's knife", "Kitchen", 8900, "18 cm blade of carbon steel."},
	{"BOWL-STONE", "Stoneware bowl", "Kitchen", 1650, "Deep enough for soup, wide enough for a salad. 18 cm across."},
	{"PAN-26", "Iron pan", "Kitchen", 5400, "Cast iron, 26 cm, seasoned and ready to use. Hob, oven or open fire."},
	{"MILL-BEECH", "Pepper mill", "Kitchen", 3600, "Turned beech with a ceramic grinder that outlives the pepper."},
	{"CARAFE-1", "Water carafe", "Kitchen", 2800, "Mouth-blown glass for a litre, with a cork ball that keeps it fresh."},
	{"JAR-CORK", "Storage jar", "Kitchen", 1890, "Glass and cork, 900 ml. Sits in rows without fuss."},
	{"LAMP-DESK", "Desk lamp", "Light", 6900, "Turns in every direction, and stays there."},
	{"LAMP-READ", "Reading light", "Light", 3450, "Clips to a shelf; three levels of warm light."},
	{"CANDLE-3", "Beeswax candles", "Light", 1480, "A box of three, eight hours each."},
	{"LAMP-PEND", "Pendant lamp", "Light", 12900, "A spun aluminium shade, matt outside and white within, on two metres of cloth cable."},
	{"LANTERN-1", "Storm lantern", "Light", 4200, "Galvanised steel with a glass chimney. Burns twenty hours on one filling."},
	{"LAMP-FLOOR", "Floor lamp", "Light", 15900, "A linen shade on three legs of ash. Dims by touch."},
	{"TOWEL-BATH", "Bath towel", "Bath", 2400, "Thick cotton, 70 by 140 cm."},
	{"TOWEL-HAND", "Hand towel", "Bath", 1100, "Thick cotton, 50 by 70 cm."},
	{"SOAP-OLIVE", "Olive soap", "Bath", 650, "A bar of 200 g, matured for nine months."},
	{"BRUSH-BATH", "Bath brush", "Bath", 1750, "Oiled beech and firm natural bristles; the handle comes off."},
	{"MAT-CORK", "Cork bath mat", "Bath", 3900, "Warm underfoot and dry within minutes. 45 by 65 cm."},
	{"SOAP-DISP", "Soap dispenser", "Bath", 2250, "Brown glass with a steel pump, 400 ml. Made to be filled again."},
	{"BLANKET-W", "Wool blanket", "Bedroom", 11900, "Lambswool, 140 by 200 cm."},
	{"PILLOW-DN", "Down pillow", "Bedroom", 5900, "Soft, 50 by 70 cm."},
	{"SHEETS-LIN", "Linen sheets", "Bedroom", 13900, "Washed linen that softens with every year: one cover, two pillow cases."},
	{"ALARM-1", "Alarm clock", "Bedroom", 3900, "Two bells, no snooze. Winds by hand, ticks quietly."},
	{"SLIPPER-F", "Felt slippers", "Bedroom", 4450, "Pressed wool felt on a leather sole. Sizes 36 to 46."},
	{"CUSHION-V", "Velvet cushion", "Living", 3400, "Cotton velvet with a feather filling, 45 by 45 cm."},
	{"RUG-JUTE", "Jute rug", "Living", 8900, "Braided by hand and bound at the edge, 120 by 180 cm."},
	{"BASKET-W", "Willow basket", "Living", 4600, "Woven from unpeeled willow, with two handles. For logs, toys or laundry."},
	{"VASE-TALL", "Tall vase", "Living", 3950, "Thrown stoneware, 32 cm. Holds three branches as well as thirty tulips."},
	{"MIRROR-60", "Round mirror", "Living", 9900, "60 cm across, in a narrow frame of brass."},
	{"FRAME-A4", "Picture frame", "Living", 2650, "Solid oak and real glass, for A4 or a smaller picture in its mount."},
	{"CHAIR-ASH", "Ash chair", "Furniture", 18900, "Solid ash with a woven seat."},
	{"SHELF-2", "Wall shelf", "Furniture", 7400, "Two boards on steel brackets, 80 cm."},
	{"STOOL-OAK", "Oak stool", "Furniture", 9800, "Three legs, so it never wobbles. 45 cm high."},
	{"TABLE-SIDE", "Side table", "Furniture", 16400, "A round top on a bent steel foot; light enough to follow you about."},
	{"RACK-COAT", "Coat rack", "Furniture", 6200, "Five pegs of turned beech on an oiled rail, 70 cm."},
	{"NOTE-A5", "Dotted notebook", "Office", 1290, "A5, 192 pages that lie flat."},
	{"PEN-BRASS", "Brass pen", "Office", 3900, "Takes standard refills, and a patina."},
	{"CLOCK-WALL", "Wall clock", "Office", 5400, "30 cm, silent movement."},
	{"POT-PENCIL", "Pencil pot", "Office", 1450, "A heavy little stoneware cylinder that doesn't tip over."},
	{"SCISSORS-1", "Steel scissors", "Office", 2900, "Forged in one piece, 20 cm, for paper and cloth."},
	{"CAN-5L", "Watering can", "Garden", 4800, "Five litres, zinc-plated, with a brass rose that comes off."},
	{"TROWEL-1", "Hand trowel", "Garden", 2150, "A carbon steel blade on an ash handle. Made for roots and stones."},
	{"POT-TERRA", "Terracotta pot", "Garden", 1350, "Frost-proof, 20 cm, with its saucer."},
	{"BIRDHOUSE", "Bird house", "Garden", 3300, "Larch, for tits and sparrows. The front opens to be cleaned."},
	{"HERBS-3", "Herb planter", "Garden", 2700, "A zinc trough for three kitchen herbs, with a tray beneath."},
}
