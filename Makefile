# make test is the one command: it checks everything CI checks.

GO      ?= go
FUZZFOR ?= 3s
TARGETS := linux/arm linux/arm64 darwin/arm64 windows/amd64 freebsd/amd64
LDFLAGS := -s -w

.PHONY: test needs format generated vet staticcheck race browser fuzz cross bench size live drift build

test: needs format generated vet staticcheck race browser fuzz cross

# what the tests need beside Go; on a machine that has it nothing is installed
needs:
	@./tools/needs

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o homing .

format:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(GO) mod tidy -diff

# the Go of the page is what templ makes of it
generated:
	$(GO) tool -modfile=tools/go.mod templ generate -include-version=false -path internal/web >/dev/null 2>&1
	git diff --exit-code --stat -- internal/web

vet:
	$(GO) vet ./...
	$(GO) vet -tags size,live,drift ./internal/cli ./internal/provider/cloudflare ./internal/addr

staticcheck:
	$(GO) tool -modfile=tools/go.mod staticcheck ./...

race:
	$(GO) test -race ./...

# the page in a real browser; screenshots are left in tools/browser/artefacts
browser: needs
	$(GO) build -o dist/webtest ./internal/web/webtest/serve
	cd tools/browser && npm ci --silent && HOMING_WEBTEST=$(CURDIR)/dist/webtest node --test browser.test.mjs

# each fuzz target for a moment; FUZZFOR=10m for a long look
fuzz:
	@./tools/fuzz $(FUZZFOR)

cross:
	@for t in $(TARGETS); do \
		echo "build $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o /dev/null . || exit 1; \
	done

# calls and time for 1 to 2,000 names, beside what the best other program needs
bench:
	$(GO) test -run '^$$' -bench FirstSync -benchtime 5x ./internal/engine
	$(GO) test -run '^$$' -bench Start -benchtime 5x ./internal/cli
	$(GO) test -run '^$$' -bench . -benchmem ./internal/detect ./internal/provider/cloudflare

# size of the binary, memory of the idle daemon
size: build
	@./tools/size

# the contract against the real API; needs HOMING_LIVE_TOKEN and HOMING_LIVE_ZONE
live:
	$(GO) test -tags live -count 1 -run Live -v ./internal/provider/cloudflare

# whether the tables of addresses that are built in are still those of IANA and
# of Cloudflare; asks both
drift:
	$(GO) test -tags drift -count 1 -run Drift -v ./internal/addr

# The systems beside Linux: each builds, the code is vetted once for each, and
# the tests compile. They are run nowhere but on Linux.
OTHERS := darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64 openbsd/amd64 openbsd/arm64

.PHONY: other reproducible release-check

other:
	@for t in $(OTHERS); do \
		echo "build $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o /dev/null . || exit 1; \
	done
	@for os in $(sort $(dir $(OTHERS))); do \
		echo "vet and compile the tests for $${os%/}"; \
		GOOS=$${os%/} GOARCH=amd64 $(GO) vet ./... || exit 1; \
		rm -rf dist/tests; \
		GOOS=$${os%/} GOARCH=amd64 CGO_ENABLED=0 $(GO) test -vet=off -c -o dist/tests/ ./... >dist/tests.log 2>&1 || { cat dist/tests.log; exit 1; }; \
	done; rm -rf dist/tests dist/tests.log

# two builds in different folders are the same bytes
reproducible:
	@./tools/reproducible

# what a release and its files promise, without making one
release-check:
	cd tools/release && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test ./...
