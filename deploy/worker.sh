#!/bin/sh
# A process worker: creates the work pool where it is missing, registers the deployments, and works.
# Needs PREFECT_API_URL; run it in the clone, because the flows run where `prefect deploy` was called.
set -eu
PATH=$(cd "$(dirname "$0")/.." && pwd)/.venv/bin:$PATH
: "${PREFECT_API_URL:?start a server (prefect server start) and set PREFECT_API_URL=http://HOST:4200/api}"
prefect work-pool inspect gapindex-pool >/dev/null 2>&1 || prefect work-pool create gapindex-pool --type process
prefect --no-prompt deploy --all
gapindex alerts automations || echo "the automations could not be created; nights run without them" >&2
exec prefect worker start --pool gapindex-pool --type process --with-healthcheck
