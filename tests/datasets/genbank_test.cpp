#include "datasets/genbank.h"

#include <gtest/gtest.h>

#include "tests/datasets/files.h"
#include "tests/datasets/packed.h"
#include "tests/datasets/small_genbank.h"

namespace stroma {
namespace {

constexpr const char* two_records =
    R"(LOCUS       TEST_1                  25 bp    DNA     circular PLN 01-JAN-2024
DEFINITION  A made-up record, which needs
            two lines.
ACCESSION   TEST_1 OTHER_9
VERSION     TEST_1.3
SOURCE      chloroplast Example example
  ORGANISM  Example example
            Eukaryota; Examples.
COMMENT     FEATURES
            ORIGIN and // in a comment are no sections.
FEATURES             Location/Qualifiers
     source          1..25
                     /organism="Example example"
     gene            complement(join(2..4,
                     8..10))
                     /gene="rps12"
                     /trans_splicing
                     /note="the ""second"" half; /gene=""x"" is
                     no qualifier"
     CDS             join(24..25,1..4)
                     /codon_start=1
                     /transl_except=(pos:2..4,
                     aa:Met)
                     /translation="MK
                     VL"
                     /empty=""
BASE COUNT        5 a
ORIGIN      somewhere
        1 acgtnacgta cgt
       14 acgtacgtac GT
//

LOCUS       SECOND 3 bp DNA linear
ORIGIN
        1 aac
//
)";

std::string with_crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

TEST(GenBank, ReadsRecordsInEitherLineEnd) {
  for (const std::string& text : {std::string(two_records), with_crlf(two_records)}) {
    const auto records = parse_genbank(text, "in.gb");
    ASSERT_EQ(records.size(), 2u);
    const Record& first = records[0];
    EXPECT_EQ(first.file, "in.gb");
    EXPECT_EQ(first.line, 1);
    EXPECT_EQ(first.name, "TEST_1");
    EXPECT_EQ(first.definition, "A made-up record, which needs two lines.");
    EXPECT_EQ(first.accession, "TEST_1");
    EXPECT_EQ(first.version, "TEST_1.3");
    EXPECT_EQ(first.organism, "Example example");
    EXPECT_TRUE(first.circular);
    EXPECT_EQ(first.letters, "ACGTNACGTACGTACGTACGTACGT");
    EXPECT_EQ(records[1].name, "SECOND");
    EXPECT_EQ(records[1].line, 33);
    EXPECT_FALSE(records[1].circular);
    EXPECT_EQ(records[1].letters, "AAC");
    EXPECT_TRUE(records[1].features.empty());
  }
}

TEST(GenBank, ReadsFeaturesWithLocationsAndQualifiersOverSeveralLines) {
  for (const std::string& text : {std::string(two_records), with_crlf(two_records)}) {
    const auto features = parse_genbank(text, "in.gb")[0].features;
    ASSERT_EQ(features.size(), 3u);
    const Feature& gene = features[1];
    EXPECT_EQ(gene.key, "gene");
    EXPECT_EQ(gene.line, 14);
    EXPECT_EQ(gene.location, "complement(join(2..4,8..10))");
    ASSERT_EQ(gene.qualifiers.size(), 3u);
    EXPECT_EQ(*gene.find("gene"), "rps12");
    EXPECT_EQ(*gene.find("trans_splicing"), "");
    EXPECT_EQ(*gene.find("note"), "the \"second\" half; /gene=\"x\" is no qualifier");
    EXPECT_EQ(gene.find("product"), nullptr);
    const Feature& cds = features[2];
    EXPECT_EQ(*cds.find("codon_start"), "1");
    EXPECT_EQ(*cds.find("transl_except"), "(pos:2..4,aa:Met)");
    EXPECT_EQ(*cds.find("translation"), "MKVL");
    EXPECT_EQ(*cds.find("empty"), "");
  }
}

TEST(GenBank, ReadsCompressedFiles) {
  const TemporaryFolder folder;
  for (const std::string& packed : {gzip(two_records), bgzip(two_records)}) {
    EXPECT_EQ(read_genbank(folder.write("x.gb.gz", packed)).size(), 2u);
  }
}

/// two_records with the first `from` replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = two_records;
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(GenBank, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(genbank_error(""), "in.gb: the file is empty");
  EXPECT_EQ(genbank_error("\n \n"), "in.gb: the file holds no record");
  EXPECT_EQ(genbank_error("\n>x\nACGT\n"),
            "in.gb:2: not a GenBank file (no line starts with 'LOCUS')");
  EXPECT_EQ(genbank_error(changed("\nLOCUS       SECOND", "\nMORE")),
            "in.gb:33: a line between records; 'LOCUS' expected after '//'");
}

TEST(GenBank, SaysWhatIsWrongWithALocusLine) {
  for (const char* locus : {"LOCUS X twelve bp", "LOCUS X -1 bp", "LOCUS X 12x bp",
                            "LOCUS X 99999999999999999999 bp", "LOCUS 12 bp"}) {
    EXPECT_EQ(
        genbank_error(std::string(locus) + "\nORIGIN\n 1 acgtacgtacgt\n//\n"),
        "in.gb:1: the LOCUS line does not give a name and a length in bp; write it as 'LOCUS  "
        "     NAME   1234 bp    DNA     linear'")
        << locus;
  }
  EXPECT_EQ(genbank_error("LOCUS\nORIGIN\n 1 acgt\n//\n"),
            "in.gb:1: the LOCUS line gives no name; write it as 'LOCUS       NAME   1234 bp    DNA "
            "    linear'");
}

TEST(GenBank, SaysWhatIsWrongWithASequence) {
  EXPECT_EQ(genbank_error(changed("ORIGIN      somewhere\n", "")),
            "in.gb:30: the record 'TEST_1' holds no sequence (ORIGIN); download it in full (NCBI: "
            "'GenBank (full)', gbwithparts)");
  EXPECT_EQ(genbank_error("LOCUS       X 12 bp\nCONTIG      join(A1.1:1..12)\n//\n"),
            "in.gb:3: the record 'X' holds no sequence, only a CONTIG line that points to other "
            "records; download it in full (NCBI: 'GenBank (full)', gbwithparts)");
  EXPECT_EQ(genbank_error(changed("       14 acgtacgtac GT\n", "")),
            "in.gb:30: the record 'TEST_1' holds 13 bp where its LOCUS line says 25; the file is "
            "damaged, download it again");
  EXPECT_EQ(genbank_error(changed("acgtacgtac GT", "acgtacg7ac GT")),
            "in.gb:30: the character '7' in the sequence");
  EXPECT_EQ(genbank_error(changed("acgtacgtac GT",
                                  "acgtacg\x01"
                                  "ac GT")),
            "in.gb:30: the byte 0x01 in the sequence");
}

/// What location_of says on feature `index` of the first record.
std::string location_error(const std::string& text, size_t index) {
  const auto records = parse_genbank(text, "in.gb");
  return error_of([&] { location_of(records[0], records[0].features.at(index)); });
}

TEST(GenBank, SaysWhatIsWrongWithALocationToWhoReadsIt) {
  EXPECT_EQ(location_error(changed("8..10", "8..26"), 1),
            "in.gb:14: the feature at 'complement(join(2..4,8..26))' reaches base 26, outside its "
            "record of 25 bp");
  EXPECT_EQ(location_error(changed("join(24..25,1..4)", "join(24..25,1..4"), 2),
            "in.gb:20: the location 'join(24..25,1..4' cannot be read (')' expected at character "
            "17)");
  EXPECT_EQ(location_error(changed("join(24..25,1..4)", ""), 2),
            "in.gb:20: the feature CDS has no location");
}

TEST(GenBank, NoticesAFileCutAfterAnyLineOfARecord) {
  const std::string text = two_records;
  const size_t first_end = text.find("//\n\nLOCUS");
  int64_t line = 0;
  for (size_t end = text.find('\n'); end < first_end; end = text.find('\n', end + 1)) {
    ++line;
    const std::string error = genbank_error(text.substr(0, end + 1));
    EXPECT_NE(error.find("cut short"), std::string::npos) << line << ": " << error;
    EXPECT_TRUE(error.starts_with("in.gb:" + std::to_string(line) + ": ")) << error;
  }
  EXPECT_EQ(genbank_error(changed("//\n\nLOCUS", "LOCUS")),
            "in.gb:31: the record 'TEST_1' of line 1 ends without '//'; the file is cut short, "
            "download it again");
}

TEST(GenBank, AFileCutAtAnyByteIsAnErrorUnlessARecordIsWhole) {
  const std::string text = two_records;
  const size_t first_end = text.find("//\n") + 2;
  for (size_t size = 0; size < first_end; ++size) {
    EXPECT_NE(genbank_error(text.substr(0, size)), "") << size;
  }
  EXPECT_EQ(genbank_error(text.substr(0, first_end)), "");
}

TEST(GenBank, ReadsProteins) {
  const Record record = read_one(
      "LOCUS       TEST1       5 aa            linear   BCT\nFEATURES\n     Protein         1..5\n"
      "     Bond            bond(2,4)\n     Site            order(1..2,4)\nORIGIN\n        1 "
      "mkuxv\n//\n");
  EXPECT_TRUE(record.protein);
  EXPECT_EQ(record.letters, "MKUXV");
  EXPECT_EQ(record.features.size(), 3u);
}

TEST(GenBank, SkipsWhatStandsBeforeTheFirstRecord) {
  const std::string release =
      "GBSMP3.SEQ          Genetic Sequence Data Bank\n   1 loci, 12 bases\n\n";
  const std::string record = std::string("LOCUS       X 12 bp\n") + origin;
  EXPECT_EQ(parse_genbank(release + record + release + record, "in.gb").size(), 2u);
  EXPECT_EQ(parse_genbank(release + record, "in.gb")[0].line, 4);
}

TEST(GenBank, NamesMasterRecords) {
  const char* const problem =
      "the record 'X' is a master record of a WGS, TSA or TLS project: it names contigs and holds "
      "no "
      "sequence itself; download its contigs";
  for (const char* line : {"WGS         AB01000001-AB01000002", "WGS_SCAFLD  KB1-KB2",
                           "TSA         GA1-GA2", "TLS         KA1-KA2"}) {
    EXPECT_EQ(genbank_error(fmt::format("LOCUS       X 12 bp\n{}\n//\n", line)),
              std::string("in.gb:3: ") + problem);
  }
  EXPECT_EQ(genbank_error("LOCUS       X 2 rc    DNA\n//\n"), std::string("in.gb:2: ") + problem);
}

TEST(GenBank, ReadsThePlastomesWhole) {
  const auto data = real_data();
  if (!data) GTEST_SKIP() << "no real data: set STROMA_DATA to its folder";
  // Counted by Biopython 1.88.
  const auto green_alga = read_genbank(*data / "plastomes/NC_005353.1.gb");
  ASSERT_EQ(green_alga.size(), 1u);
  EXPECT_EQ(green_alga[0].version, "NC_005353.1");
  EXPECT_EQ(green_alga[0].letters.size(), 203828u);
  EXPECT_EQ(green_alga[0].organism, "Chlamydomonas reinhardtii");
  EXPECT_TRUE(green_alga[0].circular);
  EXPECT_EQ(green_alga[0].features.size(), 245u);
  const auto thale_cress = read_genbank(*data / "plastomes/NC_000932.1.gb");
  EXPECT_EQ(thale_cress[0].features.size(), 259u);
}

}  // namespace
}  // namespace stroma
