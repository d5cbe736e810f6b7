// train with other losses, weights and learning rates: what a run leaves, and what is refused.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Losses : public SmallRun {
 protected:
  void SetUp() override {
    std::string csv;
    for (int i = 0; i < 20; ++i) {
      const char end = "ACGT"[i % 4];
      csv += std::string("ACGTACGTAAC") + end + ", no\n" + "TTGTACGTAAC" + end + ", yes\n";
    }
    data_ = folder_.write("two.csv", csv).string();
  }

  /// `train` on whole sequences of two classes.
  Result learn(const std::string& name, std::vector<std::string> more) const {
    more.insert(more.begin(), {"--no-augment", "--quiet"});
    return run(train(name, more));
  }

  Json metrics(const std::string& name) const {
    return Json::parse(content(name + "/metrics.json"));
  }
};

TEST_F(Losses, EachLeavesAWholeRunThatIsReadBack) {
  for (const std::string loss : {"binary_cross_entropy", "hinge", "multi_label"}) {
    SCOPED_TRACE(loss);
    const Result trained = learn(loss, {"--loss", loss});
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_EQ(content(loss + "/predictions.csv").substr(0, 27), "id,true,predicted,p_no,p_ye");
    const Result evaluated = run({"evaluate", path(loss), "--json", "--quiet"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.err;
    const Json test = metrics(loss)["test"], again = Json::parse(evaluated.out);
    EXPECT_EQ(again["accuracy"], test["accuracy"]);
    EXPECT_EQ(again["loss"], test["loss"]);
    for (const char* figure : {"au_roc", "au_prc", "fpr80", "pr95"}) {
      EXPECT_EQ(test.contains(figure), loss != "multi_label") << figure;
    }
    const Result predicted = run({"predict", path(loss), data_, "--quiet"});
    EXPECT_EQ(predicted.status, 0) << predicted.err;
    EXPECT_EQ(predicted.out.substr(0, 18), "id,true,predicted,");
  }
}

TEST_F(Losses, GoOnAsIfNeverStopped) {
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--loss", "binary_cross_entropy", "--class-weights=balanced"},
           {"--loss", "hinge", "--class-weights=no:0.5,yes:2"},
           {"--label-smoothing", "0.1", "--sequence-loss", "0.3"},
           {"--lr-schedule", "plateau", "--lr-patience", "0"}}) {
    SCOPED_TRACE(options[1]);
    std::vector<std::string> first = options, all = options;
    first.insert(first.end(), {"--epochs", "1"});
    all.insert(all.end(), {"--epochs", "3"});
    ASSERT_EQ(learn("run", first).status, 0);
    all.emplace_back("--resume");
    ASSERT_EQ(learn("run", all).status, 0);
    all.back() = "--force";
    ASSERT_EQ(learn("whole", all).status, 0);
    expect_same_run("run", "whole");
    std::filesystem::remove_all(path("run"));
  }
}

TEST_F(Losses, ARateThatFallsTowardsTheEndKeepsToItsEpochs) {
  ASSERT_EQ(learn("run", {"--lr-schedule", "one_cycle", "--epochs", "2"}).status, 0);
  expect_failure(learn("run", {"--lr-schedule", "one_cycle", "--epochs", "3", "--resume"}), 1,
                 {"has begun to lower its learning rate towards the end of 2 epochs",
                  "resume with --epochs 2"});
  EXPECT_EQ(learn("run", {"--lr-schedule", "one_cycle", "--resume"}).status, 0);
}

TEST_F(Losses, ConfigKeepsHowClassesWeigh) {
  ASSERT_EQ(learn("run", {"--class-weights=no:1.5,yes:1", "--epochs", "1"}).status, 0);
  const Json training = Json::parse(content("run/config.json"))["training"];
  EXPECT_EQ(training["class_weights"], "no:1.5,yes:1");
  EXPECT_EQ(training["loss"], "cross_entropy");
}

TEST_F(Losses, WhatDoesNotGoTogetherIsRefused) {
  const struct {
    std::vector<std::string> options;
    int status;
    std::string says;
  } cases[] = {
      {{"--loss", "square"}, 2, "--loss"},
      {{"--loss", "hinge", "--label-smoothing", "0.1"},
       2,
       "--label-smoothing does not go with the loss hinge"},
      {{"--loss", "multi_label", "--class-weights"},
       2,
       "--class-weights does not go with the loss multi_label"},
      {{"--class-weights=no"}, 2, "must be none, inverse, balanced or LABEL:WEIGHT"},
      {{"--class-weights=no:0,yes:1"}, 2, "must have weights above 0"},
      {{"--class-weights=no:1,no:2"}, 2, "must name each label once, not \"no\" twice"},
      {{"--class-weights=no:1"}, 1, "class_weights gives the label \"yes\" no weight"},
      {{"--class-weights=no:1,yes:2,may be:3"}, 1, "class_weights names the label \"may be\""},
      {{"--lr-schedule", "cosine", "--lr-step", "3"},
       2,
       "--lr-step belongs to --lr-schedule step, not to cosine"},
      {{"--lr-rise", "0.5"}, 2, "--lr-rise belongs to --lr-schedule one_cycle, not to step"},
      {{"--lr-schedule", "exponential", "--lr-gamma", "1"},
       2,
       "--lr-schedule exponential has no effect without --lr-gamma"},
      {{"--lr-schedule", "plateau", "--validation-fraction", "0"},
       2,
       "--lr-schedule plateau needs a validation part"},
      {{"--lr-schedule", "cosine", "--lr-min", "1"}, 2, "--lr-min is not below --lr"},
  };
  for (const auto& [options, status, says] : cases) {
    expect_failure(learn("run", options), status, {says});
  }
}

TEST_F(Losses, OneLogitIsForTwoClasses) {
  data_ =
      folder_.write("three.csv", "ACGTACGTACGT, a\nACGTACGTACGA, b\nACGTACGTACGC, c\n").string();
  expect_failure(learn("run", {"--loss", "binary_cross_entropy"}), 1,
                 {"the loss binary_cross_entropy is for two classes, and the data has 3; take "
                  "cross_entropy"});
  EXPECT_FALSE(std::filesystem::exists(path("run/config.json")));
}

}  // namespace
}  // namespace stroma
