// Stockholm alignments as data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_file.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

const std::string two_families =
    "# STOCKHOLM 1.0\n#=GF ID   SH3_1\n#=GF AC   PF00018.1\n#=GS a/1-4 AC P1\n\n"
    "a/1-4   MK.v\nb/9-11  -kV~\n#=GC SS_cons HH..\n\na/1-4   L\n#=GR a/1-4 SS H\nb/9-11  .\n//\n"
    "# STOCKHOLM 1.0\r\n#=GF ID PH\r\nc W_\r\n//\r\n";

class Stockholm : public testing::Test {
 protected:
  DataFile read(const std::string& text) const {
    return read_data_file(folder_.write("in.sto", text));
  }
  std::string error_on(const std::string& text) const {
    return error_of([&] { read(text); });
  }
  TemporaryFolder folder_;
};

TEST_F(Stockholm, SequencesLoseTheirGapsAndHaveTheirFamilyAsLabel) {
  const DataFile file = read(two_families);
  EXPECT_EQ(file.what, "a Stockholm alignment");
  std::vector<std::string> ids, letters;
  for (const Sequence& sequence : file.sequences) {
    ids.push_back(sequence.id);
    letters.push_back(sequence.letters);
  }
  EXPECT_THAT(ids, ElementsAre("a/1-4", "b/9-11", "c"));
  EXPECT_THAT(letters, ElementsAre("MKVL", "KV", "W"));
  EXPECT_THAT(file.labels, ElementsAre("SH3_1", "SH3_1", "PH"));
  EXPECT_THAT(place_of(file.sequences[1]), EndsWith("in.sto:7"));
}

TEST_F(Stockholm, SequencesOfFamiliesWithoutNamesHaveNoLabel) {
  EXPECT_THAT(read("\n# STOCKHOLM 1.0\na AC\n//\n").labels, ElementsAre());
}

TEST_F(Stockholm, SaysWhereAFileIsNotWhole) {
  const std::string heading = "# STOCKHOLM 1.0\n";
  EXPECT_THAT(
      error_on(heading + "a AC\n"),
      EndsWith("in.sto:2: the alignment of line 1 ends without '//'; the file is cut short, "
               "download it again"));
  EXPECT_THAT(
      error_on(heading + "a AC\nb A\n//\n"),
      EndsWith("in.sto:3: 'b' has 1 columns where 'a' has 2; the file is damaged, download it "
               "again"));
  EXPECT_THAT(error_on(heading + "a A7\n//\n"),
              EndsWith("in.sto:2: the character '7' in the sequence of 'a'"));
  EXPECT_THAT(error_on(heading + "a --\n//\n"), EndsWith("in.sto:2: 'a' has no letter; remove it"));
  EXPECT_THAT(error_on(heading + "//\na A\n"),
              EndsWith("in.sto:3: a line between alignments; '# STOCKHOLM' expected after '//'"));
  EXPECT_THAT(error_on(heading + "//\n"), EndsWith("in.sto:2: the file holds no sequence"));
}

}  // namespace
}  // namespace stroma
