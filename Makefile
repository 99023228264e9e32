# make test needs Go and make, and nothing else. make check is everything CI
# checks; it says what it needs, and make needs installs that.

GO      ?= go
FUZZFOR ?= 3s
LDFLAGS := -s -w -funcalign=4

# Without cgo, as homing is built, so that nobody needs a C compiler.
export CGO_ENABLED := 0
# where make needs puts what it does not install for everybody
export PATH := $(CURDIR)/dist/needs/bin:$(PATH)

# Tests that are built only for make check, and those of single parts of it.
TAGS := check,size,live,drift,image,systemd,browser

# What else homing is built for: os/arch[/variant]. One of a system will do until
# there is a release, and of Linux the two that are most unlike the others.
SYSTEMS := darwin/arm64 windows/amd64 freebsd/amd64 openbsd/amd64
TARGETS := linux/arm/v6 linux/386 $(SYSTEMS)
ifeq ($(RELEASE),yes)
TARGETS := linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/386 linux/ppc64le linux/s390x linux/riscv64 \
	darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64 openbsd/amd64 openbsd/arm64
endif

# What make check adds to make test. Each part can be run alone, and beside the others.
REST := race year image systemd kube browser compose sdk companion release-check reproducible fuzz cross

.PHONY: test check rest needs build format generated generate vet staticcheck deadcode unit demo $(REST) \
	packages bench truth quiet size waste live drift

test:
	@began=$$(date +%s); \
	$(MAKE) --no-print-directory format generated vet staticcheck deadcode unit demo; code=$$?; \
	echo "make test: $$(($$(date +%s) - began)) s"; exit $$code

check:
	@./tools/needs say
	@$(MAKE) --no-print-directory test rest

rest: $(REST)

# installs what the rest needs, with apt; it removes nothing, and upgrades
# nothing unless UPGRADE=yes
needs:
	@./tools/needs

build:
	CGO_ENABLED=0 $(GO) build -trimpath $$(cat tools/buildflags) -ldflags '$(LDFLAGS)' -o homing .

format:
	@unformatted=$$("$$($(GO) env GOROOT)/bin/gofmt" -l main.go internal tools companion); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(GO) mod tidy -diff

# the Go of a page: what templ makes of it, made less
TEMPL = templ=$$($(GO) tool -modfile=tools/tools.mod -n templ) && slim=$$(mktemp) && trap 'rm -f "$$slim"' EXIT && \
	$(GO) build -o "$$slim" tools/slim.go && cd internal/web && \
	made() { "$$templ" generate -include-version=false -f "$$1" -stdout 2>/dev/null | "$$slim"; }

# the Go of the page is what templ makes of it
generated:
	@$(TEMPL); for page in *.templ; do \
		made "$$page" | cmp -s - "$${page%.templ}_templ.go" || \
			{ echo "internal/web/$${page%.templ}_templ.go is not what templ makes of $$page: make generate"; exit 1; }; \
	done

generate:
	@$(TEMPL); for page in *.templ; do made "$$page" > "$${page%.templ}_templ.go~" && mv "$${page%.templ}_templ.go~" "$${page%.templ}_templ.go" || { rm -f "$${page%.templ}_templ.go~"; exit 1; }; done
	$(GO) generate ./internal/web

vet:
	$(GO) vet -tags $(TAGS) ./...

# For Linux wherever it runs: what only Linux uses is unused elsewhere.
staticcheck:
	@tool=$$($(GO) tool -modfile=tools/tools.mod -n staticcheck) && GOOS=linux GOARCH=amd64 "$$tool" -tags $(TAGS) ./...

# what neither the program nor a test reaches
deadcode:
	@tool=$$($(GO) tool -modfile=tools/tools.mod -n deadcode) && dead=$$(GOOS=linux GOARCH=amd64 "$$tool" -test -tags $(TAGS) ./...) && \
		{ test -z "$$dead" || { echo "$$dead"; exit 1; }; }

unit:
	$(GO) test ./...

# in an environment of its own: what is set here is for another homing
demo:
	$(GO) run -exec 'env -i' . demo --for 8s

# every test, also those that make test leaves out, with the race detector
# without the simulated years: the race detector ends with a CHECK of its own under
# their clock (Go 1.26.8); make test lives them without it
race:
	@./tools/needs have race
	CGO_ENABLED=1 $(GO) test -race -timeout 30m -tags check $$($(GO) list ./... | grep -v /internal/year)

# 200 years in a simulated world that goes wrong: docs/design/proof.md
year:
	$(GO) run ./tools/year --seeds 200

# the page in a real browser; screenshots are left in tools/browser/artefacts
browser:
	@./tools/needs have browser
	$(GO) build -o dist/webtest ./internal/web/webtest/serve
	$(GO) build -o dist/homing .
	cd tools/browser && npm ci --silent && HOMING_WEBTEST=$(CURDIR)/dist/webtest HOMING=$(CURDIR)/dist/homing node --test browser.test.mjs demo.test.mjs
	$(GO) test -tags check,browser -count 1 -run InABrowser ./internal/cli

# each fuzz target for a moment; FUZZFOR=10m for a long look
fuzz:
	@./tools/fuzz $(FUZZFOR)

# The other systems and kinds of machine: homing builds, and the code with its
# tests is vetted for each system. RELEASE=yes builds for all there are.
cross:
	@for t in $(SYSTEMS); do \
		echo "vet $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./... || exit 1; \
	done
	@for t in $(TARGETS); do \
		echo "build $$t"; \
		arch=$${t#*/}; variant=$${arch#*/v}; [ "$$variant" != "$$arch" ] || variant=; \
		GOOS=$${t%%/*} GOARCH=$${arch%%/*} GOARM=$$variant $(GO) build -o /dev/null . || exit 1; \
	done

# two builds in different folders are the same bytes
reproducible:
	@./tools/reproducible

# the container images, with buildah: what is in them, and what they do as 65532
# on read-only files
image:
	@./tools/needs have image
	@./tools/image

# each example of deploy for Docker Compose: valid, and what homing makes of it
compose: build
	@./tools/needs have compose
	cd tools/compose && HOMING=$(CURDIR)/homing $(GO) test -count 1 .

# the manifests and the chart of Kubernetes, checked without a cluster
kube:
	@./tools/needs have kube
	cd tools/kube && $(GO) test -count 1 -vet=off ./...

# The fakes of DNS hosts, as the official SDK of each drives them: a module of its
# own each, so that nothing of an SDK reaches go.mod.
sdk:
	@for m in tools/sdk/*/; do \
		echo "sdk $$m"; began=$$(date +%s); \
		(cd "$$m" && $(GO) vet ./... && $(GO) test -count 1 ./...) || exit 1; \
		echo "sdk $$m: $$(($$(date +%s) - began)) s"; \
	done

# homing-libdns, a module of its own: its libraries before what stands for their DNS
# hosts, and both binaries together. 40 s the first time, 20 s once all is built.
companion:
	@began=$$(date +%s); for m in companion/libdns companion/libdns/contract; do \
		(cd "$$m" && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test -count 1 ./...) || exit 1; \
	done; \
	for t in $(if $(filter yes,$(RELEASE)),$(TARGETS)); do \
		arch=$${t#*/}; variant=$${arch#*/v}; [ "$$variant" != "$$arch" ] || variant=; \
		(cd companion/libdns && GOOS=$${t%%/*} GOARCH=$${arch%%/*} GOARM=$$variant $(GO) build -o /dev/null .) || exit 1; \
	done; \
	echo "companion: $$(($$(date +%s) - began)) s"

# the .deb, the .rpm and the units in them: made, looked through, installed
packages:
	@./tools/needs have packages
	@./tools/packages/check

# the packages on a machine that systemd has booted, in namespaces; needs root
systemd: packages
	@./tools/needs have systemd
	HOMING_PACKAGES=$(CURDIR)/dist/packages $(GO) test -tags check,systemd -count 1 -run Systemd ./internal/cli

# what a release and its files promise, without making one
release-check:
	cd tools/release && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test -count 1 ./...

# calls and time for 1 to 2,000 names, beside what the best other program needs
bench:
	$(GO) test -run '^$$' -bench FirstSync -benchtime 5x ./internal/engine
	$(GO) test -run '^$$' -bench Start -benchtime 5x ./internal/cli
	$(GO) test -run '^$$' -bench . -benchmem ./internal/detect ./internal/provider/cloudflare
	$(GO) test -run '^$$' -bench Sync -benchtime 3x ./internal/provider/rfc2136 ./internal/provider/powerdns ./internal/provider/dyndns2 ./internal/provider/route53 ./internal/provider/digitalocean ./internal/provider/google ./internal/provider/azure ./internal/provider/hetzner ./internal/provider/desec ./internal/provider/gandi ./internal/provider/porkbun

# how long it takes from a change of an address, of the machine and of the router
# behind which it sits, until the record is confirmed, beside polling; 25 minutes
truth:
	@./tools/needs have race
	HOMING_CHANGES=50 $(GO) test -tags check -count 1 -timeout 2h -run IsPublishedInASecond -v ./internal/cli

# how often a home wakes in which nothing happens, with and without listening;
# seven minutes
quiet:
	@./tools/needs have race
	HOMING_QUIET=3m $(GO) test -tags check -count 1 -timeout 20m -run AQuietHome -v ./internal/cli

# size of the binary and the image, memory of the idle daemon
size: build
	@./tools/needs have image race
	@./tools/size

# what the daemon works for and keeps with 20, 2,000 and 10,000 names: CPU and
# memory in one run, and how often it wakes up
waste: build
	HOMING_BINARY=$(CURDIR)/homing $(GO) test -tags check,size -count 1 -timeout 20m -run '^(TestWaste|TestWakeups)$$' -v ./internal/cli | grep -E 'waste:|FAIL|^ok'

# the contract against the real API; needs HOMING_LIVE_TOKEN and HOMING_LIVE_ZONE
live:
	$(GO) test -tags live -count 1 -run Live -v ./internal/provider/cloudflare

# whether the tables of addresses that are built in are still those of IANA and
# of Cloudflare; asks both
drift:
	$(GO) test -tags drift -count 1 -run Drift -v ./internal/addr
