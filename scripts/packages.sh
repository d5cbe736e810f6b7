# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are for those who source this
# Sourced by the other scripts: the Debian and Ubuntu packages (Debian 12, Ubuntu 24.04 or newer)
# that each job needs, and a function that installs those that are missing.

# libdnnl-dev's CMake files ask for OpenCL, which the package only recommends.
build_packages=(build-essential cmake ninja-build libfmt-dev libcli11-dev nlohmann-json3-dev
  libtomlplusplus-dev libdnnl-dev ocl-icd-opencl-dev zlib1g-dev libbz2-dev liblzma-dev libzstd-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
emulated_packages=(libboost-context-dev)
cuda_packages=(python3)
# clang's tools read OpenMP's header from libomp-dev. Through ccache the emulated build takes over what
# the release build has compiled already: all that calls no kernel.
test_packages=(ccache clang-format clang-tidy libomp-dev shellcheck)
fuzz_packages=(clang libclang-rt-dev libomp-dev)

# require_packages PACKAGE…: installs what is missing; without root, prints the one command that
# does and exits 1. Where there is no dpkg, CMake says what it does not find.
require_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat '${db:Status-Status}\n' "$package" 2>/dev/null |
      grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      echo "Packages are missing. As root, run this and try again:" >&2
      echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The packages could not be installed; apt-get's last lines are above." >&2
    exit 1
  fi
  rm "$log"
}
