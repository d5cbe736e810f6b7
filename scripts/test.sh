#!/usr/bin/env bash
# Builds and runs every test that this machine allows: layout and lint, the tests on the CPU and the
# emulated GPU, then both again under the address and undefined-behaviour sanitizers with every
# access of a kernel checked, and last the release build's.
# Ends with ctest's summary; exits 1 if any stage failed.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh
require_packages "${build_packages[@]}" "${test_packages[@]}"

rooms=(kernels engine datasets augment layers training analysis tools tests bench)
clang_version=14  # Debian 12's; others lay code out a little differently and know other checks
failed=()

# stage NAME COMMAND…: runs a command, says how long it took, and remembers a failure.
stage() {
  local name=$1 start=$SECONDS
  echo "== $name"
  if "${@:2}"; then
    echo "== $name: passed in $((SECONDS - start)) s"
  else
    echo "== $name: FAILED after $((SECONDS - start)) s"
    failed+=("$name")
  fi
}

# sources SUFFIX…: the source files of the rooms with these suffixes, each ended by a zero byte.
sources() {
  local rooms_here=() room names=() suffix
  for room in "${rooms[@]}"; do [ ! -d "$room" ] || rooms_here+=("$room"); done
  for suffix in "$@"; do names+=(-o -name "*.$suffix"); done
  find "${rooms_here[@]}" -type f \( "${names[@]:1}" \) -print0 | sort -z
}

has_clang_tool() {
  "$1" --version | grep -q "version $clang_version\." && return
  echo "skipped: $1 is not version $clang_version"
  return 1
}

layout() {
  # A test fails at 400 (tests/rooms).
  sources cpp h cu cuh | xargs -0 wc -l |
    awk '$2 != "total" && $1 > 330 { print $2 " has " $1 " of at most 400 lines" }'
  sources cpp h cu cuh | xargs -0 clang-format --dry-run -Werror
}

# Files that passed before with the same headers and checks are not read again.
tidy() {
  local passed=build/tidy
  mkdir -p "$passed"
  export passed headers
  headers=$(sources h | xargs -0 cat .clang-tidy | sha256sum)
  # shellcheck disable=SC2016  # the inner shell expands these
  sources cpp | xargs -0 -n 1 -P "$(nproc)" bash -c '
    key=$(printf "%s" "$headers" | cat - "$1" | sha256sum | cut -c1-32)
    [ ! -e "$passed/$key" ] || exit 0
    build=build/release
    # Only there are they compiled; and what calls cuDNN only in a CUDA build.
    [[ $1 != kernels/cuda/* && $1 != bench/gpu* ]] || build=build/emulated
    [[ $1 != bench/peers/cudnn_* ]] || exit 0
    clang-tidy --quiet -p "$build" "$1" 2>/dev/null && touch "$passed/$key"' tidy
}

# run_tests PRESET [OPTION…]: the preset's tests, terse where they pass.
run_tests() {
  OMP_WAIT_POLICY=passive ctest --preset "$1" --parallel "$(nproc)" --timeout 600 --progress "${@:2}"
}

built_and_run() { scripts/build.sh "$1" && run_tests "$1"; }

stage "release build" scripts/build.sh release
stage "shellcheck" shellcheck -x scripts/*.sh .ci/run
if has_clang_tool clang-format; then stage "layout (clang-format)" layout; fi
stage "tests, emulated GPU" built_and_run emulated
stage "tests, sanitized, every access of a kernel checked" built_and_run emulated-checked
if has_clang_tool clang-tidy; then stage "lint (clang-tidy)" tidy; fi
if [ ${#failed[@]} -gt 0 ]; then
  run_tests release || true
  printf 'FAILED stage: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "== tests, release"
run_tests release
