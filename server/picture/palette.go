package picture

import (
	"strings"
)

// palette is the colours of one picture. A drawing names a colour by one capital
// letter, in a fill or a stroke of its own: fill="M".
type palette struct {
	wall, shape, table, shadow string // B F V Z
	main, dark, light          string // M D L
	accent                     string // A
}

// These are the same in every picture.
var materials = []string{
	"W", "#c8965f", "X", "#a77646", "Y", "#e0bd8d", // wood
	"G", "#6f9a6a", "H", "#4e7850", // leaves
	"S", "#c3cacd", "T", "#8e989d", "U", "#e6eaeb", // metal
	"P", "#fdfaf3", "Q", "#e6decf", // paper, linen
	"K", "#43464d", "J", "#2f3238", // ink, iron
	"N", "#f6c65b", "O", "#e39a3b", // flame, brass
	"C", "#dcecec", // glass
}

// paint puts the colours in place of their letters.
func (p palette) paint(drawing string) string {
	pairs := make([]string, 0, 64)
	letters := append([]string{
		"B", p.wall, "F", p.shape, "V", p.table, "Z", p.shadow,
		"M", p.main, "D", p.dark, "L", p.light, "A", p.accent,
	}, materials...)
	for i := 0; i < len(letters); i += 2 {
		pairs = append(pairs, `"`+letters[i]+`"`, `"`+letters[i+1]+`"`)
	}
	return strings.NewReplacer(pairs...).Replace(drawing)
}

// wall is a background on which things of any colour can be seen.
type wall struct{ wall, shape, table, shadow string }

var walls = []wall{
	{"#f3ece1", "#ebdfcd", "#e2d1b8", "#cdb997"}, // sand
	{"#e6edf0", "#d7e3e8", "#c9d8de", "#aec2ca"}, // mist
	{"#eaefe4", "#dce6d2", "#cfdcc3", "#b4c6a5"}, // sage
	{"#f5e8e2", "#eed9cf", "#e6cabd", "#d0ac9b"}, // blush
	{"#eceaf2", "#dfdbea", "#d2cde1", "#b7b0cc"}, // lilac
	{"#f5eeda", "#eee2c0", "#e6d5a8", "#cfb985"}, // straw
}

// hue is what a thing itself is coloured with.
type hue struct{ main, dark, light, accent string }

var hues = map[string]hue{
	"blue":       {"#4f7ea8", "#3b6389", "#86abcb", "#e9b44c"},
	"navy":       {"#3d5478", "#2d3f5c", "#6d84a8", "#e9b44c"},
	"teal":       {"#4b8f8c", "#37716f", "#86bab6", "#e58f65"},
	"green":      {"#6f9a6a", "#547b51", "#a2c19b", "#e9b44c"},
	"olive":      {"#9a9c58", "#7b7d40", "#c0c288", "#e8dfc3"},
	"sand":       {"#d7b98e", "#bd9c6e", "#ead7b8", "#8c6f4a"},
	"honey":      {"#e5ad48", "#c68d2e", "#f3cf86", "#8c6a34"},
	"yellow":     {"#e9bd4f", "#cc9d33", "#f5d98d", "#5b7f8c"},
	"orange":     {"#df8a4e", "#c06d34", "#f0b58a", "#4f7a80"},
	"terracotta": {"#c8704f", "#a75638", "#df9a7c", "#6f9a6a"},
	"red":        {"#bd5550", "#9a3f3c", "#da8883", "#e9c46a"},
	"pink":       {"#d98f97", "#bb6e78", "#ecb9be", "#6d8a7e"},
	"plum":       {"#86607f", "#694763", "#b08fa9", "#e9b44c"},
	"brown":      {"#8d6748", "#6e4e35", "#b58f6f", "#e2bd7f"},
	"white":      {"#f4f1ea", "#d9d3c6", "#ffffff", "#7f9ba6"},
	"grey":       {"#9aa3a7", "#7c868b", "#bfc7ca", "#e0a458"},
	"black":      {"#4a4e56", "#363a41", "#737881", "#e0a458"},
	"natural":    {"#cfb186", "#b08f61", "#e6d0ad", "#6f8f86"},
}

// colourWords are words in a name that tell a colour, besides the colours' own.
var colourWords = map[string]string{
	"iron": "black", "steel": "grey", "zinc": "grey", "slate": "grey", "stoneware": "teal", "stone": "grey",
	"brass": "honey", "gold": "honey", "beeswax": "honey", "cork": "natural", "jute": "natural", "willow": "natural",
	"wicker": "natural", "oak": "natural", "ash": "natural", "beech": "natural", "pine": "natural", "walnut": "brown",
	"leather": "brown", "chocolate": "brown", "linen": "sand", "cream": "white", "down": "white", "cotton": "white",
	"velvet": "plum", "copper": "terracotta", "clay": "terracotta", "rose": "pink", "gray": "grey", "charcoal": "black",
	"forest": "green", "sky": "blue", "storm": "navy", "felt": "grey", "bird": "teal",
}

// chance are the colours of things whose names tell none, in a fixed order.
var chance = []string{"blue", "teal", "green", "terracotta", "honey", "plum", "navy", "olive", "orange", "red", "pink"}

func paletteOf(name string, seed uint32) palette {
	chosen := hues[chance[seed/64%uint32(len(chance))]]
	for _, word := range words(name) {
		if other, ok := colourWords[word]; ok {
			word = other
		}
		if h, ok := hues[word]; ok {
			chosen = h
			break
		}
	}
	w := walls[seed%uint32(len(walls))]
	return palette{
		wall: w.wall, shape: w.shape, table: w.table, shadow: w.shadow,
		main: chosen.main, dark: chosen.dark, light: chosen.light, accent: chosen.accent,
	}
}
