// What tables make of a dataset: several labels a sequence, weights, labels never trained.
#include "training/data_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/augmentation.h"
#include "datasets/split.h"
#include "tests/datasets/files.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DataTables : public testing::Test {
 protected:
  /// Whole sequences a, b, c, … with these lines of a table.
  DataOptions options(const std::string& name, const std::vector<std::string>& fields) const {
    std::string fasta, table = "id\tlabel\tw\n";
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string id = name + std::to_string(i);
      fasta += ">" + id + "\nACGT\n";
      table += id + "\t" + fields[i] + "\n";
    }
    DataOptions read;
    read.augment = false;
    read.paths = {folder_.write(name + ".fasta", fasta)};
    read.labels = folder_.write(name + ".tsv", table);
    return read;
  }
  static DataFiles files_of(const DataOptions& options) { return options; }

  TemporaryFolder folder_;
  std::vector<std::string> notes_;
};

TEST_F(DataTables, GiveSeveralLabelsASequence) {
  DataOptions read = options("a", {"y; x\t1", "\t1", "x\t1", ";y;\t1"});
  read.label_sets = true;
  const Dataset dataset = load_dataset(read, dna_alphabet(), notes_);
  EXPECT_THAT(dataset.labels, ElementsAre("x", "y"));
  EXPECT_THAT(dataset.label_sets,
              ElementsAre(ElementsAre(0, 1), IsEmpty(), ElementsAre(0), ElementsAre(1)));
}

TEST_F(DataTables, LeaveOutSetsWithALabelThatIsNotTrained) {
  DataOptions read = options("a", {"y;z\t1", "z\t1"});
  read.test = files_of(options("t", {"z\t1", "x;z\t1", "y\t1"}));
  read.label_sets = true;
  const Dataset dataset = load_dataset(read, dna_alphabet(), notes_);
  EXPECT_THAT(dataset.labels, ElementsAre("y", "z"));
  EXPECT_THAT(dataset.unseen_labels, ElementsAre("x"));
  EXPECT_EQ(dataset.unseen_tests, 1);
  EXPECT_EQ(dataset.examples.size(), 4u);
  EXPECT_THAT(dataset.label_sets[4], ElementsAre(0));
}

TEST_F(DataTables, GiveWeightsThatAugmentedExamplesKeep) {
  DataOptions read = options("a", {"x\t1", "y\t0", "x\t2.5"});
  read.weight = "w";
  Dataset dataset = load_dataset(read, dna_alphabet(), notes_);
  EXPECT_THAT(dataset.weights, ElementsAre(1, 0, 2.5f));
  Split split = {.train = {2}, .validation = {}, .test = {}};
  augment_training_part(dataset, split, Augmentation::reverse_complement, 1);
  EXPECT_THAT(dataset.weights, ElementsAre(1, 0, 2.5f, 2.5f));
}

TEST_F(DataTables, RefuseWhatTheyCannotMean) {
  const auto error_on = [&](const std::vector<std::string>& fields) {
    DataOptions read = options("a", fields);
    read.weight = "w";
    return error_of([&] { load_dataset(read, dna_alphabet(), notes_); });
  };
  EXPECT_THAT(error_on({"\t1"}), HasSubstr("a.tsv:2: the label of 'a0' is empty"));
  for (const std::string weight : {"-1", "nan", "inf", "1x", ""}) {
    EXPECT_THAT(error_on({"x\t" + weight}), HasSubstr("a.tsv:2: the weight of 'a0' is '" + weight))
        << weight;
  }
}

TEST_F(DataTables, ChangeTheFingerprint) {
  const auto print_of = [&](const std::string& weight, const std::string& group) {
    DataOptions read = options("a", {"x\t1", "y\t2"});
    read.weight = weight;
    read.group = group;
    return fingerprint(load_dataset(read, dna_alphabet(), notes_));
  };
  EXPECT_NE(print_of("", ""), print_of("w", ""));
  EXPECT_NE(print_of("", ""), print_of("", "w"));
}

}  // namespace
}  // namespace stroma
