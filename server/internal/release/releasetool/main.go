// Releasetool is what build.sh dist needs of package release: with list, it writes beside
// each binary of a folder which modules are in it; with check, it looks whether all of it
// is as it should be.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"cartline/server/internal/release"
)

func main() {
	if len(os.Args) != 3 || os.Args[1] != "list" && os.Args[1] != "check" {
		fmt.Fprintln(os.Stderr, "usage: releasetool list|check FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "releasetool: %v\n", err)
		os.Exit(1)
	}
}

func run(what, folder string) error {
	if what == "list" {
		return release.List(folder)
	}
	binaries, ran, err := release.Check(context.Background(), folder)
	if err != nil {
		return err
	}
	fmt.Printf("as they should be: %s\nrun here: %s\n", strings.Join(binaries, ", "), strings.Join(ran, ", "))
	return nil
}
