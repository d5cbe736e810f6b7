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
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"evaluate", path("run")}, {"predict", path("run"), data_}}) {
    EXPECT_NE(run(command).err.find("has not come to its end"), std::string::npos);
  }
}

TEST_F(Evaluate, EvaluateGivesTheFiguresOfTheRun) {
  run(train("run"));
  const Json metrics = Json::parse(content("run/metrics.json"));
  Json of_run = metrics["test"];
  of_run["memory_baseline"] = metrics["memory_baseline"];
  EXPECT_EQ(Json::parse(run({"evaluate", path("run"), "--json"}).out), of_run);
  const std::string table = run({"evaluate", path("run")}).out;
  EXPECT_NE(table.find(fmt::format("{:.4f}", of_run["accuracy"].get<double>())), std::string::npos)
      << table;
  const Json on_all = Json::parse(run({"evaluate", path("run"), data_, "--json"}).out);
  EXPECT_EQ(on_all["examples"], 4 * 39);
}

TEST_F(Evaluate, MemoryStandsBesideEveryAccuracy) {
  const Result trained = run(train("run", {"--memory-k", "6"}));
  const Json memory = Json::parse(content("run/metrics.json"))["memory_baseline"];
  EXPECT_EQ(memory["method"], "k-mer vote");
  EXPECT_EQ(memory["k"], 6);
  const std::string figure =
      fmt::format("{:.4f} by a vote of 6-mers", memory["accuracy"].get<double>());
  for (const std::string& text : {trained.err, run({"evaluate", path("run")}).out}) {
    EXPECT_NE(text.find(figure), std::string::npos) << text;
  }
  // Of other data that the training part holds a copy of, memory is right on all.
  std::string gene = small_fasta();
  gene.resize(gene.find('\n', gene.find('\n') + 1) + 1);
  const std::string copy = folder_.write("copy.fasta", gene).string();
  const auto evaluated = [&](const std::string& option, const std::string& value) {
    return Json::parse(run({"evaluate", path("run"), copy, "--json", option, value}).out);
  };
  EXPECT_EQ(evaluated("--memory-k", "5")["memory_baseline"]["accuracy"], 1);
  EXPECT_EQ(evaluated("--memory-k", "5")["memory_baseline"]["k"], 5);
  std::filesystem::remove(data_);
  const Result without = run({"evaluate", path("run"), copy});
  EXPECT_NE(without.out.find("memory alone       –\n"), std::string::npos) << without.out;
  EXPECT_NE(without.err.find("What memory alone scores is not known: the run was trained on"),
            std::string::npos)
      << without.err;
}

TEST_F(Evaluate, WholeSequencesAreLookedUp) {
  const std::string whole = folder_
                                .write("whole.csv",
                                       [] {
                                         std::string lines;
                                         for (int i = 0; i < 20; ++i)
                                           lines +=
                                               i % 2 ? "ACGTACGTACGT, a\n" : "CCCCGGGGTTTT, b\n";
                                         return lines;
                                       }())
                                .string();
  ASSERT_EQ(
      run({"train", whole, "--model", spec_, "--whole", "--out", path("run"), "--quiet"}).status,
      0);
  EXPECT_EQ(Json::parse(content("run/metrics.json"))["memory_baseline"],
            Json({{"method", "look-up"},
                  {"k", nullptr},
                  {"accuracy", 1.0},
                  {"beside", {{"method", "k-mer vote"}, {"k", 12}, {"accuracy", 1.0}}}}));
}

TEST_F(Evaluate, WithoutATestPartSaysSo) {
  const Result result = run(train("run", {"--test-fraction", "0"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err.find("of the test windows"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("stroma evaluate " + path("run") + " DATA"), std::string::npos);
  expect_failure(run({"evaluate", path("run")}), 1, {"--test-fraction 0", "name DATA"});
}

TEST_F(Evaluate, OptionsForDataMeanNothingWithout) {
  EXPECT_EQ(run(train("run", {"--epochs", "1"})).status, 0);
  for (const std::vector<std::string>& option :
       std::vector<std::vector<std::string>>{{"--unknown", "zero"},
                                             {"--short", "skip"},
                                             {"--strict"},
                                             {"--feature", "CDS"},
                                             {"--annotation", "x.gff3"}}) {
    std::vector<std::string> words = {"evaluate", path("run")};
    words.insert(words.end(), option.begin(), option.end());
    expect_failure(run(words), 2, {option.front() + " is for DATA"});
  }
}

TEST_F(Evaluate, LeavesOutSequencesThatAreTooShortAndSaysSo) {
  EXPECT_EQ(run(train("run", {"--epochs", "1"})).status, 0);
  const std::string with_short = folder_.write("s.fasta", small_fasta() + ">psbA\nACGT\n").string();
  const Result whole = run({"evaluate", path("run"), data_, "--json", "--quiet"});
  const Result result = run({"evaluate", path("run"), with_short, "--json"});
  EXPECT_EQ(result.out, whole.out);
  EXPECT_NE(result.err.find("1 of 5 sequences is left out, the first 'psbA' of 4 letters"),
            std::string::npos)
      << result.err;
  expect_failure(run({"evaluate", path("run"), with_short, "--short", "error"}), 1,
                 {"s.fasta:9: 'psbA' has 4 letters, fewer than a window of 12"});
}

}  // namespace
}  // namespace stroma
