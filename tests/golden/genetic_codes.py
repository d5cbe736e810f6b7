#!/usr/bin/env python3
"""Writes genetic_codes.json: NCBI's genetic codes as Biopython has them. `amino_acids` and `starts`
have a letter for each codon in the order TCAG; `ambiguous` is what Biopython makes of every codon
of IUPAC letters by the standard code, in the order of LETTERS, 15 codons a string.

Run: python tests/golden/genetic_codes.py"""

import itertools
import json
from pathlib import Path

from Bio.Data.CodonTable import unambiguous_dna_by_id
from Bio.Seq import translate

LETTERS = "ACGTRYSWKMBDHVN"

codes = []
for number, table in sorted(unambiguous_dna_by_id.items()):
    codons = ["".join(bases) for bases in itertools.product("TCAG", repeat=3)]
    codes.append({
        "table": number,
        "amino_acids": "".join(table.forward_table.get(codon, "*") for codon in codons),
        "starts": "".join("M" if codon in table.start_codons else "-" for codon in codons),
        "stops": "".join("*" if codon in table.stop_codons else "-" for codon in codons),
    })

ambiguous = ["".join(translate(a + b + c) for c in LETTERS)
             for a, b in itertools.product(LETTERS, repeat=2)]

text = json.dumps({"codes": codes, "letters": LETTERS, "ambiguous": ambiguous}, indent=1)
Path(__file__).with_suffix(".json").write_text(text + "\n")
