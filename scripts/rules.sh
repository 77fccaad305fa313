#!/usr/bin/env bash
# The chart's alerts: that Prometheus can read them, and that each fires when it should and not when it should not.
set -euo pipefail
cd "$(dirname "$0")/.."
promtool check rules charts/lull/files/rules/lull.rules.yaml
promtool test rules charts/lull/tests/rules.test.yaml
