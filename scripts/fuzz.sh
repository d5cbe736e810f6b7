#!/usr/bin/env bash
# Runs every fuzz target for a while, two at a time; a line each. Inputs that lead to new code are
# kept in build/fuzz/corpus, findings in build/fuzz/findings. Exits 1 on a finding.
# usage: scripts/fuzz.sh [SECONDS a target, default 600] [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
names=("${@:2}")
if [ ${#names[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do
    name=${source##*/}
    names+=("${name%_fuzz.cpp}")
  done
fi
scripts/build.sh fuzz "${names[@]/%/_fuzz}"

# fuzz_one NAME: one target; its log is build/fuzz/NAME.log.
fuzz_one() {
  local name=$1 work=build/fuzz log=build/fuzz/$1.log
  mkdir -p "$work/corpus/$name" "$work/findings"
  if "$work/bin/${name}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$work/findings/$name-" \
    "$work/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "$name: no finding in $(sed -n 's/stat::number_of_executed_units: *//p' "$log") runs"
  else
    echo "$name: FINDING: $(grep -m 1 -E 'ERROR|runtime error|SUMMARY' "$log" || tail -n 1 "$log")"
    sed -n "s|.*Test unit written to |  input: |p" "$log"
    echo "  log: $log"
    return 1
  fi
}
export -f fuzz_one
export seconds
# shellcheck disable=SC2016  # the inner shell expands $1
printf '%s\0' "${names[@]}" | xargs -0 -n 1 -P 2 bash -c 'fuzz_one "$1"' fuzz
