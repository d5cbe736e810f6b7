#!/usr/bin/env bash
# Compares stroma kmers on this machine's CPU, in turns, with its peers: counting with KMC 3 (Debian
# package kmc) on random DNA, from FASTA to its binary tables ("kmc") and on to text ("kmc-text",
# unsorted), stroma from FASTA to sorted text, and with that text thrown away ("unwritten", to
# /dev/null); what sequences share with a plain Python script on the demo genome's
# 100 upstream regions. Medians, and the lowest and highest.
#   scripts/bench_kmers.sh [rounds] [million bases] [threads]
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-5}
bases=${2:-100}
threads=${3:-2}
if ! command -v kmc >/dev/null; then
  echo "bench_kmers.sh: there is no kmc; install the package kmc" >&2
  exit 1
fi
[ -n "${STROMA:-}" ] || scripts/build.sh release >&2
stroma=${STROMA:-build/release/bin/stroma}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo ">random"
  head -c "${bases}000000" /dev/urandom |
    LC_ALL=C tr '\000-\377' '[A*64][C*64][G*64][T*64]' | fold -w 80
  echo
} >"$work/random.fasta"
"$stroma" simulate --genes 100 -o "$work/demo.gb" --quiet
"$stroma" extract upstream "$work/demo.gb" -o "$work/upstream.fasta" --quiet

# timed NAME COMMAND…: adds "wall CPU" seconds to the file NAME.
timed() {
  local name=$1
  shift
  /usr/bin/time -a -o "$work/$name" -f '%e %U %S' "$@" >/dev/null
}
# summary NAME: "median (lowest to highest)" of wall and of CPU seconds.
summary() {
  awk '{ printf "%s %.3f\n", $1, $2 + $3 }' "$work/$1" >"$work/sums"
  for column in 1 2; do
    cut -d ' ' -f "$column" "$work/sums" | sort -g |
      awk '{ x[NR] = $1 }
           END { printf "%9.2f (%.2f to %.2f)", (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2, x[1], x[NR] }'
  done
  echo
}

for ((round = 1; round <= rounds; round++)); do
  for k in 8 12 15 21 31; do
    timed "kmc-$k" kmc "-k$k" "-t$threads" -ci1 -cs4294967295 -fm -hp "$work/random.fasta" \
      "$work/kmc" "$work"
    timed "dump-$k" kmc_tools -hp "-t$threads" transform "$work/kmc" dump "$work/kmc.tsv"
    rm -f "$work"/kmc.*
    timed "stroma-$k" "$stroma" kmers count "$work/random.fasta" --k "$k" --canonical \
      --threads "$threads" --quiet -o "$work/counts.tsv"
    timed "unwritten-$k" "$stroma" kmers count "$work/random.fasta" --k "$k" --canonical \
      --threads "$threads" --quiet -o /dev/null
    rm -f "$work/counts.tsv"
  done
  timed shared "$stroma" kmers shared "$work/upstream.fasta" --threads 1 --quiet -o "$work/shared.csv"
  python3 bench/peers/kmers_python.py "$work/upstream.fasta" |
    awk '{ print $1, $1, 0 }' >>"$work/python"
  echo "round $round of $rounds" >&2
done

echo "$bases Mbp, canonical, $threads threads: seconds by the clock, and of CPU time"
for k in 8 12 15 21 31; do
  paste "$work/kmc-$k" "$work/dump-$k" |
    awk '{ print $1 + $4, $2 + $5, $3 + $6 }' >"$work/kmc-text-$k"
  for name in kmc kmc-text stroma unwritten; do
    printf '  k = %-2s  %-9s' "$k" "$name"
    summary "$name-$k"
  done
done
echo "shared k-mers of 100 sequences of 300, k = 5 to 12, one thread: stroma with reading and writing"
for name in python shared; do
  printf '  %-8s' "$name"
  summary "$name"
done
