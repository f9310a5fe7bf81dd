# The targets only name what build.sh does; read there how. ARGS is handed to
# the program by "make run", to go test by "make test" and "make bench":
#   make run ARGS="--listen localhost:9000"
#   make test ARGS="./shared/..."

.DEFAULT_GOAL := help
.PHONY: help run build wasm test soak lint bench fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build everything and serve with demo data on http://localhost:8080
	@./build.sh run $(ARGS)

build: ## build the program, bin/cartline, with the UI inside
	@./build.sh build

wasm: ## build the UI alone, into web/dist
	@./build.sh wasm

test: ## install what the tests need, then run them all with the race detector
	@./build.sh test $(ARGS)

soak: ## kill the server KILLS times, 100 by default, on each database, and see that nothing is lost
	@./build.sh soak

lint: ## gofmt, go mod tidy, go vet and staticcheck, natively and for js/wasm
	@./build.sh lint

bench: ## run all benchmarks
	@./build.sh bench $(ARGS)

fuzz: ## run each fuzz target for a while; FUZZTIME, 60s by default
	@./build.sh fuzz

clean: ## remove what was built; data/ stays
	@./build.sh clean
