#!/usr/bin/env bash
# Packs what a check on a GPU machine needs, of which nothing but the driver, cuBLAS, python3 and the
# C and C++ libraries has to be there: programs, tests, benchmarks, their libraries and files. Copy
# the folder to that machine and run `python3 FOLDER/gpu_check` (docs/testing.md).
# usage: scripts/gpu_bundle.sh [FOLDER, default build/gpu]
# Other chips than compute capability 9.0 and newer: first
#   cmake --preset gpu-bundle -DSTROMA_CUDA_ARCHITECTURES=80-real …
# With STROMA_DATA set, the real data of that folder goes along.
# With CUDNN_ROOT set to a folder with include/cudnn.h, the comparison with cuDNN is built, too.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build/gpu}
limit_mib=60
scripts/build.sh gpu-bundle >&2

payload=$(mktemp -d)
trap 'rm -rf "$payload"' EXIT
mkdir -p "$payload"/{bin,lib,tests,docs}

programs=()
for program in build/gpu-bundle/bin/{stroma,*_test,*_bench,cudnn_lstm}; do
  # The layout of the repository is tested where the repository is; cudnn_lstm needs cudnn.h.
  [ "${program##*/}" = rooms_test ] || [ ! -e "$program" ] || programs+=("$program")
done
for program in "${programs[@]}"; do
  strip -o "$payload/bin/${program##*/}" "$program"
done
# The C library has to fit the machine's kernel and driver, the C++ one what else it runs.
machines='^(ld-linux.*|linux-vdso|lib(c|m|dl|rt|pthread|resolv|stdc\+\+|gcc_s|cuda))\.so'
ldd "${programs[@]}" | awk '$2 == "=>" {print $1, $3}' | sort -u |
  while read -r name path; do
    [[ $name =~ $machines ]] || cp -L "$path" "$payload/lib/$name"
  done

cp -r tests/golden "$payload/tests/"
cp docs/models.md "$payload/docs/"
find bench -name '*.py' -exec cp --parents {} "$payload" \;
if [ -n "${STROMA_DATA:-}" ]; then
  cp -r "$STROMA_DATA" "$payload/data"
  [ ! -d "$STROMA_DATA/../expected" ] || cp -r "$STROMA_DATA/../expected" "$payload/"
fi
git describe --always --dirty >"$payload/commit"
chmod -R u+w "$payload"

rm -rf "$folder"
mkdir -p "$folder/gpu_check"
cp scripts/gpu_check/*.py "$folder/gpu_check/"
tar -C "$payload" --sort=name --owner=0 --group=0 -cf - . | xz -T0 -6 >"$folder/payload.tar.xz"

bytes=$(du -sb "$folder" | cut -f1)
echo "$folder: $((bytes / 1048576)) MiB packed, $(du -sm "$payload" | cut -f1) MiB unpacked," \
  "built from $(cat "$payload/commit")"
glibc=$(objdump -T "$payload"/bin/* "$payload"/lib/* 2>/dev/null |
  grep -o 'GLIBC_2[0-9.]*' | sort -uV | tail -1)
echo "It needs glibc ${glibc#GLIBC_} or newer."
if [ "$bytes" -gt $((limit_mib * 1048576)) ]; then
  echo "gpu_bundle.sh: $folder is over $limit_mib MiB; build fewer chips" \
    "(STROMA_CUDA_ARCHITECTURES) or pack fewer programs" >&2
  exit 1
fi
