#!/usr/bin/env bash
# Compiles a kernel file for CMake, and keeps what ptxas -v says of registers and spills beside the
# object, as OBJECT.ptxas, for scripts/kernel_resources.py; everything else is printed.
# usage: keep_ptxas_report.sh nvcc … -o OBJECT …
set -uo pipefail

object=
for ((i = 1; i < $#; i++)); do
  [ "${!i}" != -o ] || { next=$((i + 1)) && object=${!next}; }
done
[ -n "$object" ] || exec "$@"

"$@" 2>"$object.ptxas"
status=$?
grep -v -E '^ptxas info|^ +[0-9]+ bytes (stack frame|cumulative)' "$object.ptxas" >&2
exit $status
