// train --augment: it comes after the split, and what is measured stays what it was.
#include <gtest/gtest.h>

#include "datasets/alphabet.h"
#include "engine/safetensors.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

/// The first field of each line.
std::vector<std::string> ids(const std::string& csv) {
  std::vector<std::string> all;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) all.push_back(line.substr(0, line.find(',')));
  return all;
}

class TrainAugment : public SmallRun {
 protected:
  std::vector<std::string> augmented(const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--augment", "reverse_complement"});
    return train(name, more);
  }

  /// That all that is said of the data is the same of the two runs, and their test parts are.
  void expect_same_data(const std::string& plain, const std::string& more) {
    EXPECT_EQ(ids(content(plain + "/predictions.csv")), ids(content(more + "/predictions.csv")));
    const Json a = Json::parse(content(plain + "/metrics.json"));
    const Json b = Json::parse(content(more + "/metrics.json"));
    for (const char* key : {"label_ceiling", "leakage", "examples"}) EXPECT_EQ(a[key], b[key]);
    for (const char* part : {"test", "val"}) {
      EXPECT_EQ(a[part]["examples"], b[part]["examples"]);
    }
    const Json of_a = Json::parse(content(plain + "/config.json"));
    const Json of_b = Json::parse(content(more + "/config.json"));
    for (const char* key : {"fingerprint", "standardization", "labels"}) {
      EXPECT_EQ(of_a[key], of_b[key]);
    }
    EXPECT_EQ(of_b["augmentation"], "reverse_complement");
    EXPECT_FALSE(content(plain + "/model.safetensors") == content(more + "/model.safetensors"));
  }
};

TEST_F(TrainAugment, LeavesTheOtherPartsAndAllThatIsSaidOfTheData) {
  ASSERT_EQ(run(train("plain")).status, 0);
  const Result result = run(augmented("more"));
  ASSERT_EQ(result.status, 0) << result.err;
  expect_same_data("plain", "more");
  const int examples = Json::parse(content("more/metrics.json"))["examples"]["train"];
  EXPECT_NE(result.err.find(fmt::format("reverse_complement adds {} examples", examples)),
            std::string::npos)
      << result.err;
}

TEST_F(TrainAugment, EvaluateMeasuresTheSameTestPart) {
  ASSERT_EQ(run(augmented("more")).status, 0);
  const Json metrics = Json::parse(content("more/metrics.json"));
  Json of_run = metrics["test"];
  of_run["memory_baseline"] = metrics["memory_baseline"];
  EXPECT_EQ(Json::parse(run({"evaluate", path("more"), "--json"}).out), of_run);
}

TEST_F(TrainAugment, GoesOnAsIfNeverStopped) {
  ASSERT_EQ(run(augmented("run", {"--epochs", "1"})).status, 0);
  ASSERT_EQ(run(augmented("run", {"--epochs", "3", "--resume"})).status, 0);
  ASSERT_EQ(run(augmented("whole", {"--epochs", "3"})).status, 0);
  expect_same_run("run", "whole");
  expect_failure(run(train("run", {"--resume", "--quiet"})), 1,
                 {"augmentation is \"reverse_complement\", not \"none\""});
}

TEST_F(TrainAugment, WorksForEachFoldAndForWindowsAlreadyCut) {
  const std::string windows = run({"augment", "windows", data_, "--length", "12", "--max-overlap",
                                   "8", "--min-shared", "8"})
                                  .out;
  for (const std::string& data : {data_, folder_.write("windows.csv", windows).string()}) {
    data_ = data;
    for (const char* fold : {"1", "3"}) {
      SCOPED_TRACE(data + fold);
      const std::vector<std::string> split = {
          "--split", "kfold",   "--folds",  "3", "--fold",
          fold,      "--force", "--epochs", "1", "--validation-fraction",
          "0.2"};
      ASSERT_EQ(run(train("plain", split)).status, 0);
      ASSERT_EQ(run(augmented("more", split)).status, 0);
      expect_same_data("plain", "more");
    }
  }
}

TEST_F(TrainAugment, CopiesStandInTheTrainingPartOfAnExportAlone) {
  ASSERT_EQ(run(augmented("more", {"--epochs", "1"})).status, 0);
  ASSERT_EQ(run({"export", path("more"), "--examples", "-o", path("e.safetensors")}).status, 0);
  const SafetensorsFile file = read_safetensors(path("e.safetensors"));
  const auto list = [&](const char* name) { return file.tensors.at(name).to_vector<int32_t>(); };
  const std::vector<int32_t> train = list("split.train"), labels = list("examples.labels");
  const int32_t source = 4 * 39;
  for (const char* part : {"split.validation", "split.test"}) {
    for (const int32_t i : list(part)) EXPECT_LT(i, source);
  }
  const std::vector<uint8_t> codes = file.tensors.at("examples.codes").to_vector<uint8_t>();
  const std::size_t half = train.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const int64_t from = train[i], copy = train[half + i];
    EXPECT_EQ(copy, source + static_cast<int64_t>(i));
    EXPECT_EQ(labels[copy], labels[from]);
    for (int p = 0; p < 12; ++p) EXPECT_EQ(codes[copy * 12 + p], 3 - codes[from * 12 + 11 - p]);
  }
}

TEST_F(TrainAugment, IsForNucleotidesAlone) {
  expect_failure(run({"train", data_, "--model", "cnn-lstm-protein", "--augment",
                      "reverse_complement", "--out", path("run")}),
                 2, {"--augment reverse_complement", "DNA and RNA", "cnn-lstm-protein"});
  expect_failure(run(train("run", {"--augment", "mirror"})), 2,
                 {"--augment must be none or reverse_complement, not \"mirror\""});
}

TEST_F(TrainAugment, IsAnotherThingThanNoAugment) {
  const std::string help = run({"train", "--help"}).out;
  EXPECT_NE(help.find("--whole,--no-augment"), std::string::npos) << help;
}

}  // namespace
}  // namespace stroma
