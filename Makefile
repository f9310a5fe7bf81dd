# The targets only name what build.sh does; read there how. ARGS is handed to
# the program by "make run", to go test by "make test" and "make bench", to the load
# program by "make load" and "make figures":
#   make run ARGS="--listen localhost:9000"
#   make test ARGS="./shared/..."

.DEFAULT_GOAL := help
.PHONY: help run build dist wasm rivals test test-traefik soak lint bench load figures fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build everything and serve with demo data on http://localhost:8080
	@./build.sh run $(ARGS)

build: ## build the program, bin/cartline, with the UI inside
	@./build.sh build

dist: ## make a release in dist/: binaries for all platforms, checksums, lists of modules
	@./build.sh dist

wasm: ## build the UI alone, into web/dist
	@./build.sh wasm

rivals: ## build the servers that are measured beside the program, bin/rivals
	@./build.sh rivals

test: ## install what the tests need, then run them all with the race detector
	@./build.sh test $(ARGS)

test-traefik: ## build Traefik, or take that of TRAEFIK_BINARY, and run the program behind it
	@./build.sh test-traefik

soak: ## kill the server KILLS times, 100 by default, on each database, and see that nothing is lost
	@./build.sh soak

lint: ## gofmt, go mod tidy, go vet and staticcheck, natively and for js/wasm
	@./build.sh lint

bench: ## run all Go benchmarks, and then make load; with ARGS, these Go benchmarks only
	@./build.sh bench $(ARGS)

load: ## measure what the program takes, beside other servers; see docs/performance.md
	@./build.sh load $(ARGS)

figures: ## measure it all, and make the tables and charts of docs/performance.md anew
	@./build.sh figures $(ARGS)

fuzz: ## run each fuzz target for a while; FUZZTIME, 60s by default
	@./build.sh fuzz

clean: ## remove what was built; data/ stays
	@./build.sh clean
