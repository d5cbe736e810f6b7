#include "datasets/gff3.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

/// A line of columns that are separated by blanks here; "chr ." stands before them.
std::string line(const std::string& type_to_phase, const std::string& attributes) {
  std::string text = "chr\t.\t";
  for (const char c : type_to_phase) text += c == ' ' ? '\t' : c;
  return text + "\t" + attributes + "\n";
}

std::vector<Sequence> chromosome(size_t length = 100) {
  std::string letters;
  while (letters.size() < length) letters += "ACGGT";
  return {{.id = "chr", .letters = letters.substr(0, length), .line = 1}};
}

std::vector<Feature> read(const std::string& text, std::vector<Sequence> sequences = chromosome()) {
  return parse_gff3("##gff-version 3\n" + text, "in.gff3", std::move(sequences)).at(0).features;
}

std::string error_on(const std::string& text) {
  return error_of([&] { parse_gff3(text, "in.gff3", chromosome()); });
}

/// "key location /qualifier=value …"
std::string shown(const Feature& feature) {
  std::string text = feature.key + " " + feature.location;
  for (const Qualifier& qualifier : feature.qualifiers) {
    text += " /" + qualifier.key + (qualifier.value.empty() ? "" : "=" + qualifier.value);
  }
  return text;
}

std::vector<std::string> shown(const std::vector<Feature>& features) {
  std::vector<std::string> texts;
  for (const Feature& feature : features) texts.push_back(shown(feature));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Gff3, ReadsTheStyleOfNcbi) {
  const std::string text =
      "##sequence-region chr 1 100\n" +
      line("region 1 100 . + .", "ID=chr:1..100;Is_circular=true") +
      line("gene 11 19 . - .", "ID=gene-b1;Name=thrL;gbkey=Gene;gene=thrL;locus_tag=b1") +
      line("CDS 11 19 . - 0",
           "ID=cds-NP_1.1;Parent=gene-b1;Dbxref=GI:1;Name=NP_1.1;gene=thrL;locus_tag=b1;product=a%"
           "2C "
           "b;protein_id=NP_1.1;transl_table=11") +
      line("gene 90 102 . + .", "ID=gene-b2;Name=b2;locus_tag=b2") +
      line("pseudogene 30 35 . + .", "ID=gene-b3;Name=yaaX;gene=yaaX;locus_tag=b3;pseudo=true") +
      line("CDS 30 35 . + 0",
           "ID=cds-b3;Parent=gene-b3;locus_tag=b3;pseudo=true;Note=frame%3Bshift") +
      line("gene 40 45 . - .", "ID=gene-r;exception=trans-splicing;gene=rps12;part=2") +
      line("gene 60 65 . + .", "ID=gene-r;exception=trans-splicing;gene=rps12;part=1");
  const auto records = parse_gff3(text, "in.gff3", chromosome());
  EXPECT_TRUE(records[0].circular);
  EXPECT_EQ(records[0].id, "chr");
  EXPECT_EQ(records[0].line, 1);
  const std::string cds =
      "CDS complement(11..19) /gene=thrL /locus_tag=b1 /codon_start=1 /transl_table=11 "
      "/product=a, b /protein_id=NP_1.1";
  EXPECT_EQ(shown(records[0].features),
            (Texts{"region 1..100 /locus_tag=chr:1..100",
                   "gene complement(11..19) /gene=thrL /locus_tag=b1", cds,
                   "gene 90..2 /locus_tag=b2", "gene 30..35 /gene=yaaX /locus_tag=b3 /pseudo",
                   "CDS 30..35 /gene=yaaX /locus_tag=b3 /pseudo /codon_start=1 /note=frame;shift",
                   "gene join(60..65,complement(40..45)) /gene=rps12 /trans_splicing"}));
  EXPECT_EQ(records[0].features[1].line, 3);
}

TEST(Gff3, ReadsTheStyleOfEnsembl) {
  const std::string text =
      line("gene 1 60 . - .", "ID=gene:AT1;Name=NAC001;biotype=protein_coding;gene_id=AT1") +
      line("mRNA 1 60 . - .", "ID=transcript:AT1.1;Parent=gene:AT1;transcript_id=AT1.1") +
      line("exon 41 60 . - .", "Parent=transcript:AT1.1;Name=e1") +
      line("CDS 41 50 . - 0", "ID=CDS:AT1.1;Parent=transcript:AT1.1") +
      line("exon 1 20 . - .", "Parent=transcript:AT1.1;Name=e2") +
      line("CDS 5 20 . - 2", "ID=CDS:AT1.1;Parent=transcript:AT1.1") +
      line("ncRNA_gene 70 80 . + .", "ID=gene:AT2;biotype=tRNA;gene_id=AT2");
  EXPECT_EQ(
      shown(read(text)),
      (Texts{"gene complement(1..60) /gene=NAC001 /locus_tag=AT1",
             "mRNA complement(join(1..20,41..60)) /gene=NAC001 /locus_tag=AT1",
             "exon complement(41..60) /gene=NAC001 /locus_tag=AT1",
             "CDS complement(join(5..20,41..50)) /gene=NAC001 /locus_tag=AT1 /codon_start=1",
             "exon complement(1..20) /gene=NAC001 /locus_tag=AT1", "gene 70..80 /locus_tag=AT2"}));
}

TEST(Gff3, ReadsTheStyleOfJgiWhereEachLineOfACdsHasItsOwnId) {
  const std::string text = line("gene 1 60 . + .", "ID=Cre01.v5;Name=Cre01") +
                           line("mRNA 1 60 . + .", "ID=t1.v5;Name=t1;Parent=Cre01.v5") +
                           line("CDS 5 20 . + 1", "ID=t1.v5.CDS.1;Parent=t1.v5") +
                           line("CDS 41 50 . + 2", "ID=t1.v5.CDS.2;Parent=t1.v5") +
                           line("mRNA 1 60 . + .", "ID=t2.v5;Name=t2;Parent=Cre01.v5") +
                           line("CDS 8 20 . + 0", "ID=t2.v5.CDS.1;Parent=t2.v5");
  EXPECT_EQ(shown(read(text)),
            (Texts{"gene 1..60 /gene=Cre01", "mRNA 1..60 /gene=Cre01",
                   "CDS join(5..20,41..50) /gene=Cre01 /codon_start=2", "mRNA 1..60 /gene=Cre01",
                   "CDS 8..20 /gene=Cre01 /codon_start=1"}));
}

TEST(Gff3, ReadsTheStyleOfProkkaAndBaktaWithTheirSequences) {
  const std::string text =
      "##gff-version 3\n##sequence-region gnl|X|1 1 10\n"
      "gnl|X|1\tProdigal\tCDS\t2\t7\t.\t+\t0\tID=PK_1;Name=dnaA;gene=dnaA;locus_tag=PK_1;product=x,"
      " y\n"
      "# a comment\n"
      "gnl|X|1\tProdigal\tCDS\t3\t8\t.\t-\t0\tID=B_1;Name=hypothetical protein;locus_tag=B_1;"
      "product=hypothetical protein\n"
      "##FASTA\n>gnl|X|1 text\nacgu\nacgtac\n>two\nAA\n";
  const auto records = parse_gff3(text, "in.gff3");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].letters, "ACGTACGTAC");
  EXPECT_EQ(shown(records[0].features),
            (Texts{"CDS 2..7 /gene=dnaA /locus_tag=PK_1 /codon_start=1 /product=x, y",
                   "CDS complement(3..8) /locus_tag=B_1 /codon_start=1 /product=hypothetical "
                   "protein"}));
  EXPECT_EQ(records[1].id, "two");
  EXPECT_TRUE(records[1].features.empty());
}

TEST(Gff3, PutsPartsIntoBiologicalOrder) {
  const auto location = [](bool circular, const std::vector<std::string>& parts) {
    std::string text = circular ? line("region 1 100 . + .", "Is_circular=true") : "";
    for (const std::string& part : parts) text += line("CDS " + part + " 0", "ID=c;gene=x");
    return read(text).back().location;
  };
  EXPECT_EQ(location(false, {"30 40 . +", "10 20 . +"}), "join(10..20,30..40)");
  EXPECT_EQ(location(false, {"10 20 . -", "30 40 . -"}), "complement(join(10..20,30..40))");
  EXPECT_EQ(location(false, {"30 40 . -", "10 20 . -"}), "complement(join(10..20,30..40))");
  EXPECT_EQ(location(false, {"30 40 . -", "10 20 . +"}), "join(complement(30..40),10..20)");
  EXPECT_EQ(location(true, {"1 5 . +", "80 85 . +", "90 100 . +"}), "join(80..85,90..100,1..5)");
  EXPECT_EQ(location(true, {"1 5 . -", "80 85 . -", "90 100 . -"}),
            "complement(join(80..85,90..100,1..5))");
  EXPECT_EQ(location(true, {"15 20 . +", "90 110 . +"}), "join(90..10,15..20)");
  EXPECT_EQ(location(true, {"70 80 . +", "90 110 . +"}), "join(70..80,90..10)");
  EXPECT_EQ(location(true, {"90 110 . -"}), "complement(90..10)");
  EXPECT_EQ(location(true, {"101 110 . +"}), "1..10");
}

TEST(Gff3, TwoCdsOfOneGeneStayTwoAndPartialEndsAreMarked) {
  const std::string text = line("gene 1 60 . + .", "ID=g;locus_tag=g") +
                           line("CDS 1 9 . + 0", "ID=c1;Parent=g;partial=true;start_range=.,1") +
                           line("CDS 1 30 . + 0", "ID=c2;Parent=g;end_range=30,.");
  EXPECT_EQ(shown(read(text)),
            (Texts{"gene 1..60 /locus_tag=g", "CDS <1..9 /locus_tag=g /codon_start=1",
                   "CDS 1..>30 /locus_tag=g /codon_start=1"}));
}

TEST(Gff3, ALineOfACdsMayBelongToSeveralTranscripts) {
  const std::string text = line("mRNA 1 60 . + .", "ID=a") + line("mRNA 1 60 . + .", "ID=b") +
                           line("CDS 1 9 . + 0", "Parent=a,b") +
                           line("CDS 20 30 . + 0", "Parent=b");
  EXPECT_EQ(shown(read(text)), (Texts{"mRNA 1..60 /locus_tag=a", "mRNA 1..60 /locus_tag=b",
                                      "CDS 1..9 /locus_tag=a /codon_start=1",
                                      "CDS join(1..9,20..30) /locus_tag=a /codon_start=1"}));
}

TEST(Gff3, WhatCannotBeReadIsTheProblemOfItsFeature) {
  for (const auto& [columns, problem] : std::vector<std::pair<std::string, std::string>>{
           {"gene 9 3 . + .", "'9' to '3' in line 2 is no range of bases"},
           {"gene x 3 . + .", "'x' to '3' in line 2 is no range of bases"},
           {"gene 1 3 . * .", "the strand '*' in line 2 is none of + - . ?"},
           {"gene 1 3 . + 7", "the phase '7' in line 2 is none of 0 1 2 ."}}) {
    const auto features =
        read(line(columns, "ID=a;gene=odd") + line("gene 1 3 . + .", "ID=b;gene=good"));
    ASSERT_EQ(features.size(), 2u);
    EXPECT_EQ(features[0].problem, problem);
    EXPECT_EQ(*features[0].find("gene"), "odd");
    EXPECT_EQ(features[1].problem, "");
  }
}

TEST(Gff3, SaysWhatIsWrong) {
  EXPECT_EQ(error_on(""), "in.gff3: the file is empty");
  EXPECT_EQ(error_on("chr . gene 1 5 . + . ID=x\n"),
            "in.gff3:1: 1 columns separated by tabs where a GFF3 feature has 9");
  EXPECT_EQ(
      error_on("##gff-version 2\n"),
      "in.gff3:1: GFF version 2, where only 3 is read; convert it, for example with: gffread IN "
      "-o OUT.gff3");
  EXPECT_EQ(
      error_on(line("CDS 1 5 . + 0", "gene_id \"x\"; transcript_id \"y\";")),
      "in.gff3:1: this is GTF or GFF2, not GFF3 (its attributes are not KEY=VALUE); convert it, "
      "for example with: gffread IN.gtf -o OUT.gff3");
  EXPECT_EQ(
      error_on("other\t.\tgene\t1\t5\t.\t+\t.\tID=x\n"),
      "in.gff3:1: a feature of 'other', but no feature lies in one of the sequences given (the "
      "first is 'chr'); give the FASTA file that the annotation belongs to");
  EXPECT_EQ(
      error_on("##sequence-region chr 1 101\n"),
      "in.gff3:1: the annotation says that 'chr' has 101 bases, its sequence has 100; give the "
      "FASTA file that the annotation belongs to");
  EXPECT_EQ(
      error_of([&] { parse_gff3(line("gene 1 5 . + .", "ID=x"), "in.gff3"); }),
      "in.gff3: an annotation without its sequences; give the FASTA file that it belongs to as "
      "well");
  EXPECT_EQ(error_of([&] { parse_gff3("##FASTA\n>a\nAC\n>a\nAC\n", "in.gff3"); }),
            "in.gff3: two sequences are called 'a', so that it is not known which one is meant; "
            "rename one");
  const std::string in_fasta =
      error_of([&] { parse_gff3("##gff-version 3\n##FASTA\n>a\nA7\n", "in.gff3"); });
  EXPECT_TRUE(in_fasta.starts_with("in.gff3:4: the character '7'")) << in_fasta;
}

}  // namespace
}  // namespace stroma
