// Published weights in a built-in model: TISRover+, whose logits PyTorch has told for some
// sequences and whose area under the ROC curve is known on a set of human genes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/line_reader.h"
#include "datasets/text_file.h"
#include "tests/datasets/files.h"
#include "tests/tensors.h"
#include "training/metrics.h"
#include "training/weights.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// The sequences of files of one a line, those of file number c under label c.
Dataset lines_of(const std::vector<fs::path>& files) {
  Dataset dataset;
  dataset.labels = {"0", "1"};
  for (std::size_t c = 0; c < files.size(); ++c) {
    const std::string text = read_text_file(files[c]);
    LineReader lines(text, name_of(files[c]));
    while (lines.next()) {
      const auto number = static_cast<int32_t>(dataset.sequences.size());
      dataset.sequences.push_back({"", std::string(lines.line())});
      dataset.examples.push_back({number, 0, static_cast<int32_t>(c)});
    }
  }
  dataset.length = std::ssize(dataset.sequences.front().letters);
  return dataset;
}

class TisroverPlus : public testing::Test {
 protected:
  void SetUp() override {
    if (!folder_) GTEST_SKIP() << "needs the sets of STROMA_DATA";
  }
  LoadedRun on(Device device) const {
    return load_given(load_model_spec("tisrover-plus"), *folder_ / "tis_rover_plus.safetensors",
                      device);
  }

  std::optional<fs::path> folder_ =
      real_data() ? std::optional(*real_data() / "tis") : std::nullopt;
};

TEST_F(TisroverPlus, GivesTheLogitsThatPyTorchGives) {
  Dataset dataset = lines_of({*folder_ / "beta_globin.txt", *folder_ / "human_genes/train.pos.gz"});
  std::string without_start = dataset.sequences[0].letters;
  without_start.replace(60, 3, "AAA");
  const std::vector<std::pair<std::string, std::vector<double>>> cases = {
      {dataset.sequences[0].letters, {-1.208750485, 1.751914385}},
      {without_start, {0.4209113, -0.4313987}},
      {std::string(203, 'A'), {19.75491, -19.18583}},
      {dataset.sequences[1].letters, {-0.0444453, -0.0331792}},
      {dataset.sequences[2].letters, {-1.4046984, 1.5190798}},
      {dataset.sequences[3].letters, {-0.3174262, 0.4647124}},
  };
  for (const Device device : test::devices()) {
    LoadedRun run = on(device);
    run.learner.network().train(false);
    for (const auto& [letters, logits] : cases) {
      Dataset one = dataset;
      one.sequences = {{"", letters}};
      one.examples = {{0, 0, 0}};
      const DeviceDataset data = to_device(one, alphabet_of(run.config.model), device);
      const Variable given =
          run.learner.network().forward(LetterBatch{data.codes, data.example_start, data.length});
      const std::vector<float> values = given.value().to_vector<float>();
      // As close as the published digits and float32 allow: 1e-5, of the larger ones relative.
      for (std::size_t c = 0; c < 2; ++c) {
        EXPECT_NEAR(values[c], logits[c], 1e-5 * std::max(1.0, std::abs(logits[c]))) << letters;
      }
    }
  }
}

TEST_F(TisroverPlus, RanksStartSitesOfHumanGenesAsPublished) {
  LoadedRun run = on(Device{});
  const Dataset dataset =
      lines_of({*folder_ / "human_genes/test.neg.gz", *folder_ / "human_genes/test.pos.gz"});
  const DeviceDataset data = to_device(dataset, alphabet_of(run.config.model), Device{});
  run.learner.set_data(data);
  const std::vector<int32_t> examples = all_examples(dataset);
  const std::vector<float> p = evaluate(run.learner, examples, true).probabilities;
  std::vector<double> scores;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    scores.push_back(p[2 * i + 1]);
    positive.push_back(dataset.examples[i].label == 1);
  }
  EXPECT_NEAR(trapezoidal_area(roc_curve(ranked_counts(scores, positive))), 0.9772, 5e-5);
}

}  // namespace
}  // namespace stroma
