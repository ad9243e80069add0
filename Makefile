# TwoLists. `make run` starts the bureau's server with development certificates and seed data; `make test` runs everything.
SHELL := /bin/bash
RUN   := .run
PORT  ?= 7443
BIN   := .build/release
RELEASE := -c release --static-swift-stdlib

.PHONY: run demo test soak bench fuzz proto proto-check deb deb-test format lint build release tools test-tools dev-certs clean-run

tools:
	@.ci/tools.sh run
test-tools:
	@.ci/tools.sh test

build: tools
	swift build

# One set of flags for all: programs built with different ones would each be built anew whenever another was.
release: tools
	swift build $(RELEASE) --product twolists-server
	swift build $(RELEASE) --product twolists

dev-certs: release
	@$(BIN)/twolists ca dev Certs/dev  # keeps good certificates, renews what ends soon, makes a fresh CRL

run: release dev-certs
	@.ci/serve.sh $(RUN) $(PORT)

# The story of a few hours, then a city's year on a demonstration clock.
demo: release
	@Tests/EndToEnd/demo.sh $(BIN)
	@Tests/EndToEnd/year.sh $(BIN)

# A few tests at a time: begun all at once, those that wait for an answer wait behind those that compute, and run out of time.
WIDTH := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4

test: test-tools
	TWOLISTS_TOOLS=required $(WIDTH) swift test

soak: test-tools
	TWOLISTS_TOOLS=required TWOLISTS_SOAK=1 $(WIDTH) swift test -c release -Xswiftc -enable-testing --scratch-path .build-soak

bench: release
	swift build $(RELEASE) --product twolists-bench
	$(BIN)/twolists-bench all

fuzz: tools
	@Tests/Fuzz/run.sh

proto:
	@Protocol/generate.sh

# The rules of the schema, and what the last release promised.
proto-check:
	@Protocol/check.sh

format:
	swift format --in-place --recursive Sources Tests Package.swift

lint: proto-check
	swift format lint --strict --recursive Sources Tests Package.swift
	swift build --explicit-target-dependency-import-check error

clean-run:
	rm -rf $(RUN)

# The package: programs, service, manual pages, completion. Says where it lies.
deb: release
	@.ci/deb/build.sh $(BIN) .build/deb

# Installs, upgrades and purges it on this machine, which must have no TwoLists, and runs the operator's page. As root.
deb-test: test-tools release
	@Tests/Package/deb-test.sh $(BIN)
