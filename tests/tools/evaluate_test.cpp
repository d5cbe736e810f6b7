// evaluate, and predict beside it: figures, and what they say and refuse.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Evaluate : public SmallRun {};

TEST_F(Evaluate, NothingIsWrittenOverTheRunOrItsData) {
  EXPECT_EQ(run(train("run")).status, 0);
  const std::string model = path("run/model.safetensors");
  expect_failure(run({"evaluate", path("run"), "-o", data_}), 2, {data_, "over the input"});
  expect_failure(run({"evaluate", path("run"), "-o", model}), 2, {model, "over the input"});
  expect_failure(run({"predict", path("run"), data_, "-o", model}), 2, {model, "over the input"});
  EXPECT_EQ(content("genes.fasta"), small_fasta());
}

TEST_F(Evaluate, EvaluateSaysWhatItsFiguresAreOf) {
  EXPECT_EQ(run(train("run")).status, 0);
  EXPECT_EQ(run({"evaluate", path("run")}).err, "");
  EXPECT_NE(run({"evaluate", path("run"), data_}).err.find("trained on most of these"),
            std::string::npos);
  std::filesystem::remove(path("run/metrics.json"));  // as where the run was interrupted
  EXPECT_NE(run({"evaluate", path("run")}).err.find("has not come to its end"), std::string::npos);
}

TEST_F(Evaluate, EvaluateGivesTheFiguresOfTheRun) {
  run(train("run"));
  const Json of_run = Json::parse(content("run/metrics.json"))["test"];
  EXPECT_EQ(Json::parse(run({"evaluate", path("run"), "--json"}).out), of_run);
  const std::string table = run({"evaluate", path("run")}).out;
  EXPECT_NE(table.find(fmt::format("{:.4f}", of_run["accuracy"].get<double>())), std::string::npos)
      << table;
  const Json on_all = Json::parse(run({"evaluate", path("run"), data_, "--json"}).out);
  EXPECT_EQ(on_all["examples"], 4 * 39);
}

TEST_F(Evaluate, WithoutATestPartSaysSo) {
  const Result result = run(train("run", {"--test-fraction", "0"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err.find("of the test windows"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("stroma evaluate " + path("run") + " DATA"), std::string::npos);
  expect_failure(run({"evaluate", path("run")}), 1, {"--test-fraction 0", "name DATA"});
}

TEST_F(Evaluate, PredictWorksWithoutKnownLabels) {
  // On the CPU a window's figures do not depend on the others of its batch, not in the last bit.
  run(train("run", {"--device", "cpu"}));
  const std::string of_run = content("run/predictions.csv");
  const std::string all = run({"predict", path("run"), data_, "--device", "cpu"}).out;
  std::istringstream lines(of_run);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_NE(all.find(line + "\n"), std::string::npos) << line;
  }
  const std::string other = folder_.write("other.fasta", ">new\nACGTTGCAACGTTGCA\n").string();
  const Result predicted = run({"predict", path("run"), other, "-o", path("p.csv")});
  EXPECT_EQ(predicted.status, 0) << predicted.err;
  EXPECT_NE(content("p.csv").find("new:1-12,,"), std::string::npos) << content("p.csv");
  expect_failure(run({"evaluate", path("run"), other}), 1, {"no label \"new\"", other});
}

}  // namespace
}  // namespace stroma
