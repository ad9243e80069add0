# Filled in as the parts arrive.
SHELL := /bin/bash
.PHONY: build
build:
	swift build
