package picture

import (
	"strings"
	"unicode"
)

// motif is a drawing on 400 by 300, in SVG elements whose colours are letters: see
// palette. What stands does so at about y=234; what is hung has no table under it.
type motif struct {
	drawing string
	hung    bool
}

// motifOf chooses a drawing: by the last word of the name that stands for one, since
// "desk lamp" is a lamp and "soap dispenser" is not soap; two words go before one.
func motifOf(name, category string, seed uint32) motif {
	if m, ok := find(words(name), byWord); ok {
		return m
	}
	if m, ok := find(words(category), byCategory); ok {
		return m
	}
	return abstracts[seed/1024%uint32(len(abstracts))]
}

func find(words []string, motifs map[string]motif) (motif, bool) {
	for i := len(words) - 1; i >= 0; i-- {
		if i > 0 {
			if m, ok := motifs[words[i-1]+" "+words[i]]; ok {
				return m, true
			}
		}
		if m, ok := motifs[words[i]]; ok {
			return m, true
		}
	}
	return motif{}, false
}

// words splits a text into words in lower case, without the s of a plural.
func words(text string) []string {
	found := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && r != '\''
	})
	for i, word := range found {
		word = strings.TrimSuffix(word, "'s")
		if len(word) > 3 && !strings.HasSuffix(word, "ss") {
			word = strings.TrimSuffix(word, "s")
		}
		found[i] = word
	}
	return found
}

var byWord = map[string]motif{
	"mug": mug, "cup": mug, "teapot": teapot, "kettle": teapot, "board": board, "knife": knife, "knive": knife,
	"bowl": bowl, "plate": bowl, "dish": bowl, "pan": pan, "skillet": pan, "mill": mill, "grinder": mill,
	"carafe": carafe, "jug": carafe, "pitcher": carafe, "decanter": carafe, "jar": jar, "canister": jar,

	"lamp": deskLamp, "light": clipLight, "candle": candles, "pendant lamp": pendant, "pendant": pendant,
	"lampshade": pendant, "lantern": lantern, "floor lamp": floorLamp, "reading light": clipLight,

	"towel": towels, "hand towel": towelOnRail, "soap": soap, "brush": brush, "mat": mat, "dispenser": dispenser,
	"bottle": dispenser, "lotion": dispenser, "shampoo": dispenser,

	"blanket": blanket, "throw": blanket, "plaid": blanket, "pillow": pillow, "sheet": sheets, "linen": sheets,
	"duvet": sheets, "alarm clock": alarm, "slipper": slippers, "shoe": slippers,

	"cushion": cushion, "rug": rug, "carpet": rug, "basket": basket, "vase": vase, "mirror": mirror, "frame": frame,
	"picture": frame, "print": frame, "poster": frame,

	"chair": chair, "armchair": chair, "shelf": shelf, "shelve": shelf, "bookcase": shelf, "stool": stool,
	"table": table, "desk": table, "rack": rack, "hook": rack, "peg": rack,

	"notebook": notebook, "book": notebook, "diary": notebook, "journal": notebook, "pen": pen, "pencil": pen,
	"clock": clock, "watch": clock, "pencil pot": pencilPot, "pen pot": pencilPot, "scissor": scissors,

	"can": wateringCan, "trowel": trowel, "spade": trowel, "pot": plant, "plant": plant, "fern": plant,
	"planter": planter, "herb": planter, "birdhouse": birdHouse, "house": birdHouse, "feeder": birdHouse,
	"box": parcel, "set": parcel, "gift": parcel, "bag": parcel,
}

var byCategory = map[string]motif{
	"kitchen": bowl, "tableware": bowl, "dining": bowl, "food": jar, "drink": carafe, "tea": teapot, "coffee": mug,
	"light": deskLamp, "lighting": deskLamp, "bath": towels, "bathroom": towels, "beauty": dispenser,
	"bedroom": pillow, "bed": pillow, "bedding": pillow, "living": cushion, "decor": vase, "decoration": vase,
	"furniture": chair, "office": notebook, "stationery": notebook, "book": notebook, "garden": plant,
	"outdoor": plant, "textile": blanket, "gift": parcel, "art": frame, "shoe": slippers,
}
