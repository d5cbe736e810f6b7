// Labels from tables and from files of one class, parts given apart, groups and weights: DATA as
// train, evaluate and predict read it.
#include <gtest/gtest.h>

#include <set>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

using Words = std::vector<std::string>;

/// Lines of 12 letters that begin with `start`.
std::string lines(const std::string& start, int count, uint64_t seed) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += start;
    for (std::size_t letter = start.size(); letter < 12; ++letter) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      text += "ACGT"[seed >> 62];
    }
    text += '\n';
  }
  return text;
}

/// The lines as FASTA, called NAME1, NAME2, …
std::string fasta(const std::string& name, const std::string& text) {
  std::string records;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += 13) {
    records += fmt::format(">{}{}\n{}", name, ++number, text.substr(begin, 13));
  }
  return records;
}

class LabelForms : public SmallRun {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text).string();
  }
  /// `stroma train` on whole sequences of 12 letters.
  Result train_on(const Words& data, const std::string& name, const Words& more = {}) const {
    Words words = {"train"};
    words.insert(words.end(), data.begin(), data.end());
    words.insert(words.end(), {"--model", spec_, "--out", path(name), "--epochs", "1", "--whole"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Json metrics(const std::string& name) const {
    return Json::parse(content(name + "/metrics.json"));
  }
  Json config(const std::string& name) const { return Json::parse(content(name + "/config.json")); }

  std::string positives_ = lines("AAAC", 20, 1), negatives_ = lines("GTTT", 30, 2);
  std::string pos_ = file("pos.txt", positives_), neg_ = file("neg.txt", negatives_);
  std::string records_ = file("all.fasta", fasta("p", positives_) + fasta("n", negatives_));
  std::string table_ = file("table.tsv", [] {
    std::string text = "id\tlabel\tpatient\tweight\n";
    for (int i = 1; i <= 20; ++i) text += fmt::format("p{}\tpos\tx{}\t2\n", i, i % 7);
    for (int i = 1; i <= 30; ++i) text += fmt::format("n{}\tneg\tx{}\t0.5\n", i, i % 7);
    return text;
  }());
  Words classes_ = {"--class", "pos=" + pos_, "--class", "neg=" + neg_};
};

TEST_F(LabelForms, AClassIsAFileOfLinesOrFasta) {
  ASSERT_EQ(train_on(classes_, "lines").status, 0);
  EXPECT_EQ(config("lines")["labels"], Json({"neg", "pos"}));
  const std::string p = file("p.fasta", fasta("p", positives_)),
                    n = file("n.fasta", fasta("n", negatives_));
  ASSERT_EQ(train_on({"--class", "pos=" + p, "--class", "neg=" + n}, "fasta").status, 0);
  EXPECT_EQ(content("lines/model.safetensors"), content("fasta/model.safetensors"));
  // Beside DATA with labels, it is one class more.
  ASSERT_EQ(
      train_on({file("a.csv", "ACGTACGTACGT, neg\nACGTACGTACGA, x\n"), "--class", "pos=" + pos_},
               "more")
          .status,
      0);
  EXPECT_EQ(config("more")["labels"], Json({"neg", "pos", "x"}));
}

TEST_F(LabelForms, ATableGivesTheLabelsOfFasta) {
  ASSERT_EQ(train_on({records_, "--labels", table_}, "table").status, 0);
  EXPECT_EQ(config("table")["labels"], Json({"neg", "pos"}));
  ASSERT_EQ(train_on(classes_, "lines").status, 0);
  EXPECT_EQ(content("table/model.safetensors"), content("lines/model.safetensors"));
}

TEST_F(LabelForms, ARunIsResumedAndEvaluatedWithThem) {
  const Words data = {records_, "--labels", table_, "--group", "patient", "--balance", "duplicate"};
  ASSERT_EQ(train_on(data, "run").status, 0);
  EXPECT_EQ(run({"evaluate", path("run"), "--quiet"}).status, 0);
  Words words = data;
  words.insert(words.end(), {"--resume", "--epochs", "2"});
  const Result resumed = train_on(words, "run");  // the last --epochs counts twice: it is refused
  EXPECT_EQ(resumed.status, 2) << resumed.err;
  words = {"train",   records_,    "--labels",  table_,     "--group",
           "patient", "--balance", "duplicate", "--model",  spec_,
           "--out",   path("run"), "--whole",   "--epochs", "2"};
  Words resume = words;
  resume.emplace_back("--resume");
  ASSERT_EQ(run(resume).status, 0);
  words[11] = path("once");
  ASSERT_EQ(run(words).status, 0);
  expect_same_run("run", "once");
  resume[2] = "--unknown";  // without its table
  resume[3] = "zero";
  EXPECT_EQ(run(resume).status, 1);
}

TEST_F(LabelForms, EvaluateAndPredictTakeThem) {
  ASSERT_EQ(train_on(classes_, "run").status, 0);
  Words evaluate = {"evaluate", path("run"), "--json", "--quiet"};
  evaluate.insert(evaluate.end(), classes_.begin(), classes_.end());
  const Json by_class = Json::parse(run(evaluate).out);
  EXPECT_EQ(by_class["examples"], 50);
  const Json by_table =
      Json::parse(run({"evaluate", path("run"), records_, "--labels", table_, "--json"}).out);
  EXPECT_EQ(by_table["accuracy"], by_class["accuracy"]);
  const Result predicted = run({"predict", path("run"), records_, "--labels", table_});
  EXPECT_NE(predicted.out.find("\np1,pos,"), std::string::npos) << predicted.out;
}

TEST_F(LabelForms, PartsThatAreGivenApartAreUsedAsTheyAre) {
  const std::string test = file("test.txt", lines("AAAC", 4, 5)),
                    other = file("other.txt", lines("GTTT", 3, 6)),
                    check = file("check.csv", "AAACAAACAAAC, pos\nGTTTGTTTGTTT, neg\n");
  const Words parts = {"--test-class", "pos=" + test,  "--test-class",
                       "neg=" + other, "--validation", check};
  ASSERT_EQ(train_on(classes_, "run", parts).status, 0);
  EXPECT_EQ(metrics("run")["examples"], Json({{"train", 50}, {"validation", 2}, {"test", 7}}));
  EXPECT_EQ(run({"evaluate", path("run"), "--quiet"}).status, 0);
  EXPECT_EQ(content("run/predictions.csv").find("pos.txt"), std::string::npos);
}

TEST_F(LabelForms, LabelsThatOnlyTheTestPartHasAreNamedCountedAndLeftOut) {
  const std::string test =
      file("test.csv", "AAACAAACAAAC, pos\nGTTTGTTTGTTT, neg\nCCCCCCCCCCCC, new\n");
  const Result skipped = train_on(classes_, "run", {"--test", test});
  ASSERT_EQ(skipped.status, 0) << skipped.err;
  EXPECT_NE(skipped.err.find("test.csv: 1 example is of labels that are not trained, and left "
                             "out: 'new'."),
            std::string::npos)
      << skipped.err;
  EXPECT_EQ(config("run")["labels"], Json({"neg", "pos"}));
  EXPECT_EQ(metrics("run")["unseen"],
            Json({{"labels", {"new"}}, {"test_examples", 1}, {"counted_as_wrong", false}}));
  ASSERT_EQ(train_on(classes_, "wrong", {"--test", test, "--unseen", "wrong"}).status, 0);
  const double accuracy = metrics("run")["test"]["accuracy"];
  EXPECT_DOUBLE_EQ(metrics("wrong")["test"]["accuracy"], accuracy * 2 / 3);
  EXPECT_EQ(content("run/predictions.csv"), content("wrong/predictions.csv"));
  for (const std::string name : {"run", "wrong"}) {
    EXPECT_EQ(Json::parse(run({"evaluate", path(name), "--json"}).out)["accuracy"],
              metrics(name)["test"]["accuracy"]);
  }
  // evaluate on other data refuses them unless it is told what they are.
  expect_failure(run({"evaluate", path("run"), test}), 1, {"the model knows no label \"new\""});
  EXPECT_EQ(
      Json::parse(
          run({"evaluate", path("run"), test, "--json", "--unseen", "wrong"}).out)["accuracy"],
      metrics("wrong")["test"]["accuracy"]);
}

TEST_F(LabelForms, GroupsStayWhole) {
  ASSERT_EQ(train_on({records_, "--labels", table_}, "run", {"--group", "patient"}).status, 0);
  std::set<int> tested;
  const std::string predictions = content("run/predictions.csv");
  for (int i = 1; i <= 20; ++i) {
    if (predictions.find(fmt::format("\np{}:1-12,", i)) != std::string::npos) tested.insert(i % 7);
  }
  EXPECT_FALSE(tested.empty());
  for (int i = 1; i <= 30; ++i) {
    const bool is_tested = predictions.find(fmt::format("\nn{}:1-12,", i)) != std::string::npos;
    EXPECT_EQ(is_tested, tested.contains(i % 7)) << i;
  }
  // A file of groups says the same.
  std::string groups;
  for (int i = 1; i <= 30; ++i) {
    if (i <= 20) groups += fmt::format("p{},x{}\n", i, i % 7);
    groups += fmt::format("n{},x{}\n", i, i % 7);
  }
  ASSERT_EQ(
      train_on({records_, "--labels", table_}, "file", {"--group", file("groups.csv", groups)})
          .status,
      0);
  EXPECT_EQ(content("file/predictions.csv"), predictions);
}

TEST_F(LabelForms, OneGroupIsLeftOut) {
  const Words more = {
      "--group", "genome", "--split", "leave-one-group-out", "--fold", "2", "--validation-fraction",
      "0"};
  const std::string a = file("a.csv", "ACGTACGTACGT, x\nACGTACGTACGA, y\n"),
                    b = file("b.csv", "ACGTACGTACGC, x\nACGTACGTACTT, y\n");
  ASSERT_EQ(train_on({a, b}, "run", more).status, 0);
  const std::string predictions = content("run/predictions.csv");
  EXPECT_NE(predictions.find("b.csv"), std::string::npos) << predictions;
  EXPECT_EQ(predictions.find("a.csv"), std::string::npos) << predictions;
}

TEST_F(LabelForms, AWrongTableOrFileIsOneSentence) {
  const auto on_table = [&](const std::string& text, const Words& more = {}) {
    return train_on({records_, "--labels", file("t.tsv", text)}, "x", more);
  };
  expect_failure(on_table("p1\tpos\n"), 1, {"all.fasta:3: 'p2' has no line in ", "t.tsv; add one"});
  expect_failure(on_table("p1\tpos\np1\tneg\n"), 1, {"t.tsv:2: 'p1' has 'neg' here and 'pos' in"});
  expect_failure(on_table("p1\tpos\np1\tpos\n"), 1, {"t.tsv:2: 'p1' is in line 1 already"});
  expect_failure(train_on({pos_, "--labels", table_}, "x"), 1, {"pos.txt is lines without ids"});
  expect_failure(train_on({file("c.csv", "ACGT, a\n"), "--labels", table_}, "x"), 1,
                 {"c.csv gives labels of its own", "table.tsv"});
  expect_failure(train_on({"--class", "a=" + file("c.csv", "ACGT, a\n")}, "x"), 1,
                 {"c.csv gives labels of its own, but all of it is to be of the class 'a'"});
  const Words data = {records_, "--labels", table_};
  expect_failure(train_on(data, "x", {"--weight", "dose"}), 1,
                 {"table.tsv:1: no column is called 'dose'; this line names label, patient and "
                  "weight"});
  expect_failure(train_on(data, "x", {"--weight", "patient"}), 1,
                 {"table.tsv:2: the weight of 'p1' is 'x1'; it must be a number"});
  expect_failure(train_on(data, "x", {"--group", "ward"}), 1, {"--group ward is neither 'genome'"});
  expect_failure(train_on(data, "x", {"--group", "genome"}), 1, {"of one group"});
  expect_failure(train_on(classes_, "x", {"--test", file("n.csv", "ACGTACGTACGT, new\n")}), 1,
                 {"n.csv: no label in it is one that is trained"});
  EXPECT_FALSE(std::filesystem::exists(path("x")));
}

TEST_F(LabelForms, OptionsThatDoNotGoTogetherAreWrongUsage) {
  const std::string test = file("test.csv", "AAACAAACAAAC, pos\n");
  expect_failure(train_on({}, "x"), 2, {"DATA is required"});
  expect_failure(train_on({"--class", "pos.txt"}, "x"), 2, {"LABEL=FILE is expected"});
  expect_failure(train_on(classes_, "x", {"--labels", table_}), 2, {"--labels is a table of"});
  expect_failure(train_on(classes_, "x", {"--test-labels", table_}), 2, {"--test-labels"});
  expect_failure(train_on(classes_, "x", {"--class", "again=" + pos_}), 2, {"is named twice"});
  expect_failure(train_on(classes_, "x", {"--weight", "w"}), 2, {"--weight", "--labels"});
  expect_failure(train_on(classes_, "x", {"--unseen", "wrong"}), 2, {"--unseen", "--test"});
  expect_failure(train_on(classes_, "x", {"--split", "leave-one-group-out"}), 2, {"--group"});
  expect_failure(train_on(classes_, "x", {"--test", test, "--split", "kfold"}), 2, {"--test"});
  expect_failure(train_on(classes_, "x", {"--test", test, "--test-fraction", "0.1"}), 2,
                 {"--test-fraction has no effect beside --test"});
  expect_failure(train_on(classes_, "x", {"--validation", test, "--validation-fraction", "0.1"}), 2,
                 {"--validation-fraction has no effect beside --validation"});
  expect_failure(train_on(classes_, "x", {"--balance", "duplicate", "--class-weights"}), 2,
                 {"--balance and class weights"});
  expect_failure(train_on({records_, "--labels", table_}, "x", {"--label-until", "_"}), 2,
                 {"--label-until is for labels that are names"});
  ASSERT_EQ(train_on(classes_, "run").status, 0);
  expect_failure(run({"evaluate", path("run"), "--labels", table_}), 2, {"--labels"});
}

}  // namespace
}  // namespace stroma
