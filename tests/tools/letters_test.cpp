// A model's own order of letters, and letters of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "engine/safetensors.h"
#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class OrderOfLetters : public SmallRun {
 protected:
  /// The small model without standardisation, with these letters.
  std::string spec(const std::string& letters) const {
    std::string text = small_spec;
    const std::string standardize = "standardize = true";
    text.replace(text.find(standardize), standardize.size(), "letters = \"" + letters + "\"");
    return folder_.write(letters + ".toml", text).string();
  }
  Result predict(const std::string& letters, const std::string& weights) const {
    return run({"predict", "--model", spec(letters), "--weights", path(weights), data_, "--windows",
                "--device", "cpu"});
  }
};

TEST_F(OrderOfLetters, IsThatOfTheWeightsChannels) {
  spec_ = spec("ACGT");
  ASSERT_EQ(run(train("run", {"--epochs", "1", "--device", "cpu"})).status, 0);
  SafetensorsFile file = read_safetensors(path("run/model.safetensors"));
  EXPECT_EQ(file.metadata.at("letters"), "ACGT");
  std::vector<float> weight = file.tensors.at("conv.weight").to_vector<float>();  // [8, 4, 3]
  for (int out = 0; out < 8; ++out) {  // C and G change places
    std::swap_ranges(&weight[out * 12 + 3], &weight[out * 12 + 6], &weight[out * 12 + 6]);
  }
  file.tensors.at("conv.weight") = Tensor::of(weight, {8, 4, 3});
  file.metadata.at("letters") = "AGCT";
  write_safetensors(path("agct.safetensors"), file);
  const Result of_run = predict("ACGT", "run/model.safetensors");
  EXPECT_EQ(of_run.status, 0) << of_run.err;
  EXPECT_EQ(predict("AGCT", "agct.safetensors").out, of_run.out);

  expect_failure(predict("ACGT", "agct.safetensors"), 1,
                 {"agct.safetensors: its weights are for the letters AGCT in this order, and the "
                  "model small reads ACGT; give the model letters = \"AGCT\""});
  expect_failure(run(train("other", {"--weights", path("agct.safetensors"), "--force", "--quiet"})),
                 1, {"agct.safetensors: its weights are for the letters AGCT in this order"});
}

TEST_F(OrderOfLetters, MayHoldACodeThatIsThenALetter) {
  std::string fasta = small_fasta();
  for (const std::size_t place : {20, 75, 76, 130}) fasta[place] = 'N';
  data_ = folder_.write("n.fasta", fasta).string();
  spec_ = spec("ACGT");
  expect_failure(run(train("refused", {"--quiet"})), 1, {"4 letters outside the DNA alphabet"});
  spec_ = spec("ATCGN");
  const Result trained = run(train("run", {"--epochs", "1", "--device", "cpu"}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  const SafetensorsFile file = read_safetensors(path("run/model.safetensors"));
  EXPECT_EQ(file.tensors.at("conv.weight").shape(), (Shape{8, 5, 3}));
  EXPECT_EQ(file.metadata.at("letters"), "ATCGN");
  const Result again = run({"predict", path("run"), data_, "--windows", "--device", "cpu"});
  EXPECT_EQ(again.status, 0) << again.err;
  std::istringstream lines(content("run/predictions.csv"));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_NE(again.out.find(line + "\n"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace stroma
