package catalogue_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cartline/server/catalogue"
)

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Blue mug":                "blue-mug",
		"Chef's knife":            "chefs-knife",
		"Chef’s knife":            "chefs-knife",
		"  Café au lait, 2 × ":    "cafe-au-lait-2",
		"Größe XL / Straße":       "groesse-xl-strasse",
		"Łódź ÆØÅ Žižka":          "lodz-aeoa-zizka",
		"茶碗":                      "",
		"茶碗 A":                    "a",
		"--a--b--":                "a-b",
		"":                        "",
		strings.Repeat("ß", 80):   strings.Repeat("s", 100),
		strings.Repeat("a ", 100): strings.TrimSuffix(strings.Repeat("a-", 50), "-"),
	} {
		if got := catalogue.Slug(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	valid := regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*)?$`)
	rapid.Check(t, func(t *rapid.T) {
		if got := catalogue.Slug(rapid.String().Draw(t, "name")); len(got) > catalogue.MaxSlug || !valid.MatchString(got) {
			t.Errorf("got %q", got)
		}
	})
}

// TestMadeSlugs: they are told apart by the SKU, whatever the order of the file.
func TestMadeSlugs(t *testing.T) {
	rows := []string{"A_1,,Mug,1.00,EUR", "B,,Mug,1.00,EUR", "C,lamp,Lamp,1.00,EUR", "D,,Lamp,1.00,EUR", "E,,Soap,1.00,EUR", "F,,茶碗,1.00,EUR"}
	want := []string{"mug-a-1", "mug-b", "lamp", "lamp-d", "soap", "f"}
	for range 2 {
		products, err := catalogue.Read(strings.NewReader("sku,slug,name,price,currency\n"+strings.Join(rows, "\n")), catalogue.CSV)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range products {
			got = append(got, p.Slug)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		slices.Reverse(rows)
		slices.Reverse(want)
	}
}
