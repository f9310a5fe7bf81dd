package catalogue

import "strings"

// Slug makes the end of a page's address of a product's name: "Café au lait, 2 ×"
// becomes "cafe-au-lait-2". It is empty for a name without any letter that can be
// put into the Latin alphabet.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		part := latin(r)
		switch {
		case part != "":
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteString(part)
			gap = false
		case r == '\'' || r == '’': // chef's, l’eau
		default:
			gap = true
		}
		if b.Len() >= MaxSlug {
			break
		}
	}
	slug := b.String()
	return strings.TrimRight(slug[:min(len(slug), MaxSlug)], "-")
}

// plain spells letters of European languages in plain ones.
var plain = plainLetters()

func plainLetters() map[rune]string {
	letters := map[rune]string{
		'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'å': "a",
		'þ': "th", 'ð': "d", 'ł': "l", 'đ': "d", 'ı': "i",
	}
	// The others are spelt with the letter that they are an accented form of.
	for _, group := range []string{
		"aàáâãāăą", "cçćĉċč", "dď", "eèéêëēĕėęě", "gĝğġģ", "hĥ", "iìíîïĩīĭį", "jĵ", "kķ", "lĺļľ", "nñńņň",
		"oòóôõōŏő", "rŕŗř", "sśŝşšș", "tţťț", "uùúûũūŭůűų", "wŵ", "yýÿŷ", "zźżž",
	} {
		for _, r := range group[1:] {
			letters[r] = group[:1]
		}
	}
	return letters
}

func latin(r rune) string {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return string(r)
	}
	return plain[r]
}

// nameSlugs gives every product that has no slug one. It looks at all of them
// first, so that the order doesn't matter.
func nameSlugs(entries []entry) {
	wanted := make(map[string]int, len(entries))
	for i, e := range entries {
		if !e.named {
			entries[i].product.Slug = Slug(e.product.Name)
		}
		wanted[entries[i].product.Slug]++
	}
	for i := range entries {
		e := &entries[i]
		if !e.named && (e.product.Slug == "" || wanted[e.product.Slug] > 1) {
			e.product.Slug = withSKU(e.product.Slug, e.product.SKU)
		}
	}
}

// withSKU tells a slug from others like it.
func withSKU(slug, sku string) string {
	end := Slug(sku)
	slug = slug[:min(len(slug), max(0, MaxSlug-len(end)-1))]
	return strings.Trim(slug+"-"+end, "-")
}
