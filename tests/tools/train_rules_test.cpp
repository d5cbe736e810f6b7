// train: what it refuses, what it never counts as a result, and what its figures are where there is
// nothing to measure.
#include <gtest/gtest.h>

#include <limits>

#include "engine/safetensors.h"
#include "tests/folder.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class TrainRules : public SmallRun {
 protected:
  /// Puts a number that is none among those of a tensor in a file of the run.
  void plant(const std::string& file, const std::string& tensor, float number) const {
    SafetensorsFile content = read_safetensors(path(file));
    content.tensors.at(tensor).data<float>()[0] = number;
    write_safetensors(path(file), content);
  }
};

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

TEST_F(TrainRules, ADirectoryHasOneProcessAtATime) {
  Process first(train("run", {"--epochs", "1000000"}));
  ASSERT_TRUE(first.wait_for("epoch ")) << first.err();
  const std::string holder = path("run") + " is in use by process " + std::to_string(first.id());
  for (const char* option : {"--resume", "--force", "--no-standardize"}) {
    expect_failure(run(train("run", {option, "--quiet"})), 1, {holder, "--out"});
  }
  first.send(SIGKILL);
  first.wait();
  EXPECT_EQ(run(train("run", {"--force", "--epochs", "1"})).status, 0) << "its lock died with it";
  EXPECT_FALSE(std::filesystem::exists(path("run/.lock")));
}

TEST_F(TrainRules, SoHaveTrials) {
  Process first(train("trials", {"--trials", "2", "--epochs", "1000000"}));
  ASSERT_TRUE(first.wait_for("epoch ")) << first.err();
  const std::string holder = "is in use by process " + std::to_string(first.id());
  expect_failure(run(train("trials", {"--trials", "2", "--force"})), 1, {path("trials "), holder});
  expect_failure(run(train("trials/trial-1", {"--resume"})), 1, {path("trials/trial-1 "), holder});
}

TEST_F(TrainRules, ARunDoesNotEndBeforeWhatItHasDone) {
  ASSERT_EQ(run(train("run")).status, 0);
  const std::string config = content("run/config.json");
  expect_failure(run(train("run", {"--resume", "--epochs", "2", "--quiet"})), 1,
                 {"has done 3 epochs already", "--epochs 3 ends the run there"});
  EXPECT_EQ(content("run/config.json"), config);
  EXPECT_EQ(run(train("run", {"--resume", "--epochs", "3"})).status, 0);
}

TEST_F(TrainRules, AFinishedRunThatGoesOnIsNotFinished) {
  ASSERT_EQ(run(train("run")).status, 0);
  Process process(train("run", {"--resume", "--epochs", "1000000"}));
  ASSERT_TRUE(process.wait_for("Resuming after epoch 3.\n")) << process.err();
  ASSERT_TRUE(process.wait_for("epoch       4/")) << process.err();
  process.send(SIGINT);
  EXPECT_EQ(process.wait().status, 128 + SIGINT);
  EXPECT_FALSE(std::filesystem::exists(path("run/metrics.json")));
  EXPECT_NE(run({"evaluate", path("run")}).err.find("has not come to its end"), std::string::npos);
}

TEST_F(TrainRules, ARunThatDivergedIsNeverFinished) {
  for (const std::vector<std::string>& parts : std::vector<std::vector<std::string>>{
           {}, {"--validation-fraction", "0", "--test-fraction", "0"}, {"--keep", "best"}}) {
    std::vector<std::string> more = {"--lr", "1e38", "--weight-decay", "1e38", "--quiet"};
    more.insert(more.end(), parts.begin(), parts.end());
    expect_failure(run(train("run", more)), 1, {"finite", "try a smaller --lr"});
    for (const char* file : {"model.safetensors", "state.safetensors", "metrics.json"}) {
      EXPECT_FALSE(std::filesystem::exists(path("run/") + file)) << file;
    }
  }
}

TEST_F(TrainRules, ARunThatDivergedInItsFirstEpochHasLearnedNothing) {
  EXPECT_EQ(run(train("run", {"--lr", "1e38", "--weight-decay", "1e38"})).status, 1);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"predict", path("run"), data_}, {"evaluate", path("run")}}) {
    expect_failure(run(command), 1, {path("run"), "has learned nothing; train again", "--lr"});
  }
  EXPECT_NE(run(train("run", {"--resume", "--epochs", "1"})).err.find("it starts anew"),
            std::string::npos);
}

TEST_F(TrainRules, ARunWithoutWeightsSaysWhoTrainsIt) {
  Process process(train("run", {"--epochs", "1000000"}));
  ASSERT_TRUE(process.wait_for("epoch ")) << process.err();
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"predict", path("run"), data_}, {"evaluate", path("run")}}) {
    expect_failure(run(command), 1,
                   {"is being trained by process " + std::to_string(process.id()), "wait"});
  }
}

TEST_F(TrainRules, NothingIsComputedFromWeightsThatAreNotFinite) {
  ASSERT_EQ(run(train("run")).status, 0);
  for (const float number : {nan, -infinite}) {
    plant("run/model.safetensors", "conv.weight", number);
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"predict", path("run"), data_}, {"evaluate", path("run")}}) {
      expect_failure(run(command), 1,
                     {path("run/model.safetensors") + ": conv.weight", "finite", "--lr"});
    }
    plant("run/state.safetensors", "model.lstm.bias_hh_l0", number);
    expect_failure(run(train("run", {"--resume", "--epochs", "5", "--quiet"})), 1,
                   {path("run/state.safetensors"), "lstm.bias_hh_l0", "finite", "--force"});
  }
}

TEST_F(TrainRules, TrialsReadTheirDataOnce) {
  Process process(train("run", {"--trials", "3", "--epochs", "30"}));
  ASSERT_TRUE(process.wait_for("trial 1 epoch  1/")) << process.err();
  std::filesystem::remove(data_);
  const Result result = process.wait();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err.find("Label ceiling"), result.err.rfind("Label ceiling")) << "said twice";
}

TEST_F(TrainRules, WhatIsUndefinedIsNeitherOneNorZero) {
  data_ = folder_
              .write("four.csv",
                     "ACGTACGTACGT, a\nTTGTACGTACGA, b\n"
                     "CCGTACGTACGC, c\nGGGTACGTACGG, d\n")
              .string();
  const Result result = run(train("run", {"--no-augment", "--epochs", "1"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.err.find("macro AUC-PR –, "), std::string::npos) << result.err;
  const Json test = Json::parse(content("run/metrics.json"))["test"];
  for (const char* figure : {"macro_auc_pr", "macro_auc_roc", "pearson_r"}) {
    EXPECT_TRUE(test[figure].is_null()) << figure;
  }
  const std::string table = run({"evaluate", path("run")}).out;
  EXPECT_NE(table.find("macro AUC-ROC      –\n"), std::string::npos) << table;

  ASSERT_EQ(run(train("all", {"--no-augment", "--epochs", "1", "--validation-fraction", "0",
                              "--test-fraction", "0"}))
                .status,
            0);
  const Json metrics = Json::parse(content("all/metrics.json"));
  EXPECT_TRUE(metrics["test"].is_null());
  EXPECT_TRUE(metrics["best_epoch"].is_null());
  EXPECT_TRUE(metrics["leakage"]["test_share"].is_null());
}

TEST_F(TrainRules, ClassWeightsAreInTheLossThatChoosesTheBestEpoch) {
  std::string csv;  // a class 19 times as frequent as the other
  for (int i = 0; i < 200; ++i) {
    csv += small_fasta().substr(6 + i % 30, 12) + (i % 20 == 0 ? ", rare\n" : ", common\n");
  }
  data_ = folder_.write("uneven.csv", csv).string();
  const auto validation_loss = [&](const std::string& name, const std::string& option) {
    EXPECT_EQ(run(train(name, {"--no-augment", "--epochs", "1", "--lr", "1e-9", "--split",
                               "stratified", option}))
                  .status,
              0);
    std::istringstream lines(content(name + "/metrics.csv"));
    std::string line;
    for (int i = 0; i < 2; ++i) std::getline(lines, line);
    for (int i = 0; i < 3; ++i) line.erase(0, line.find(',') + 1);
    return std::stod(line);
  };
  const double weighted = validation_loss("weighted", "--class-weights");
  const double plain = validation_loss("plain", "--no-class-weights");
  EXPECT_GT(std::abs(weighted - plain), 1e-4);
  // The figures of the parts are of the predictions alone, as scikit-learn has them.
  EXPECT_NEAR(Json::parse(content("weighted/metrics.json"))["val"]["loss"].get<double>(), plain,
              1e-4);
}

// The first block of TOML in docs/models.md, as it is there.
TEST_F(TrainRules, TheExampleOfTheDocsLearns) {
  const std::string docs = read_file(test::folder().parent_path() / "docs/models.md");
  const std::size_t begin = docs.find("```toml\n") + 8;
  spec_ =
      folder_.write("wide.toml", docs.substr(begin, docs.find("```\n", begin) - begin)).string();
  data_ = path("genome.gb");
  ASSERT_EQ(run({"simulate", "--genes", "5", "-o", data_}).status, 0);
  const Result result = run({"train", data_, "--model", spec_, "--out", path("run"), "--epochs",
                             "10", "--device", "cpu"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Json metrics = Json::parse(content("run/metrics.json"));
  EXPECT_GT(metrics["val"]["accuracy"].get<double>(), 0.4) << "twice what chance gives";
}

}  // namespace
}  // namespace stroma
