#!/bin/sh
# Builds and tests Cartline; the Makefile names the targets. Needs a POSIX
# shell, Go and, for the version, git.
set -eu
cd "$(dirname "$0")"

# Staticcheck is run from here, not required in go.mod: it is no part of the
# program, and would bring its own dependencies into it.
STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What ships has no C in it; only the race detector needs cgo.
export CGO_ENABLED=0

# The version comes from git, or the file VERSION, below. Go's own stamping would change
# the UI's checksum with every commit, and fails in a checkout of another user.
export GOFLAGS="${GOFLAGS:-} -buildvcs=false"

say() { printf '==> %s\n' "$*"; }

die() {
	printf 'build.sh: %s\n' "$*" >&2
	exit 1
}

# check_go fails unless there is a Go that go.mod accepts.
check_go() {
	want=$(awk '$1 == "go" { print $2; exit }' go.mod)
	command -v go >/dev/null 2>&1 || die "Go is missing: install Go $want or newer, https://go.dev/dl/"
	have=$(go env GOVERSION) || die "this Go cannot build the module: install Go $want or newer, https://go.dev/dl/"
	printf '%s %s\n' "$want" "${have#go}" | awk '{
		split($1, want, /[^0-9]+/); split($2, have, /[^0-9]+/)
		for (i = 1; i <= 3; i++) if (want[i] + 0 != have[i] + 0) exit !(want[i] + 0 < have[i] + 0)
	}' || die "$have is too old: install Go $want or newer, https://go.dev/dl/"
}

# version prints what the binary is stamped with, a semantic version. A commit that is
# tagged vX.Y.Z, with nothing changed since, is X.Y.Z; any other is on its way to what the
# file VERSION says: X.Y.Z-dev+gCOMMIT. VERSION in the environment prevails.
version() {
	if [ -n "${VERSION:-}" ]; then
		echo "${VERSION#v}"
		return
	fi
	tag=$(git describe --tags --exact-match --dirty --match 'v[0-9]*' 2>/dev/null || true)
	case $tag in
	*-dirty | '') ;;
	*)
		echo "${tag#v}"
		return
		;;
	esac
	commit=$(git describe --always --dirty=.dirty --exclude '*' 2>/dev/null || true)
	echo "$(cat VERSION)-dev${commit:++g$commit}"
}

# wasm compiles the UI. The module itself stays in bin/; web/dist gets its
# compressed forms, which package web embeds.
wasm() {
	say "wasm: compiling the UI"
	mkdir -p bin
	go run ./web/overlay >bin/overlay.json
	# Without inlining there is a twelfth less to load; the runtime keeps it, as memory
	# and maps are what the pages' time goes to.
	GOOS=js GOARCH=wasm go build -overlay bin/overlay.json -trimpath -ldflags "-s -w" \
		-gcflags=all=-l -gcflags=runtime= -gcflags=internal/runtime/...= -o bin/app.wasm ./app
	go run ./web/pack bin/app.wasm web/dist
}

build() {
	wasm
	say "build: compiling bin/cartline"
	go build -trimpath -ldflags "-s -w -X main.version=$(version)" -o bin/cartline ./server
}

# PLATFORMS are those that a release is for.
PLATFORMS="linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64"

# dist makes a release in dist/: a binary for each platform, with nothing outside of it but
# the operating system; a list of the modules in each; and the checksums of all. Whoever
# makes it from the same commit with the same Go gets the same bytes.
dist() {
	version=$(version)
	wasm
	rm -rf dist
	mkdir dist
	for platform in ${DIST:-$PLATFORMS}; do
		os=${platform%/*}
		arch=${platform#*/}
		binary=cartline_${version}_${os}_$arch
		[ "$os" != windows ] || binary=$binary.exe
		say "dist: compiling $binary"
		GOOS=$os GOARCH=$arch go build -trimpath -ldflags "-s -w -X main.version=$version" -o "dist/$binary" ./server
	done
	cp LICENSE CHANGELOG.md dist/
	say "dist: listing the modules in each"
	go run ./server/internal/release/releasetool list dist
	(cd dist && sha256sum -- * >SHA256SUMS)
	say "dist: checking"
	go run ./server/internal/release/releasetool check dist
}

# rivals compiles what is measured beside the program: a module of its own, so that its
# libraries stay out of ours.
rivals() {
	say "rivals: compiling bin/rivals"
	go -C docs/bench build -trimpath -ldflags "-s -w" -o ../../bin/rivals .
}

# any reports whether one of the commands exists.
any() {
	for name; do
		if command -v "$name" >/dev/null 2>&1; then return 0; fi
	done
	return 1
}

# has_libc reports whether there are the headers that compiling C takes.
has_libc() { echo '#include <stdlib.h>' | "${CC:-gcc}" -E - >/dev/null 2>&1; }

# missing prints the Debian packages that the tests need and that are not here.
missing() {
	[ -n "${CARTLINE_TEST_POSTGRES:-}" ] || any postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
	any chromium chromium-browser google-chrome google-chrome-stable || echo chromium
	any redis-server || echo redis-server
	any nginx || [ -x /usr/sbin/nginx ] || echo nginx # not in everybody's PATH
	any caddy || echo caddy
	/usr/bin/python3 -c 'import psycopg2' >/dev/null 2>&1 || echo python3-psycopg2
	any "${CC:-gcc}" || echo gcc
	any "${CC:-gcc}" && has_libc || echo libc6-dev
}

# deps installs what the tests need, or says what to install.
deps() {
	packages=$(missing | tr '\n' ' ')
	if [ -z "$packages" ]; then return; fi
	if [ "$(id -u)" -ne 0 ] || ! any apt-get; then
		die "the tests need packages that are missing here, on Debian:
    apt-get install --no-install-recommends $packages"
	fi
	say "deps: installing $packages"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	# shellcheck disable=SC2086 # one word per package
	apt-get install -q -y --no-install-recommends $packages </dev/null
	packages=$(missing | tr '\n' ' ')
	[ -z "$packages" ] || die "installed, but not found: $packages"
}

# tests runs the tests, of all packages or as the arguments say.
tests() {
	deps
	build
	rivals
	go build -o bin/testreport ./server/internal/testenv/testreport
	# Those that take longest begin first: the others go on beside them.
	[ $# -gt 0 ] || set -- ./server/e2e ./server/ledger ./server ./server/socket ./...
	say "test: go test -race $*"
	# Browser tests drive the program as it ships. One package more at a time than there are
	# cores on a small machine (two took longer), and tests that may run side by side in
	# twice the number: many wait, for disks, restarts and browsers. "lint" has had go vet
	# look already. At the end of a package the race detector would sleep for a second, lest
	# a goroutine that goes on has a race to tell of; but none may go on.
	CARTLINE_BINARY="$PWD/bin/cartline" CGO_ENABLED=1 GORACE="${GORACE:-atexit_sleep_ms=0}" \
		bin/testreport -race -vet=off -timeout 20m -p 3 -parallel 4 "$@"
}

# TRAEFIK is the version of Traefik that its test builds, unless TRAEFIK_BINARY names one.
TRAEFIK=github.com/traefik/traefik/v3@v3.5.0

# traefik builds bin/traefik, which takes some minutes and two gigabytes of modules. Its
# dashboard, a program in JavaScript that is embedded, is left out.
traefik() {
	if [ -x bin/traefik ]; then return; fi
	say "traefik: compiling bin/traefik"
	sources=$(mktemp -d)
	folder=$(cd "$sources" && GOFLAGS=-mod=mod go mod download -json "$TRAEFIK" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
	[ -n "$folder" ] || die "$TRAEFIK can't be had"
	cp -r "$folder" "$sources/traefik"
	chmod -R u+w "$sources"
	mkdir -p "$sources/traefik/webui/static"
	: >"$sources/traefik/webui/static/index.html"
	go -C "$sources/traefik" build -o "$PWD/bin/traefik" ./cmd/traefik
	rm -rf "$sources"
}

# test_traefik runs the program behind Traefik, with the files of deploy/.
test_traefik() {
	deps
	build
	[ -n "${TRAEFIK_BINARY:-}" ] || traefik
	say "test-traefik: go test -race -tags traefik"
	TRAEFIK_BINARY="${TRAEFIK_BINARY:-$PWD/bin/traefik}" CARTLINE_BINARY="$PWD/bin/cartline" CGO_ENABLED=1 \
		go test -race -count=1 -v -tags traefik -timeout 20m -run '^TestTraefik' ./server/deployed
}

# soak runs the ledger test for longer than the tests have time for.
soak() {
	deps
	build
	say "soak: killing the server ${KILLS:-100} times on each database"
	CARTLINE_SOAK_KILLS="${KILLS:-100}" CARTLINE_BINARY="$PWD/bin/cartline" \
		go test -count=1 -v -timeout 6h -run '^TestNothingIsLost$' ./server/ledger
}

lint() {
	say "lint: gofmt"
	unformatted=$(gofmt -l .)
	[ -z "$unformatted" ] || die "run gofmt -w on:
$unformatted"
	say "lint: go mod tidy"
	go mod tidy -diff
	say "lint: go vet"
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./app/... ./shared/...
	say "lint: docs/bench"
	(cd docs/bench && go mod tidy -diff && go vet ./... && go run "$STATICCHECK" ./...)
	say "lint: staticcheck"
	go run "$STATICCHECK" ./...
	# Built for this machine, but looking at the code as for js/wasm.
	go run -exec "env GOOS=js GOARCH=wasm" "$STATICCHECK" ./app/... ./shared/...
}

# bench runs the Go benchmarks that the arguments choose, or else all, and the load
# program as well.
bench() {
	deps
	build
	everything=
	[ $# -gt 0 ] || everything=yes
	[ $# -gt 0 ] || set -- ./shared/... ./server/...
	# One package after the other, so that they don't take each other's time.
	CARTLINE_BINARY="$PWD/bin/cartline" go test -p 1 -run '^$' -bench . -benchmem "$@"
	[ -z "$everything" ] || measure
}

# measure runs the load program, which is told what to measure by the arguments.
measure() {
	rivals
	go build -o bin/bench ./server/bench
	say "load: measuring beside other servers"
	bin/bench "$@"
}

load() {
	deps
	build
	measure "$@"
}

# figures measures, and makes the tables and charts of docs/performance.md anew; what the
# arguments leave out stays as it was.
figures() {
	deps
	build
	measure --keep docs/bench/results.json --json docs/bench/results.json --docs docs "$@"
}

# fuzz runs every fuzz target for FUZZTIME: go test takes one at a time.
fuzz() {
	grep -rE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*\(' . |
		sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*)\(.*|\1 \2|' | sort |
		while read -r dir target; do
			say "fuzz: $dir $target"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" "$dir" </dev/null
		done
}

clean() {
	rm -rf bin dist screenshots
	find web/dist -type f ! -name .gitkeep -exec rm -f {} +
}

usage() {
	echo "usage: build.sh run|build|dist|wasm|rivals|deps|test|test-traefik|soak|lint|bench|load|figures|fuzz|clean [ARGUMENT ...]" >&2
	exit 2
}

target=${1:-}
[ $# -eq 0 ] || shift
case $target in
run | build | dist | wasm | rivals | test | test-traefik | soak | lint | bench | load | figures | fuzz) check_go ;;
esac
case $target in
run)
	build
	exec bin/cartline --demo "$@"
	;;
test) tests "$@" ;;
test-traefik) test_traefik ;;
build | dist | wasm | rivals | deps | soak | lint | bench | load | figures | fuzz | clean) "$target" "$@" ;;
*) usage ;;
esac
