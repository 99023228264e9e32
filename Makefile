# make test is the one command: it checks everything CI checks.

GO      ?= go
FUZZFOR ?= 3s
# os/arch[/variant]: those of the image, and the systems beside Linux
TARGETS := linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/386 linux/ppc64le linux/s390x linux/riscv64
OTHERS  := darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64 openbsd/amd64 openbsd/arm64
LDFLAGS := -s -w

.PHONY: test needs build format generated vet staticcheck race browser fuzz cross other reproducible \
	image compose kube packages systemd release-check bench size live drift

test: needs format generated vet staticcheck race browser compose kube image systemd release-check reproducible fuzz cross other

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
	$(GO) vet -tags size,live,drift,image,systemd ./internal/cli ./internal/provider/cloudflare ./internal/addr

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
		arch=$${t#*/}; variant=$${arch#*/v}; [ "$$variant" != "$$arch" ] || variant=; \
		GOOS=$${t%%/*} GOARCH=$${arch%%/*} GOARM=$$variant CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o /dev/null . || exit 1; \
	done

# The systems beside Linux: homing builds, the code with its tests is vetted once
# for each, and the tests compile. They are run nowhere but on Linux.
other:
	@for t in $(OTHERS); do \
		echo "build $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o /dev/null . || exit 1; \
	done
	@for os in $(sort $(patsubst %/,%,$(dir $(OTHERS)))); do \
		echo "vet $$os"; \
		GOOS=$$os GOARCH=amd64 $(GO) vet ./... || exit 1; \
	done
	@for os in darwin windows; do \
		echo "compile the tests for $$os"; \
		GOOS=$$os GOARCH=amd64 $(GO) test -c -o dist/tests/ ./... >/dev/null || exit 1; \
		rm -rf dist/tests; \
	done

# two builds in different folders are the same bytes
reproducible:
	@./tools/reproducible

# the container images, with buildah: what is in them, and what they do as 65532
# on read-only files
image: needs
	@./tools/image

# each example of deploy for Docker Compose: valid, and what homing makes of it
compose: build
	cd tools/compose && HOMING=$(CURDIR)/homing $(GO) test -count 1 .

# the manifests and the chart of Kubernetes, checked without a cluster
kube: needs
	cd tools/kube && $(GO) test -count 1 -vet=off ./...

# the .deb, the .rpm and the units in them: made, looked through, installed
packages: needs
	@./tools/packages/check

# the packages on a machine that systemd has booted, in namespaces; needs root
systemd: packages
	HOMING_PACKAGES=$(CURDIR)/dist/packages $(GO) test -tags systemd -count 1 -run Systemd ./internal/cli

# what a release and its files promise, without making one
release-check:
	cd tools/release && $(GO) mod tidy -diff && $(GO) vet ./... && $(GO) test -count 1 ./...

# calls and time for 1 to 2,000 names, beside what the best other program needs
bench:
	$(GO) test -run '^$$' -bench FirstSync -benchtime 5x ./internal/engine
	$(GO) test -run '^$$' -bench Start -benchtime 5x ./internal/cli
	$(GO) test -run '^$$' -bench . -benchmem ./internal/detect ./internal/provider/cloudflare

# size of the binary and the image, memory of the idle daemon
size: needs build
	@./tools/size

# the contract against the real API; needs HOMING_LIVE_TOKEN and HOMING_LIVE_ZONE
live:
	$(GO) test -tags live -count 1 -run Live -v ./internal/provider/cloudflare

# whether the tables of addresses that are built in are still those of IANA and
# of Cloudflare; asks both
drift:
	$(GO) test -tags drift -count 1 -run Drift -v ./internal/addr
