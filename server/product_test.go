package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
)

const productHeader = "sku,slug,name,description,category,price,currency\n"

func TestProduct(t *testing.T) {
	const (
		mug   = "MUG,blue-mug,Blue mug,Holds coffee.,Kitchen,12.50,EUR\n"
		lamp  = "LAMP,lamp,Lamp,,Light,49.00,EUR\n"
		towel = "TOWEL,towel,Towel,,Bath,9.00,EUR\n"
	)
	for name, database := range map[string]string{
		"SQLite": "sqlite:" + filepath.Join(t.TempDir(), "folder", "shop.db"), "PostgreSQL": testenv.Postgres(t),
	} {
		for _, step := range []struct {
			name, rows string // what is imported
			says       string
			status     int
			want       string // what is there then, by name
		}{
			{"the first", mug + lamp, "2 added, 0 changed, 0 unchanged.\n", 0, mug + lamp},
			{"the same again", lamp + mug, "0 added, 0 changed, 2 unchanged.\n", 0, mug + lamp},
			{"some of each", mug + "LAMP,lamp,Lamp,,Light,45.00,EUR\n" + towel, "1 added, 1 changed, 1 unchanged.\n", 0,
				mug + "LAMP,lamp,Lamp,,Light,45.00,EUR\n" + towel},
			{"none", "", "0 added, 0 changed, 0 unchanged.\n", 0, mug + "LAMP,lamp,Lamp,,Light,45.00,EUR\n" + towel},
			{"one good and one bad", lamp + "SOAP,soap,Soap,,Bath,6.5,EUR\n",
				"line 3, price: \"6.5\" is not a price in EUR. It is written like 12.50, without sign, symbol or thousands.\n" +
					"cartline: nothing was changed, since there are mistakes in -: 1\n", 1,
				mug + "LAMP,lamp,Lamp,,Light,45.00,EUR\n" + towel},
			{"another's slug", lamp + "CUP,blue-mug,Cup,,Kitchen,9.00,EUR\n",
				"cartline: nothing was changed: the slug \"blue-mug\" of CUP belongs to MUG already\n", 1,
				mug + "LAMP,lamp,Lamp,,Light,45.00,EUR\n" + towel},
			{"slugs that go round", "MUG,lamp,Blue mug,Holds coffee.,Kitchen,12.50,EUR\nLAMP,towel,Lamp,,Light,45.00,EUR\nTOWEL,blue-mug,Towel,,Bath,9.00,EUR\n",
				"0 added, 3 changed, 0 unchanged.\n", 0,
				"MUG,lamp,Blue mug,Holds coffee.,Kitchen,12.50,EUR\nLAMP,towel,Lamp,,Light,45.00,EUR\nTOWEL,blue-mug,Towel,,Bath,9.00,EUR\n"},
			{"a slug that a new one inherits", "SOAP,lamp,Soap,,Bath,6.50,EUR\n" + mug, "cartline: nothing was changed: the slug \"blue-mug\" of MUG belongs to TOWEL already\n", 1,
				"MUG,lamp,Blue mug,Holds coffee.,Kitchen,12.50,EUR\nLAMP,towel,Lamp,,Light,45.00,EUR\nTOWEL,blue-mug,Towel,,Bath,9.00,EUR\n"},
			{"and back", "SOAP,soap,Soap,,Bath,6.50,EUR\n" + towel + lamp + mug, "1 added, 3 changed, 0 unchanged.\n", 0,
				mug + lamp + "SOAP,soap,Soap,,Bath,6.50,EUR\n" + towel},
		} {
			status, stdout, stderr := call(t, productHeader+step.rows, "product", "import", "-", "--database", database)
			if status != step.status || stdout+stderr != step.says {
				t.Errorf("%s, %s: got status %d, %q, %q, want %d, %q", name, step.name, status, stdout, stderr, step.status, step.says)
			}
			if got := must(t, "", "product", "export", "--database", database); got != productHeader+step.want {
				t.Errorf("%s, %s: there is\n%s\nwant\n%s", name, step.name, got, productHeader+step.want)
			}
		}
		got := strings.Split(must(t, "", "product", "list", "--database", database), "\n")
		if len(got) != 6 || !strings.HasPrefix(got[0], "SKU ") || strings.Join(strings.Fields(got[1]), " ") != "MUG Blue mug Kitchen €12.50 blue-mug" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestProductFiles exports a file of each kind and imports it elsewhere.
func TestProductFiles(t *testing.T) {
	folder := t.TempDir()
	database := func(name string) string { return "sqlite:" + filepath.Join(folder, name) }
	const rows = productHeader + "MUG,blue-mug,'=Blue,\"Holds\ncoffee.\",Kitchen,12.50,EUR\n"
	must(t, rows, "product", "import", "-", "--database", database("a.db"))
	for _, name := range []string{"shop.csv", "shop.jsonl", "shop.txt"} {
		file := filepath.Join(folder, name)
		var format []string
		if name == "shop.txt" {
			format = []string{"--format", "jsonl"}
		}
		for range 2 { // the second time over the first
			if got := must(t, "", append([]string{"product", "export", file, "--database", database("a.db")}, format...)...); got != "" {
				t.Errorf("got %q", got)
			}
		}
		if got := must(t, "", append([]string{"product", "import", file, "--database", database(name + ".db")}, format...)...); got != "1 added, 0 changed, 0 unchanged.\n" {
			t.Errorf("%s: got %q", name, got)
		}
		if got := must(t, "", "product", "export", "--database", database(name+".db")); got != rows {
			t.Errorf("%s: got %q, want %q", name, got, rows)
		}
	}
	if got, err := os.ReadFile(filepath.Join(folder, "shop.txt")); err != nil || !strings.HasPrefix(string(got), `{"sku":"MUG"`) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestProductCalledWrongly(t *testing.T) {
	folder := t.TempDir()
	database := "sqlite:" + filepath.Join(folder, "shop.db")
	good := filepath.Join(folder, "good.csv")
	if err := os.WriteFile(good, []byte(productHeader), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args, says string
		status     int
	}{
		{"list", "there is no database", 1},
		{"export", "there is no database", 1},
		{"import", "expected", 2},
		{"import " + folder + "/none.csv", "no such file", 1},
		{"import " + folder + "/none", "say with --format what it is", 2},
		{"export " + folder + "/shop.xls", "say with --format what it is", 2},
		{"import " + good + " --format xml", "--format must be one of", 2},
		{"import " + good + " --database mysql:x", "--database begins with", 2},
		{"import " + good + " --format jsonl", "not the JSON that is expected", 1},
	} {
		args := append([]string{"product"}, strings.Fields(test.args)...)
		if !strings.Contains(test.args, "--database") {
			args = append(args, "--database", database)
		}
		status, stdout, stderr := call(t, "", args...)
		if status != test.status || stdout != "" || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: got status %d, %q, %q, want %d, %q", test.args, status, stdout, stderr, test.status, test.says)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "shop.db")); err == nil {
		t.Error("there is a database now, made by mistake")
	}
	if status, _, stderr := call(t, "", "product", "export", filepath.Join(folder, "none", "shop.csv"), "--database", database); status != 1 || !strings.Contains(stderr, "there is no database") {
		t.Errorf("got status %d, %q", status, stderr)
	}
	must(t, "", "product", "import", good, "--database", database)
	if status, _, stderr := call(t, "", "product", "export", filepath.Join(folder, "none", "shop.csv"), "--database", database); status != 1 || !strings.Contains(stderr, "no such file") {
		t.Errorf("got status %d, %q", status, stderr)
	}
}
