# `make help` lists what there is. Everything installs what it needs first, and says so.

SWIFT_TEST_FLAGS ?=
FUZZ_INPUTS ?= 50000
SEED ?= 1
CHAOS_KILLS ?= 200
CHAOS_OUTAGE_SEEDS ?= 1000
ROLL_KILLS ?= 60
STEADY_SECONDS ?= 600
STEADY_FLAGS ?=
CHAOS_BUILD ?= release
WINDOWS_FLAGS ?=
LATENCY_ALERTS ?= 1000
LATENCY_BUILD ?= release
LATENCY_LIMIT_MS ?= 1000
SIMULATION_SEEDS ?= 1000
SIMULATION_STEPS ?= 10000
PROPERTY_CASES ?= 20000
HOSTILE_MESSAGES ?= 10000
HISTORIES ?= 20
INERT_STRINGS ?= 10000
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: help build install uninstall demo install-check test unit coverage faults attack inert few-inert readme long-histories histories hostile few-hostile fuzz properties stress steady simulate simulate-search chaos clocks few-clocks few-kills roll few-rolls latency few-latency next-version schemas deploy-check deploy-full drill few-drills plan apply format lint bench backlog objectives windows alerting-study soak clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the release binary, .build/release/tidewatch.
	@scripts/install-dependencies build
	swift build -c release --product tidewatch

# Not after `build`, which root should not run: `make build`, then `sudo make install`.
install: ## Install what `build` made, with completions and a man page (PREFIX, DESTDIR).
	@scripts/install .build/release/tidewatch $(PREFIX)

uninstall: ## Remove what `install` installed (PREFIX, DESTDIR).
	@scripts/install --remove $(PREFIX)

demo: build ## The whole story in about a minute: an incident, its alerts, the SLO report.
	.build/release/tidewatch demo

# What mostly waits, and what keeps the cores busy, which `test` runs beside it. Those of `busy` begin with what builds into folders of its own:
# two builds into one wait for each other. `next-version` comes after both, as it puts another binary in the place of the one that the others run.
waiting = unit faults attack few-inert readme install-check few-kills few-latency schemas few-drills
busy = fuzz stress properties long-histories simulate few-hostile deploy-check

test: lint ## All checks that run in continuous integration.
	@scripts/install-dependencies test
	@scripts/install-test-tools
	swift build --build-tests
	scripts/beside '$(MAKE) $(waiting)' '$(MAKE) $(busy)'
	$(MAKE) next-version
	@echo "every check passed"

unit: ## Unit, property and end-to-end tests.
	@scripts/install-dependencies test
	@scripts/install-test-tools
	swift build --build-tests
	scripts/test $(SWIFT_TEST_FLAGS)

coverage: ## How much of each target its own tests run, by llvm-cov; less than COVERAGE_MIN (70) percent fails.
	@scripts/install-dependencies test
	scripts/coverage

faults: ## Small inputs that once went wrong, with the binary that `unit` builds.
	scripts/check-faults

attack: ## Every attack on it that is known, repeated, with the binary that `unit` builds.
	@scripts/install-dependencies test
	scripts/attack

inert: ## Hostile strings into every output, each read by a parser of its kind, with the binary that `unit` builds (INERT_STRINGS).
	scripts/check-inert --strings $(INERT_STRINGS)

few-inert:
	$(MAKE) inert INERT_STRINGS=2000

readme: ## The commands and configurations in README.md and docs/, with the binary that `unit` builds; what pages name is there.
	@scripts/install-dependencies test
	scripts/check-documents
	python3 -B -m unittest discover --start-directory deploy/cost/tests
	deploy/cost/cost --check docs/cost.md
	scripts/check-readme

install-check: ## Installation, man page and completions, with the binary that `unit` builds.
	@scripts/install-dependencies test
	scripts/check-install

fuzz: ## Mutated inputs at every decoder and the expression parser, filters at their index, under AddressSanitizer.
	@scripts/install-dependencies build
	scripts/fuzz $(FUZZ_INPUTS) $(SEED)

properties: ## Documents written in every legal way give the same events, live and as files (PROPERTY_CASES, SEED).
	@scripts/install-dependencies build
	scripts/properties $(PROPERTY_CASES) $(SEED)

stress: ## Threads at the lock-free structures and the Kafka client, under ThreadSanitizer.
	@scripts/install-dependencies build
	scripts/stress

simulate: ## Ten million steps of the drivers of counting, evaluation and delivery, and planted mistakes (SIMULATION_SEEDS, SIMULATION_STEPS).
	@scripts/install-dependencies build
	SIMULATION_SEEDS=$(SIMULATION_SEEDS) SIMULATION_STEPS=$(SIMULATION_STEPS) scripts/simulate

simulate-search: ## The first seed that finds each planted mistake in the drivers' surroundings (PLANTED).
	@scripts/install-dependencies build
	SIMULATION_SEEDS=10000 scripts/simulate --only --search --planted $(or $(PLANTED),all)

long-histories: build ## 400 days of minutes and 8 days of seconds through replay, against an oracle.
	scripts/long-histories

# The tests are those that `unit` builds.
hostile: build ## Ten thousand messages that expand to a megabyte each, with something too large for a topic (HOSTILE_MESSAGES).
	TIDEWATCH_BINARY=$(CURDIR)/.build/release/tidewatch TIDEWATCH_HOSTILE_MESSAGES=$(HOSTILE_MESSAGES) \
		scripts/test --filter HostileMessageTests

few-hostile:
	$(MAKE) hostile HOSTILE_MESSAGES=2000

# The tests are those that `unit` builds, which tries two of them.
histories: ## What lies in topics is judged the same by files, one worker, four, and a kill in the middle (HISTORIES).
	TIDEWATCH_HISTORIES=$(HISTORIES) scripts/test --filter HistoryTests

chaos: ## 200 kills of consumers under load; every count and page must be exact (CHAOS_KILLS, CHAOS_SEED, TIDEWATCH_BOOTSTRAP).
	@scripts/install-dependencies build
	swift build -c $(CHAOS_BUILD) --product tidewatch
	swift build -c $(CHAOS_BUILD) --product tidewatch-chaos
	CHAOS_OUTAGE_SEEDS=$(CHAOS_OUTAGE_SEEDS) .build/$(CHAOS_BUILD)/tidewatch-chaos --outage
	CHAOS_KILLS=$(CHAOS_KILLS) .build/$(CHAOS_BUILD)/tidewatch-chaos

clocks: ## The same with members on hosts whose clocks are off by 40 s or an hour, or step (CHAOS_KILLS, CHAOS_SEED).
	@scripts/install-dependencies build
	swift build -c $(CHAOS_BUILD) --product tidewatch
	swift build -c $(CHAOS_BUILD) --product tidewatch-chaos
	swift build -c $(CHAOS_BUILD) --product HostClock
	CHAOS_KILLS=$(CHAOS_KILLS) .build/$(CHAOS_BUILD)/tidewatch-chaos --clocks

# With the binaries that `unit` builds.
few-clocks:
	$(MAKE) clocks CHAOS_KILLS=4 CHAOS_BUILD=debug

# With the binaries that `unit` builds.
few-kills:
	$(MAKE) chaos CHAOS_KILLS=11 CHAOS_OUTAGE_SEEDS=10 CHAOS_BUILD=debug

# With 0.1.0 where the history has it, else from this release on.
roll: ## The documented upgrade under load and kills, from 0.1.0 on; every count must be exact (ROLL_KILLS, CHAOS_SEED).
	@scripts/install-dependencies build
	swift build -c $(CHAOS_BUILD) --product tidewatch
	swift build -c $(CHAOS_BUILD) --product tidewatch-chaos
	former=$${TIDEWATCH_FORMER_BINARY-$$(scripts/build-former $(CHAOS_BUILD))} || [ $$? -eq 3 ] || exit 1; \
	CHAOS_KILLS=$(ROLL_KILLS) TIDEWATCH_FORMER_BINARY=$$former .build/$(CHAOS_BUILD)/tidewatch-chaos --roll

# With the binaries that `unit` builds, and from one version of the records to the other only.
few-rolls:
	$(MAKE) roll ROLL_KILLS=5 CHAOS_BUILD=debug TIDEWATCH_FORMER_BINARY=

latency: ## From the record that completes a slice to the page, on both brokers: the 99th percentile is below a second (LATENCY_ALERTS, LATENCY_LIMIT_MS).
	@scripts/install-dependencies test
	@scripts/install-test-tools
	swift build -c $(LATENCY_BUILD) --product tidewatch
	swift build -c $(LATENCY_BUILD) --product tidewatch-latency
	LATENCY_ALERTS=$(LATENCY_ALERTS) LATENCY_LIMIT_MS=$(LATENCY_LIMIT_MS) .build/$(LATENCY_BUILD)/tidewatch-latency

# With the binaries that `unit` builds, and a limit that a starved machine keeps: that each alert is paged once is what it finds out.
few-latency:
	$(MAKE) latency LATENCY_ALERTS=20 LATENCY_BUILD=debug LATENCY_LIMIT_MS=20000

next-version: ## This release beside one that knows one version of own records more, under kills.
	@scripts/install-dependencies build
	CHAOS_KILLS=4 scripts/next-version debug

steady: build ## Ten minutes at half of the capacity: memory, lag, log, totals (STEADY_SECONDS, STEADY_FLAGS='--rate N').
	STEADY_SECONDS=$(STEADY_SECONDS) scripts/steady $(STEADY_FLAGS)

schemas: ## Every published message, every example and the documentation, against the JSON Schemas.
	@scripts/install-dependencies test
	swift build --product tidewatch
	scripts/check-schemas

# With the binary that `unit` builds.
drill: ## Recovery practised: state is deleted under traffic and restored by the commands of deploy/runbooks; RTO, RPO, counts; planted mistakes (DRILL_FLAGS='--only changelog').
	scripts/drill $(DRILL_FLAGS)

# Two drills and a planted mistake, in less than two minutes.
few-drills:
	scripts/drill --few

deploy-check: ## What deploy/ and .github hold: images, Kubernetes, Terraform, the CDK, workflows, scans; in eight minutes.
	@scripts/install-dependencies test
	scripts/check-deploy --all

deploy-full: ## The same with every planted mistake, every module that moto carries, and every environment.
	@scripts/install-dependencies test
	scripts/check-deploy --full

plan: ## What deploy/terraform would change in an environment: ENV=dev, staging, uat, prod or prod-dr.
	@deploy/scripts/terraform plan '$(ENV)'

apply: ## Apply the plan that `plan` made of it, after a question (ENV, APPLY_FLAGS).
	@deploy/scripts/terraform apply '$(ENV)' $(APPLY_FLAGS)

lint: ## Formatting, as `make format` leaves it.
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format: ## Format all Swift files in place.
	swift format --in-place --recursive --parallel Package.swift Sources Tests

bench: build ## Measure, side by side with other engines where PyPI is reachable.
	@scripts/install-dependencies test
	Benchmarks/run

windows: ## Thirty days of 10,000 SLOs, restored as at a start: time, memory, bytes (WINDOWS_FLAGS='--sources 3'); before it what a group takes.
	@scripts/install-dependencies build
	swift build -c release --product tidewatch-bench-groups
	.build/release/tidewatch-bench-groups
	swift build -c release --product tidewatch-bench-windows
	.build/release/tidewatch-bench-windows $(WINDOWS_FLAGS)

backlog: build ## CPU for each message of a backlog, beside librdkafka alone and replay; then two counting threads beside one.
	@scripts/install-dependencies test
	@scripts/install-test-tools
	Benchmarks/backlog/measure
	swift build -c release --product tidewatch-bench-threads
	.build/release/tidewatch-bench-threads

objectives: build ## What 10,000 SLOs cost a consumer over Kafka, beside 10 (OBJECTIVES_FLAGS='--messages 1000').
	@scripts/install-dependencies test
	@scripts/install-test-tools
	Benchmarks/objectives/measure $(OBJECTIVES_FLAGS)

alerting-study: ## How often pages are false and how late they are right, beside other guards: docs/alerting.md (STUDY_FLAGS='--seed 2').
	swift build -c release --product tidewatch-alerting-study
	.build/release/tidewatch-alerting-study $(STUDY_FLAGS)

soak: ## Two million inputs for each fuzz target, and the stress tests for longer.
	FUZZ_INPUTS=2000000 $(MAKE) fuzz
	STRESS_SECONDS=300 $(MAKE) stress

clean: ## Remove what was built.
	rm -rf .build .build-*
