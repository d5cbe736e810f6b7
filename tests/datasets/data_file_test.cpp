// Which format a file is taken for.
#include "datasets/data_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const std::string record = "LOCUS       X 12 bp DNA\nORIGIN\n        1 acgtacgtac gt\n//\n";

class DataFiles : public testing::Test {
 protected:
  DataFile read(const std::string& text) const {
    return read_data_file(folder_.write("in", text), {.labels = Labels::optional});
  }

  std::string error_on(const std::string& text) const {
    return error_of([&] { read(text); });
  }

  TemporaryFolder folder_;
};

TEST_F(DataFiles, AreGenBankBehindAnyHeading) {
  for (const std::string heading :
       {"", "GBVRL1.SEQ          Genetic Sequence Data Bank\n   1 loci, 12 bases\n\n", "Heading\n",
        "From the server, today\r\n", "# a comment\n"}) {
    const DataFile file = read(heading + record);
    EXPECT_EQ(file.kind, DataKind::genome) << heading;
    EXPECT_EQ(file.records.size(), 1u) << heading;
  }
  EXPECT_EQ(read("locus" + record.substr(5)).kind, DataKind::genome);
}

TEST_F(DataFiles, AreNoGenBankForALocusInAnotherKind) {
  EXPECT_THAT(error_on("<!DOCTYPE html>\n<pre>\n" + record), HasSubstr("this is a web page"));
  for (const std::string text :
       {"AC\nLOCUS\n", "AC\nLOCUS  \n", "AC\r\nLOCUS  \r\n", "AC, a\nLOCUS  , b\n"}) {
    EXPECT_EQ(read(text).what, "a CSV") << text;
  }
}

TEST_F(DataFiles, SayWhatToDoWithPlacesWithoutSequences) {
  EXPECT_THAT(error_on("##gff-version 3\nc\tx\tgene\t1\t9\t.\t+\t.\tID=a\n"),
              EndsWith("name the FASTA file that does, and this one after --annotation"));
  EXPECT_THAT(error_on("#!genome-build x\nc\tx\tgene\t1\t9\t.\t-\t.\tgene_id \"a\";\n"),
              HasSubstr("in:2: this is GTF or GFF2, not GFF3 (its attributes are not KEY=VALUE); "
                        "convert it"));
}

TEST_F(DataFiles, AreWhatTheirFirstLineSaysBehindBlanksAndComments) {
  const std::string feature = "c\tx\tgene\t1\t9\t.\t+\t.\tID=a\n";
  const std::string entry = "ID   X; SV 1; linear; DNA; STD; PLN; 4 BP.\nSQ\n     acgt 4\n//\n";
  const std::pair<std::string, std::string> texts[] = {
      {record, "an annotated genome"},
      {entry, "an annotated genome"},
      {"##gff-version 3\n" + feature + "##FASTA\n>c\nACGTACGTAC\n", "an annotated genome"},
      {feature + "##FASTA\n>c\nACGTACGTAC\n", "an annotated genome"},
      {"##gff-version 3\n##FASTA\n>c\nACGTACGTAC\n", "an annotated genome"},
      {">c\nACGT\n", "a FASTA file"},
      {";c\n>c\nACGT\n", "a FASTA file"},
      {";\t1\t2\n>c\nACGT\n", "a FASTA file"},  // no BED
      {"LOCUS       X 4 aa\nORIGIN\n        1 mkvl\n//\n", "a file of protein records"}};
  for (const auto& [text, what] : texts) {
    EXPECT_EQ(read(text).what, what) << text;
    EXPECT_EQ(read("\n \r\n" + text).what, what) << text;
  }
  EXPECT_EQ(read("#\n\n#LOCUS\n#" + feature + texts[2].first).kind, DataKind::genome);
  EXPECT_EQ(read("\nACGT, a\n").what, "a CSV");
}

TEST_F(DataFiles, NameAFileOfAnotherKind) {
  EXPECT_THAT(error_on("@r1\nACGT\n+\nIIII\n"), HasSubstr("in: this is FASTQ"));
}

}  // namespace
}  // namespace stroma
