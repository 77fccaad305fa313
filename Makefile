# Lull. `make help` lists what there is; README.md says more.
# One .sh or .ts file does the work of each target: this is their index, not a program.
SHELL := /bin/bash
NODE := node_modules/.bin/node
CLUSTER := $(NODE) test/cluster/main.ts
VITEST := $(NODE) node_modules/vitest/vitest.mjs run
.DEFAULT_GOAL := help
.PHONY: help setup demo test up down env images install unit e2e lint format typecheck crds dashboards verify chart bench-coldstart bench-warm bench-boost bench-bundle bench-scale bench-proxy bench-proxy-cluster bench-lambda conformance-lambda-api simulate-idle soak cli

##@ Begin here
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
demo: install ## A Kubernetes, Lull on it, a function at zero, one request answered, and back to zero
	@eval "$$($(CLUSTER) env)" && $(NODE) test/demo.ts
test: ## Every test there is; ends with "N passed, N failed"
	@bash scripts/test.sh
down: setup ## Remove everything that was started
	@$(CLUSTER) down

##@ The cluster
setup: ## Install what this machine lacks
	@bash scripts/setup.sh
up: setup ## Start a cluster, or find that it runs (LULL_CLUSTER=existing|kind|native)
	@$(CLUSTER) up
env: ## Print the export line for this cluster: eval "$(make -s env)"
	@$(CLUSTER) env
images: setup ## Build the images, and load them into the cluster if one is up (IMAGES="nodejs22 python313": these only)
	@$(NODE) images/build.ts $(IMAGES)
install: up ## Install Lull on the cluster, from the images built here
	@$(NODE) images/build.ts
	@bash scripts/install.sh

##@ While working on it
unit: setup ## Unit and integration tests
	@$(VITEST)
e2e: install ## End-to-end tests
	@bash scripts/setup.sh tests
	@eval "$$($(CLUSTER) env)" && $(VITEST) --config vitest.e2e.config.ts
typecheck: setup ## Types
	@node_modules/.bin/tsc -p .
lint: setup ## Lint and format, checked
	@node_modules/.bin/biome check --error-on-warnings .
format: setup ## Lint and format, mended
	@node_modules/.bin/biome check --write .
cli: setup ## Build the command line: dist/lull.mjs (needs Node 24 to run)
	@$(NODE) cli/bundle.ts
crds: setup ## Generate crds/ from common/api
	@$(NODE) crds/generate.ts
dashboards: setup ## Generate the chart's dashboard from charts/dashboards
	@$(NODE) charts/dashboards/generate.ts
chart: setup ## Lint and render the chart, and test its alerts
	@"$$($(NODE) test/cluster/helm.ts)" lint --strict charts/lull
	@bash scripts/rules.sh
	@$(VITEST) test/integration/chart.test.ts charts
verify: setup ## Generate everything anew and fail on a difference
	@bash scripts/verify.sh

##@ Measurements
soak: setup ## An hour of mixed load through the activator: nothing may be left of it (MINUTES=60)
	@$(NODE) test/bench/proxy/soak.ts
bench-proxy: setup ## What a request costs in the activator, against a Go ReverseProxy (ROUNDS=5)
	@$(NODE) test/bench/proxy/main.ts
bench-lambda: setup ## What bridge and activator add to an invocation, against AWS's clients alone (ROUNDS=5 SECONDS=3)
	@$(NODE) images/bundle.ts
	@$(NODE) test/bench/lambda/main.ts
bench-proxy-cluster: install ## The CPU that Lull adds to a request on the real cluster
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/proxy/cluster.ts
conformance-lambda-api: install ## What AWS's own clients make of Lambda's API here: the table of docs/reference/lambda-api.md
	@eval "$$($(CLUSTER) env)" && $(NODE) test/conformance/lambda-api/main.ts
bench-coldstart: install ## How fast functions wake, against the floor (WAKES=20)
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/coldstart/main.ts
bench-warm: install ## The first answer from a warm pool, against the ordinary wake in the same run (WAKES=30 CLAIMS=1000 ONLY=single,many,idle,soak)
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/warm/main.ts
bench-boost: install ## The wake with and without spec.startupBoost, on an idle and on a busy node (WAKES=10)
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/boost/main.ts
bench-bundle: install ## What 50 MB of code cost a wake (WAKES=10 ROUNDS=3)
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/bundle/main.ts
bench-scale: install ## Growing demand, bursts, steady load, Prometheus away: pods, latency, and an SVG of them (ONLY=ramp,step,...)
	@eval "$$($(CLUSTER) env)" && $(NODE) test/bench/scale/main.ts
simulate-idle: setup ## Replay a trace of requests against idle policies: cold starts and idle pod-seconds (TRACE=file.csv)
	@$(NODE) test/bench/idle/main.ts
