// predict: a line a sequence or a window, of data of any kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <sstream>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line + ",");
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
  return fields;
}

class Predict : public SmallRun {
 protected:
  void SetUp() override { ASSERT_EQ(run(train("run", {"--device", "cpu"})).status, 0); }

  Result predict(const std::string& data, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"predict", path("run"), data, "--device", "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text).string();
  }
};

TEST_F(Predict, WindowsAreThoseOfTheRun) {
  // On the CPU a window's figures do not depend on the others of its batch, not in the last bit.
  const std::string all = predict(data_, {"--windows"}).out;
  for (const std::string& line : lines_of(content("run/predictions.csv"))) {
    EXPECT_NE(all.find(line + "\n"), std::string::npos) << line;
  }
}

TEST_F(Predict, ALineASequenceJoinsItsWindows) {
  const std::vector<std::string> windows = lines_of(predict(data_, {"--windows"}).out);
  const std::vector<std::string> labels = {"atpB", "ndhF", "psbA", "rbcL"};
  std::map<std::string, std::vector<double>> scores;  // by sequence
  std::map<std::string, int> count;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    const std::vector<std::string> fields = fields_of(windows[i]);
    const std::string id = fields[0].substr(0, fields[0].find(':'));
    scores[id].resize(4);
    for (int c = 0; c < 4; ++c) scores[id][c] += std::log(std::stod(fields[3 + c]));
    ++count[id];
  }
  const Result result = predict(data_);
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 5u) << result.out;
  EXPECT_EQ(lines[0], "id,true,predicted,probability,mean_log_probability,margin,windows");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> fields = fields_of(lines[i]);
    std::vector<double> mean = scores[fields[0]];
    double sum = 0;
    for (double& m : mean) sum += std::exp(m /= count[fields[0]]);
    const std::size_t best = std::max_element(mean.begin(), mean.end()) - mean.begin();
    EXPECT_EQ(fields[1], fields[0]);
    EXPECT_EQ(fields[2], labels[best]);
    // Six digits are printed of figures of order 1.
    EXPECT_NEAR(std::stod(fields[3]), std::exp(mean[best]) / sum, 1e-5);
    EXPECT_NEAR(std::stod(fields[4]), mean[best], 1e-5);
    std::sort(mean.begin(), mean.end(), std::greater<>());
    EXPECT_NEAR(std::stod(fields[5]), mean[0] - mean[1], 1e-5);
    EXPECT_EQ(fields[6], "39");
  }
}

TEST_F(Predict, NeedsNoLabels) {
  const std::string letters = "ACGTTGCAACGTTGCA";
  const std::string fasta = file("nc.fasta", ">NC_000001.1 contig\n" + letters + "\n>_x\n" +
                                                 letters + "\n>NC_000001.1\n" + letters + "\n");
  Result result = predict(fasta);
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 4u) << result.out;
  EXPECT_EQ(lines[0], "id,predicted,probability,mean_log_probability,margin,windows");
  EXPECT_TRUE(lines[1].starts_with("NC_000001.1,")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("_x,")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("NC_000001.1#2,")) << lines[3];

  result = predict(file("s.csv", letters + "\n" + letters + "\n"));
  EXPECT_EQ(result.status, 0) << result.err;
  lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 3u) << result.out;
  EXPECT_TRUE(lines[1].starts_with("s.csv:1,")) << lines[1];
  expect_failure(run({"evaluate", path("run"), fasta}), 1, {"no label \"NC_000001.1\"", fasta});
}

TEST_F(Predict, GivesASequenceThatCannotBeReadAnEmptyLine) {
  const std::string data =
      file("in.fasta", ">a\nACGTTGCAACGTTGCA\n>b\nACG\n>c\nACGTTGCANCGTTGCATTTT\n");
  const Result result = predict(data, {"--unknown", "skip"});
  EXPECT_EQ(result.status, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 4u) << result.out;
  EXPECT_EQ(lines[2], "b,,,,,0");
  EXPECT_EQ(lines[3], "c,,,,,0");
  EXPECT_NE(result.err.find("1 of 3 sequences is left out, the first 'b' of 3 letters"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("2 without a window that can be read have empty fields"),
            std::string::npos)
      << result.err;
  expect_failure(predict(data, {"--unknown", "skip", "--short", "error"}), 1,
                 {"in.fasta:3: 'b' has 3 letters", "--short skip"});
  expect_failure(predict(file("all.fasta", ">a\nACG\n>b\nA\n")), 1,
                 {"all of 2 sequences are left out", "window of 12", "none is left"});
}

TEST_F(Predict, ReadsWholeSequencesWhereTheModelDoes) {
  const std::string csv = file("whole.csv",
                               "ACGTACGTACGT, a\nTTTTACGTACGA, b\nACGAACGTACGT, a\n"
                               "TTTTTCGTACGA, b\nACGAACGTACTT, a\nTTGTTCGTACGA, b\n");
  data_ = csv;
  ASSERT_EQ(
      run({"train", csv, "--model", spec_, "--no-augment", "--out", path("whole"), "-q"}).status,
      0);
  const std::string data = file("in.csv", "ACGTACGTACGT\nACGT\nACGTACGTACGTACGT\n");
  const Result result = run({"predict", path("whole"), data});
  EXPECT_EQ(result.status, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 4u) << result.out;
  EXPECT_TRUE(lines[1].ends_with(",1")) << lines[1];
  EXPECT_EQ(lines[2], "in.csv:2,,,,,0");
  EXPECT_EQ(lines[3], "in.csv:3,,,,,0");
  EXPECT_NE(result.err.find("the model reads whole sequences of 12"), std::string::npos);
}

TEST_F(Predict, ReadsSeveralFilesAndStandardInput) {
  const std::string letters = "ACGTTGCAACGTTGCA\n";
  const std::string a = file("a.fasta", ">x\n" + letters), b = file("b.fasta", ">x\n" + letters);
  const Result both = run({"predict", path("run"), a, b});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_TRUE(lines_of(both.out)[1].starts_with("a.fasta/x,")) << both.out;
  EXPECT_TRUE(lines_of(both.out)[2].starts_with("b.fasta/x,")) << both.out;
  const Result piped = run({"predict", path("run"), "-"}, {.in_path = a});
  EXPECT_EQ(piped.out, predict(a).out);
  expect_failure(run({"predict", path("run"), a, a}), 2, {a + " is named twice"});
  expect_failure(run({"predict", path("run"), "-", "-"}), 2, {"can be read once only"});
}

}  // namespace
}  // namespace stroma
