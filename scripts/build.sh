#!/usr/bin/env bash
# Installs what is missing, configures and builds one preset of CMakePresets.json into build/PRESET.
# usage: scripts/build.sh [release|debug|asan|fuzz|emulated|emulated-checked|cuda|gpu-bundle] [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

preset=${1:-release}
targets=("${@:2}")
case $preset in
  release | debug | asan) require_packages "${build_packages[@]}" ;;
  fuzz) require_packages "${build_packages[@]}" "${fuzz_packages[@]}" ;;
  emulated | emulated-checked) require_packages "${build_packages[@]}" "${emulated_packages[@]}" ;;
  cuda | gpu-bundle)
    require_packages "${build_packages[@]}" "${cuda_packages[@]}"
    if ! command -v "${CUDACXX:-nvcc}" >/dev/null; then
      echo "The $preset preset needs nvcc: install the CUDA Toolkit and put its bin folder on PATH" \
        "(or name nvcc in CUDACXX). The emulated preset runs the same kernels without it." >&2
      exit 1
    fi
    ;;
  *)
    echo "usage: scripts/build.sh [release|debug|asan|fuzz|emulated|emulated-checked|cuda|gpu-bundle] [TARGET…]" >&2
    exit 2
    ;;
esac

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
fi

# A live line on a terminal; elsewhere only what goes wrong.
build_options=()
[ -t 1 ] || build_options=(-- --quiet)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
cmake --build --preset "$preset" "${targets[@]/#/--target=}" "${build_options[@]}"

# What the compiler made of the kernels; fails where one that must not spill does.
if [ "$preset" = cuda ] && [ ${#targets[@]} -eq 0 ]; then scripts/kernel_resources.py; fi
