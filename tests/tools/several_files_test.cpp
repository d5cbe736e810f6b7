// DATA of several files, of standard input, and of a genome beside its annotation; options that
// mean nothing for it; runs of the version that cut names.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

/// A linear record with these genes, each of 10 bases after 30 of its own.
std::string genome(const std::string& name, const std::vector<std::string>& genes, uint64_t seed) {
  std::string features, letters;
  for (const std::string& gene : genes) {
    for (int i = 0; i < 40; ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      letters += "acgt"[seed >> 62];
    }
    features += fmt::format("     gene            {}..{}\n                     /gene=\"{}\"\n",
                            letters.size() - 9, letters.size(), gene);
  }
  return fmt::format(
      "LOCUS       {} {} bp DNA linear PLN 01-JAN-2000\n"
      "FEATURES             Location/Qualifiers\n{}ORIGIN\n        1 {}\n//\n",
      name, letters.size(), features, letters);
}

class SeveralFiles : public SmallRun {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text).string();
  }
  std::string a_ = file("a.gb", genome("A1", {"psbA", "rbcL_x", "psbA"}, 1));
  std::string b_ = file("b.gb", genome("B1", {"psbA", "rbcL_x"}, 2));
  std::vector<std::string> train_on(const std::vector<std::string>& files,
                                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train"};
    words.insert(words.end(), files.begin(), files.end());
    words.insert(words.end(), {"--model", spec_, "--out", path("run"), "--max-overlap", "8",
                               "--min-shared", "8", "--epochs", "1", "--quiet"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(SeveralFiles, HoldOneClassForEachNameWithinAndAcrossGenomes) {
  ASSERT_EQ(run(train_on({a_, b_}, {"--upstream-length", "30"})).status, 0);
  const Json config = Json::parse(content("run/config.json"));
  EXPECT_EQ(config["labels"], Json({"psbA", "psbA.2", "rbcL_x"}));
  const std::string predictions = content("run/predictions.csv");
  EXPECT_NE(predictions.find("\na.gb/A1/"), std::string::npos) << predictions;
  EXPECT_NE(predictions.find("\nb.gb/B1/"), std::string::npos) << predictions;
  EXPECT_EQ(run({"evaluate", path("run"), "--quiet"}).status, 0);
  const Result predicted = run({"predict", path("run"), a_, b_});
  for (const char* id :
       {"\na.gb/A1/psbA,psbA,", "\na.gb/A1/psbA.2,psbA.2,", "\nb.gb/B1/psbA,psbA,"}) {
    EXPECT_NE(predicted.out.find(id), std::string::npos) << predicted.out;
  }
  EXPECT_NE(run({"predict", path("run"), a_}).out.find("\npsbA,psbA,"), std::string::npos);
}

TEST_F(SeveralFiles, AreOfOneKindAndEachNamedOnce) {
  expect_failure(run(train_on({a_, data_})), 1,
                 {"a.gb is an annotated genome", "genes.fasta is a FASTA file", "stroma extract"});
  for (const char* command : {"upstream", "proteins"}) {
    expect_failure(run({"extract", command, a_, a_}), 2, {a_ + " is named twice"});
  }
  const std::string same = (folder_.path() / "." / "a.gb").string();
  expect_failure(run({"augment", "windows", a_, same}), 2, {same + " is named twice"});
  expect_failure(run({"kmers", "shared", a_, a_}), 2, {a_ + " is named twice"});
  expect_failure(run(train_on({"-", "-"})), 2, {"can be read once only"});
  EXPECT_FALSE(std::filesystem::exists(path("run")));
}

TEST_F(SeveralFiles, ARecordOfEachKindHasKmers) {
  const Result shared =
      run({"kmers", "shared", a_, data_, file("again.fasta", ">x\nACGTA\n>x\nACGTA\n"), "--quiet"});
  EXPECT_EQ(shared.status, 0) << shared.err;
  for (const char* line : {"\na.gb/A1,genes.fasta/psbA,", "\nagain.fasta/x,again.fasta/x#2,1\n"}) {
    EXPECT_NE(shared.out.find(line), std::string::npos) << shared.out;
  }
}

TEST_F(SeveralFiles, StandardInputIsReadByEveryCommand) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"extract", "upstream", "a.gb", "--length", "30"},
           {"augment", "windows", "a.gb", "--upstream-length", "30", "--length", "21"},
           {"kmers", "count", "a.gb", "--k", "4"}}) {
    std::vector<std::string> named = command, piped = command;
    named[2] = a_;
    piped[2] = "-";
    const Result result = run(piped, {.in_path = a_});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, run(named).out);
  }
  const std::vector<std::string> words = train_on({"-"});
  const Surroundings piped = {.in_path = data_};
  ASSERT_EQ(run(words, piped).status, 0);
  expect_failure(run({"evaluate", path("run")}), 1, {"trained on standard input", "name DATA"});
  EXPECT_EQ(run({"evaluate", path("run"), "-", "--quiet"}, piped).status, 0);
  std::vector<std::string> on = words;
  on.insert(on.end(), {"--resume"});
  EXPECT_EQ(run(on, piped).status, 0);
}

TEST_F(SeveralFiles, AFastaGenomeIsReadBesideItsAnnotation) {
  const std::string letters(40, 'A');
  const std::string fasta = file("g.fa", ">chr1\n" + letters + "CCCCCCCCCC" + letters + "\n");
  const std::string gff =
      file("g.gff3", "##gff-version 3\nchr1\tx\tgene\t51\t60\t.\t+\t.\tID=g1;Name=psbA\n");
  const std::vector<std::string> upstream = {"extract", "upstream", fasta, "--length", "12"};
  std::vector<std::string> words = upstream;
  words.insert(words.end(), {"--annotation", gff});
  const Result result = run(words);
  EXPECT_EQ(result.out, ">psbA\nAACCCCCCCCCC\n") << result.err;
  expect_failure(run(upstream), 1, {"g.fa: a FASTA file says nothing of genes", "--annotation"});
  expect_failure(run({"augment", "windows", a_, "--annotation", gff}), 2,
                 {"--annotation is for the genes of a FASTA file; " + a_});
  expect_failure(run({"augment", "windows", fasta, data_, "--annotation", gff}), 2,
                 {"--annotation goes with one FASTA file"});
  words = {"augment", "windows", fasta, "--annotation", gff, "--upstream-length", "12"};
  words.insert(words.end(), {"--length", "11", "--max-overlap", "10", "--min-shared", "11"});
  EXPECT_EQ(run(words).out, "AACCCCCCCCC, psbA\nACCCCCCCCCC, psbA\n");
}

TEST_F(SeveralFiles, OptionsThatMeanNothingForThemAreRefused) {
  for (const std::vector<std::string>& option :
       std::vector<std::vector<std::string>>{{"--unique", "name"},
                                             {"--upstream-length", "20"},
                                             {"--min-protein-length", "20"},
                                             {"--feature", "CDS"},
                                             {"--strict"}}) {
    std::vector<std::string> words = {"augment", "windows", data_};
    words.insert(words.end(), option.begin(), option.end());
    expect_failure(run(words), 2,
                   {option.front() + " is for annotated genomes; " + data_ + " is a FASTA file"});
  }
  expect_failure(run({"augment", "windows", a_, "--min-protein-length", "20"}), 2,
                 {"--min-protein-length is for proteins"});
  const std::string csv = file("in.csv", "ACGT, a_1\n");
  expect_failure(run({"augment", "windows", csv, "--label-until", "_"}), 2,
                 {"--label-until is for labels that are names"});
  for (const char* option : {"--short", "--min-overlap", "--max-overlap", "--min-shared"}) {
    std::vector<std::string> words = {"train", data_, "--model", spec_, "--no-augment", option};
    words.emplace_back(std::string(option) == "--short" ? "skip" : "5");
    expect_failure(run(words), 2, {option, "--no-augment"});
  }
}

TEST_F(SeveralFiles, NamesAreCutWhereThatIsAskedFor) {
  const std::string fasta = file("in.fasta", ">a_1\nACGTAC\n>b_fragment\nACGTTT\n>a_2\nCCGTTT\n");
  std::vector<std::string> words = {"augment", "windows",      fasta, "--length",
                                    "6",       "--min-shared", "6"};
  words.insert(words.end(), {"--min-overlap", "0", "--max-overlap", "0"});
  EXPECT_EQ(run(words).out, "ACGTAC, a_1\nACGTTT, b_fragment\nCCGTTT, a_2\n");
  words.insert(words.end(), {"--label-until", "_"});
  const Result cut = run(words);
  EXPECT_EQ(cut.out, "ACGTAC, a\nACGTTT, b\nCCGTTT, a\n");
  EXPECT_NE(cut.err.find("'a_1' and 'a_2' are both of the class 'a'"), std::string::npos)
      << cut.err;
}

TEST_F(SeveralFiles, ARunOfTheVersionThatCutEveryNameIsReadAsItWas) {
  const std::string fasta = file("in.fasta", [&] {
    std::string text = small_fasta();
    for (const char* name : {"psbA", "rbcL"})
      text.replace(text.find(name), 4, std::string(name) + "_1");
    return text;
  }());
  ASSERT_EQ(run(train_on({fasta}, {"--label-until", "_"})).status, 0);
  Json config = Json::parse(content("run/config.json"));
  EXPECT_EQ(config["labels"], Json({"atpB", "ndhF", "psbA", "rbcL"}));
  config["data"]["path"] = config["data"]["paths"][0];
  for (const char* key : {"paths", "annotation", "feature", "strict", "label_until", "short"}) {
    config["data"].erase(key);
  }
  const std::string as_new = run({"evaluate", path("run"), "--json"}).out;
  folder_.write("run/config.json", config.dump());
  EXPECT_EQ(run({"evaluate", path("run"), "--json"}).out, as_new);
  const Result resumed = run(train_on({fasta}, {"--resume"}));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(run({"evaluate", path("run"), "--json"}).out, as_new);
}

}  // namespace
}  // namespace stroma
