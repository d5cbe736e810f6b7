"""What k-mers the sequences of a FASTA file share, as a plain Python script counts them: a Counter
for each sequence and k, and for each pair the smaller counts of the words in both, k = 5 … 12. Prints
the seconds and the sum over all pairs.

usage: kmers_python.py upstream.fasta
"""
import sys
import time
from collections import Counter
from itertools import combinations

names, sequences = [], []
for line in open(sys.argv[1]):
    if line.startswith(">"):
        names.append(line[1:].split()[0])
        sequences.append("")
    else:
        sequences[-1] += line.strip().upper()

start = time.perf_counter()
counts = [
    [Counter(s[i : i + k] for i in range(len(s) - k + 1)) for k in range(5, 13)] for s in sequences
]
shared = {
    (names[a], names[b]): sum(
        min(x[word], y[word]) for x, y in zip(counts[a], counts[b]) for word in x.keys() & y.keys()
    )
    for a, b in combinations(range(len(names)), 2)
}
print(f"{time.perf_counter() - start:.3f} s, {sum(shared.values())} shared k-mers")
