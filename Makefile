# The commands of the repository. `make` alone lists them.

PORT ?= 8080
DATA ?= demo-data
LEADBOURSE_SHARED ?= ../shared
# Variables LEADBOURSE_* are the program's settings, and it refuses what it does not know: ours go
# down under another prefix.
unexport LEADBOURSE_SHARED
export LB_TEST_SHARED := $(LEADBOURSE_SHARED)

# Programs are built into CARGO_TARGET_DIR when it is set.
TARGET := $(or $(CARGO_TARGET_DIR),target)

.DEFAULT_GOAL := help
.PHONY: help run serve build ui test test-data check bench screenshots fmt schema snapshots

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: build ## start the demo market: make run PORT=8080 DATA=demo-data
	@"$(TARGET)/debug/leadbourse" demo --port "$(PORT)" --data "$(DATA)"

serve: DATA := $(if $(filter file,$(origin DATA)),data,$(DATA))
serve: build ## start an empty exchange: make serve PORT=8080 DATA=data
	@"$(TARGET)/debug/leadbourse" serve --bind "127.0.0.1:$(PORT)" --data "$(DATA)"

build: ui ## build the front end and the program
	@cargo build --locked --bin leadbourse

ui: ## build the front end when its sources changed
	@scripts/ui

test: ## install what is missing, then check and run every test (NO_INSTALL=1: only say what is missing)
	@scripts/test

test-data: ## tests on the real data sets in LEADBOURSE_SHARED
	@scripts/test-data

check: ## formatting, lints, licences, spelling, drift, file sizes
	@scripts/prepare check
	@scripts/check

bench: ## intake against pgbench, side by side
	@cargo xtask bench intake

screenshots: ## pictures of the UI into docs/screenshots
	@scripts/prepare test
	@scripts/e2e screenshots

fmt: ## format everything
	@cargo fmt --all
	@if [ -f frontend/package.json ]; then cd frontend && npm run --silent format; fi

schema: ## write schema.graphql, the typed client and docs/ERRORS.md anew
	@cargo run --quiet --locked --bin leadbourse -- schema > schema.graphql.new && mv schema.graphql.new schema.graphql
	@cargo xtask errors
	@if [ -d frontend/node_modules ]; then cd frontend && npm run --silent generate; fi

snapshots: ## accept changed snapshots
	@UPDATE_SNAPSHOTS=1 INSTA_UPDATE=always scripts/with-servers cargo nextest run --workspace
