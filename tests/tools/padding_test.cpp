// `stroma train` and what follows it on whole sequences of different lengths, padded to one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

using testing::HasSubstr;

class PaddedRun : public SmallRun {
 protected:
  /// The small model with these lines in place of its length.
  std::string spec(const std::string& lines) const {
    std::string text = small_spec;
    const std::string fixed = "length = 12\nstandardize = true\n";
    text.replace(text.find(fixed), fixed.size(), lines);
    return folder_.write("padded.toml", text).string();
  }

  /// 40 sequences of 3 to 12 letters, half of them of a class that is rich in C.
  std::string csv() const {
    std::string text;
    uint64_t state = 9;
    for (int i = 0; i < 40; ++i) {
      for (int length = 3 + i % 10; length > 0; --length) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        text += (i % 2 ? "ACGT" : "CCGA")[state >> 62];
      }
      text += i % 2 ? ", even\n" : ", rich\n";
    }
    return folder_.write("lengths.csv", text).string();
  }

  Result train_padded(const std::string& lines, const std::string& data,
                      const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train", data,        "--model",   spec(lines),
                                      "--out", path("run"), "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(PaddedRun, TrainsAndPredictsWhatIsShorter) {
  for (const std::string& lines :
       {std::string("length = 12\npad = \"end\"\n"), std::string("length = 20\npad = \"start\"\n"),
        std::string("length = \"longest\"\npad = \"end\"\nstandardize = true\n"),
        std::string("length = \"longest\"\npad = \"end\"\nmask = true\n")}) {
    const Result trained = train_padded(lines, csv(), {"--force"});
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_THAT(trained.err, HasSubstr("40 examples of up to "));
    const std::string predictions = content("run/predictions.csv");
    EXPECT_EQ(std::count(predictions.begin(), predictions.end(), '\n'), 9);  // of a fifth of 40
    const Result evaluated = run({"evaluate", path("run")});
    EXPECT_EQ(evaluated.status, 0) << evaluated.err;
    const Result predicted = run({"predict", path("run"), csv(), "--windows"});
    ASSERT_EQ(predicted.status, 0) << predicted.err;
    EXPECT_THAT(predicted.out, HasSubstr("\nlengths.csv:2:1-4,even,"));
    EXPECT_THAT(predicted.out, HasSubstr("\nlengths.csv:10:1-12,even,"));
    EXPECT_EQ(std::count(predicted.out.begin(), predicted.out.end(), '\n'), 41);
  }
}

TEST_F(PaddedRun, GoesOnAsIfItHadNeverStopped) {
  const std::string lines = "length = \"longest\"\npad = \"end\"\nmask = true\n";
  ASSERT_EQ(train_padded(lines, csv(), {"--epochs", "4"}).status, 0);
  const std::string whole = content("run/model.safetensors");
  ASSERT_EQ(train_padded(lines, csv(), {"--epochs", "2", "--force"}).status, 0);
  const Result resumed = train_padded(lines, csv(), {"--epochs", "4", "--resume"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(content("run/model.safetensors") == whole);
}

TEST_F(PaddedRun, ReadsMaskedSequencesAsIfThereWereNoPadding) {
  ASSERT_EQ(train_padded("length = 12\npad = \"end\"\nmask = true\n", csv()).status, 0);
  const auto probabilities = [&] {
    std::istringstream lines(run({"predict", path("run"), csv(), "--windows"}).out);
    std::vector<double> values;
    for (std::string line; std::getline(lines, line);) {
      const std::size_t comma = line.rfind(',');
      if (values.empty() && line.starts_with("id,")) continue;
      values.push_back(std::stod(line.substr(comma + 1)));
    }
    return values;
  };
  const std::vector<double> short_padding = probabilities();
  Json config = Json::parse(content("run/config.json"));
  config["length"] = 50;  // of which no weight of this model knows
  folder_.write("run/config.json", config.dump());
  const std::vector<double> long_padding = probabilities();
  ASSERT_EQ(short_padding.size(), 40u);
  ASSERT_EQ(long_padding.size(), 40u);
  for (std::size_t i = 0; i < 40; ++i) {
    // A few hundred roundings of 6e-8 each, where products are cut into other pieces.
    EXPECT_NEAR(short_padding[i], long_padding[i], 2e-5);
  }
}

TEST_F(PaddedRun, RefusesALongerSequenceOrReadsItsBeginning) {
  const std::string data = csv();
  const std::string longer =
      folder_.write("longer.fasta", ">a\nACGTACGTACGT\n>b\nACGTACGTACGTA\n").string();
  expect_failure(train_padded("length = 11\npad = \"end\"\n", data), 1, {"lengths.csv:10"});
  ASSERT_EQ(train_padded("length = \"longest\"\npad = \"end\"\n", data).status, 0);
  expect_failure(
      run({"predict", path("run"), longer}), 1,
      {"longer.fasta:3: 'b' has 13 letters, more than the 12 that the model reads; shorten "
       "it or leave it out, or train with too_long = \"cut\" in the model, which reads the "
       "first 12"});

  const std::string cut = "length = 11\npad = \"end\"\ntoo_long = \"cut\"\n";
  const Result trained = train_padded(cut, data, {"--force"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("'lengths.csv:10' has 12 letters, more than the 11 that the "
                                     "model reads; of 4 of 40 sequences the end is not read."));
  EXPECT_THAT(run({"predict", path("run"), longer, "--windows"}).out, HasSubstr("\nb:1-11,"));
}

TEST_F(PaddedRun, TakesNoOptionOnWindows) {
  const std::string lines = "length = 12\npad = \"end\"\n";
  for (const auto& option : std::vector<std::vector<std::string>>{{"--length", "12"},
                                                                  {"--whole"},
                                                                  {"--min-overlap", "1"},
                                                                  {"--max-overlap", "1"},
                                                                  {"--min-shared", "1"},
                                                                  {"--short", "skip"}}) {
    expect_failure(train_padded(lines, csv(), option), 2,
                   {option[0] + " is about windows, but the model small reads sequences whole"});
  }
  ASSERT_EQ(train_padded(lines, csv()).status, 0);
  expect_failure(run({"predict", path("run"), csv(), "--short", "skip"}), 2,
                 {"--short is about sequences too short for a model; this one pads them"});
}

TEST_F(PaddedRun, ExportsItsExamplesWithTheirLengths) {
  ASSERT_EQ(train_padded("length = \"longest\"\npad = \"end\"\n", csv()).status, 0);
  const std::string file = path("all.safetensors");
  ASSERT_EQ(run({"export", path("run"), "--examples", "-o", file}).status, 0);
  EXPECT_THAT(read_file(file), HasSubstr("\"examples.lengths\""));
  expect_failure(run({"export", "--model", spec("length = \"longest\"\npad = \"end\"\n"),
                      "--classes", "2", "-o", file}),
                 1, {"the length is that of a run's longest sequence"});
}

}  // namespace
}  // namespace stroma
