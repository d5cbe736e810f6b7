#!/usr/bin/env python3
"""Random feature tables, written as GenBank, EMBL and GFF3, read by Stroma and by Biopython.

Asks for the same parts in the same order, the same letters, names and proteins. Ends with status 77,
"skipped" for ctest, where Biopython is not installed (it has no reader of GFF3: there its reading
of the same table as GenBank is the measure).
usage: biopython_test.py DUMP_RECORDS [RECORDS]
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings

try:
    from Bio import SeqIO
    from Bio.Data import CodonTable
except ImportError:
    print("skipped: Biopython is not installed")
    sys.exit(77)

# No word begins with a slash: Biopython takes a line of a note that does for a qualifier.
WORDS = ["first", 'a "quoted" word', "and", "see/gene=x", "longer-than-most-words-are", "1..5", "end."]


# Not 27, 28 and 31, where a stop codon may also be an amino acid.
CODES = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 29, 30, 32, 33]
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


class Table:
    """A record: letters, and features of (key, gene, note, parts); a part is (begin, end, strand,
    how), from 0, in biological order."""

    def __init__(self, rng, number):
        self.id = f"REC{number}.{rng.randint(1, 9)}"
        self.name = self.id.split(".")[0]
        self.length = rng.choice([60, 61, 120, rng.randint(100, 400), rng.randint(400, 3000)])
        self.circular = rng.random() < 0.5
        self.letters = "".join(rng.choices("ACGTN", weights=[9, 9, 9, 9, 1], k=self.length))
        self.features = [self.feature(rng, i) for i in range(rng.randint(1, 12))]
        self.features.append(self.coding(rng))

    def feature(self, rng, number):
        note = " ".join(rng.choices(WORDS, k=rng.randint(1, 15)))
        key = rng.choice(["gene", "CDS", "misc_feature", "tRNA"])
        return {"key": key, "gene": f"g{number}", "note": note, **self.location(rng)}

    def location(self, rng):
        kinds = ["range", "base", "join", "mixed", "partial", "between", "remote"]
        kind = rng.choice(kinds + ["origin", "origin"] * self.circular)
        strand = rng.choice([1, -1])
        if kind == "origin":
            return {"kind": kind, "parts": self.over_origin(rng, strand)}
        # Not to the ends: parts that meet there are one stretch of a circle.
        count = rng.randint(2, 6) if kind in ("join", "mixed") else 1
        cuts = sorted(rng.sample(range(2, self.length - 2), 2 * count))
        parts = [(cuts[2 * i], cuts[2 * i + 1], strand) for i in range(count)]
        if kind == "base":
            parts = [(cuts[0], cuts[0] + 1, strand)]
        if kind == "between":
            parts = [(cuts[0], cuts[0], strand)]
        if strand < 0:
            parts.reverse()
        if kind == "mixed":
            rng.shuffle(parts)
            parts = [(begin, end, rng.choice([1, -1])) for begin, end, _ in parts]
        return {"kind": kind, "parts": parts}

    def coding(self, rng):
        """A CDS whose bases, written into the record, code for a protein."""
        skipped = rng.randint(0, 2)
        while True:
            location = self.location(rng)
            parts = location["parts"]
            bases = sum(end - begin for begin, end, _ in parts) - skipped
            begin, end, strand = parts[-1]
            excess = bases % 3
            fits = bases >= 9 and end - begin > excess and location["kind"] != "partial"
            if fits and location["kind"] != "remote":
                break
        parts[-1] = (begin, end - excess, 1) if strand > 0 else (begin + excess, end, -1)
        code = rng.choice(CODES)
        table = CodonTable.unambiguous_dna_by_id[code]
        # A protein that begins before its record begins with any codon, others with M.
        start = "ATG" if skipped else rng.choice(table.start_codons)
        codons = rng.choices(sorted(set(table.forward_table) - set(table.stop_codons)), k=bases // 3)
        codons = [start, *codons[1:-1], rng.choice(table.stop_codons)]
        spliced = "A" * skipped + "".join(codons)
        letters = list(self.letters)
        for begin, end, strand in parts:
            piece, spliced = spliced[: end - begin], spliced[end - begin :]
            letters[begin:end] = piece if strand > 0 else piece[::-1].translate(COMPLEMENT)
        self.letters = "".join(letters)
        names = {"key": "CDS", "gene": "coding", "note": "x"}
        return {**names, **location, "skipped": skipped, "code": code}

    def over_origin(self, rng, strand):
        """Exons around the origin, the widest gap between them on the other side of the circle."""
        third = self.length // 3
        before = sorted(rng.sample(range(self.length - third, self.length - 1), rng.choice([1, 3])))
        behind = sorted(rng.sample(range(1, third), rng.choice([1, 3])))
        before.append(self.length)
        behind.insert(0, 0)
        pairs = list(zip(before[::2], before[1::2])) + list(zip(behind[::2], behind[1::2]))
        parts = [(begin, end, strand) for begin, end in pairs]
        return parts if strand > 0 else parts[::-1]


def flat_location(rng, feature, length):
    """A location as text, in one of the ways to write it."""
    kind, parts = feature["kind"], feature["parts"]
    texts = []
    for begin, end, _ in parts:
        text = f"{begin + 1}..{end}" if end > begin + 1 else f"{end}"
        if kind == "between":
            text = f"{begin}^{begin + 1}"
        if kind == "partial":
            text = rng.choice(["<{0}..{1}", "{0}..>{1}", "<{0}..>{1}"]).format(begin + 1, end)
        if kind == "remote":
            text = "J00194.1:" + text
        texts.append(text)
    strands = [strand for _, _, strand in parts]
    if kind == "origin" and len(parts) == 2 and rng.random() < 0.3:
        first, last = (parts[0], parts[1]) if strands[0] > 0 else (parts[1], parts[0])
        texts, strands = [f"{first[0] + 1}..{last[1]}"], strands[:1]
    operator = rng.choice(["join", "join", "order"])

    def joined(items):
        return items[0] if len(items) == 1 else f"{operator}({','.join(items)})"

    if set(strands) == {-1} and rng.random() < 0.7:
        return f"complement({joined(texts[::-1])})"
    return joined([t if s > 0 else f"complement({t})" for t, s in zip(texts, strands)])


def wrapped(text, breaks, indent, width=58):
    lines = []
    while len(text) > width:
        cut = max(text.rfind(mark, 0, width) for mark in breaks) + 1
        if cut == 0:
            cut = width
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return ("\n" + indent).join(lines + [text])


def flat_features(rng, table, prefix):
    """The lines of a feature table; `prefix` begins each ("FT   " or blanks)."""
    indent = prefix + " " * 16
    text = ""
    for feature in table.features:
        location = feature.setdefault("text", flat_location(rng, feature, table.length))
        text += f"{prefix}{feature['key']:<16}{wrapped(location, ',', indent)}\n"
        note = feature["note"].replace('"', '""')
        text += f'{indent}/gene="{feature["gene"]}"\n'
        text += indent + wrapped(f'/note="{note}"', " ", indent) + "\n"
        if "code" in feature:
            text += f"{indent}/codon_start={feature['skipped'] + 1}\n"
            text += f"{indent}/transl_table={feature['code']}\n"
    return text


def genbank(rng, table):
    topology = "circular" if table.circular else "linear"
    text = f"LOCUS       {table.name:<16} {table.length:>11} bp    DNA     {topology:<8} PLN 01-JAN-2020\n"
    text += f"DEFINITION  made up.\nACCESSION   {table.name}\nVERSION     {table.id}\n"
    text += "FEATURES             Location/Qualifiers\n" + flat_features(rng, table, " " * 5)
    text += "ORIGIN\n"
    for i in range(0, table.length, 60):
        line = table.letters[i : i + 60].lower()
        groups = " ".join(line[k : k + 10] for k in range(0, len(line), 10))
        text += f"{i + 1:>9} {groups}\n"
    return text + "//\n"


def embl(rng, table):
    topology = "circular" if table.circular else "linear"
    version = table.id.split(".")[1]
    text = f"ID   {table.name}; SV {version}; {topology}; genomic DNA; STD; PLN; {table.length} BP.\n"
    text += f"XX\nAC   {table.name};\nXX\nDE   made up.\nXX\nFH   Key             Location/Qualifiers\nFH\n"
    text += flat_features(rng, table, "FT   ")
    text += f"XX\nSQ   Sequence {table.length} BP;\n"
    for i in range(0, table.length, 60):
        line = table.letters[i : i + 60].lower()
        groups = " ".join(line[k : k + 10] for k in range(0, len(line), 10))
        text += f"     {groups:<66}{min(i + 60, table.length):>9}\n"
    return text + "//\n"


def in_gff3(feature):
    return feature["kind"] not in ("between", "remote")


def gff3(rng, table):
    text = f"##sequence-region {table.id} 1 {table.length}\n"
    if table.circular:
        text += f"{table.id}\t.\tregion\t1\t{table.length}\t.\t+\t.\tIs_circular=true\n"
    for number, feature in enumerate(filter(in_gff3, table.features)):
        parts = list(feature["parts"])
        numbered = feature["kind"] == "mixed"
        if feature["kind"] == "origin" and rng.random() < 0.5:  # the stretch over the origin as one
            for i in range(len(parts) - 1):
                low, high = sorted(parts[i : i + 2], key=lambda part: -part[0])
                if low[1] == table.length and high[0] == 0:
                    parts[i : i + 2] = [(low[0], table.length + high[1], low[2])]
                    break
        lines = []
        phase = feature.get("skipped", 0)
        for i, (begin, end, strand) in enumerate(parts):
            note = feature["note"].replace("%", "%25").replace(";", "%3B")
            attributes = f"ID=f{number};gene={feature['gene']};Note={note}"
            attributes += f";part={i + 1}" if numbered else ""
            sign = "+" if strand > 0 else "-"
            attributes += f";transl_table={feature['code']}" if "code" in feature else ""
            columns = [table.id, ".", feature["key"], begin + 1, end, ".", sign]
            columns += [phase if feature["key"] == "CDS" else ".", attributes]
            lines.append("\t".join(map(str, columns)) + "\n")
            phase = (phase - (end - begin)) % 3
        rng.shuffle(lines)
        text += "".join(lines)
    return text.replace("ID=f", f"ID={table.name}.f")


def of_biopython(records):
    for record in records:
        features = []
        for feature in record.features:
            spans = [
                [int(part.start), int(part.end), part.strand, part.ref or ""]
                for part in feature.location.parts
            ]
            shown = {
                "key": feature.type,
                "spans": spans,
                "gene": feature.qualifiers["gene"][0],
                "note": " ".join(feature.qualifiers["note"][0].split()),
            }
            if not any(span[3] for span in spans):
                shown["letters"] = str(feature.extract(record.seq)).upper()
            if "transl_table" in feature.qualifiers:
                shown["protein"] = str(feature.translate(record.seq, cds=True))
            features.append(shown)
        yield {
            "id": record.id,
            "letters": str(record.seq).upper(),
            "circular": record.annotations.get("topology") == "circular",
            "features": features,
        }


def of_stroma(dump, *arguments):
    output = subprocess.run([dump, *arguments], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        record = json.loads(line)
        for feature in record["features"]:
            qualifiers = dict(feature.pop("qualifiers", []))
            del feature["line"]
            feature["gene"] = qualifiers.get("gene")
            feature["note"] = " ".join(qualifiers.get("note", "").split())
        yield record


def count_differences(what, stroma, biopython):
    differences = 0
    for ours, theirs in zip(stroma, biopython, strict=True):
        if ours != theirs:
            differences += 1
            if differences <= 3:
                print(f"{what}: {ours['id']} differs")
                for a, b in zip(ours["features"], theirs["features"]):
                    if a != b:
                        print("  stroma   ", a, "\n  biopython", b)
    print(f"{what}: {differences} of {len(biopython)} records differ")
    return differences


def main():
    dump = sys.argv[1]
    warnings.simplefilter("ignore")  # on ranges over the origin, and on quotes that stand doubled
    rng = random.Random(20)
    tables = [Table(rng, number) for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1000)]
    with tempfile.TemporaryDirectory() as folder:

        def write(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path

        gb = write("x.gb", "".join(genbank(rng, table) for table in tables))
        flat = write("x.embl", "".join(embl(rng, table) for table in tables))
        fasta = write("x.fa", "".join(f">{table.id}\n{table.letters}\n" for table in tables))
        gff = write("x.gff3", "##gff-version 3\n" + "".join(gff3(rng, table) for table in tables))
        expected = list(of_biopython(SeqIO.parse(gb, "genbank")))
        differences = count_differences("GenBank", list(of_stroma(dump, "genbank", gb)), expected)
        differences += count_differences(
            "EMBL", list(of_stroma(dump, "embl", flat)), list(of_biopython(SeqIO.parse(flat, "embl")))
        )
        for table, record in zip(tables, expected, strict=True):
            pairs = zip(table.features, record["features"], strict=True)
            record["features"] = [shown for feature, shown in pairs if in_gff3(feature)]
        annotated = list(of_stroma(dump, "gff3", gff, fasta))
        for record in annotated:
            record["features"] = [f for f in record["features"] if f["key"] != "region"]
        differences += count_differences("GFF3", annotated, expected)
    sys.exit(differences != 0)


if __name__ == "__main__":
    main()
