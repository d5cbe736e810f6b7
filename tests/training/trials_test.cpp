#include "training/trials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/files.h"
#include "tests/datasets/files.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

TEST(Estimate, IsTheMeanAndItsStandardErrorOverWhatIsDefined) {
  const double none = std::nan("");
  const Estimate three = estimate_of({1, none, 2, 6});
  EXPECT_DOUBLE_EQ(three.mean, 3);
  EXPECT_DOUBLE_EQ(three.standard_error, std::sqrt(14.0 / 2 / 3));
  EXPECT_DOUBLE_EQ(estimate_of({none, 5}).mean, 5);
  EXPECT_TRUE(std::isnan(estimate_of({none, 5}).standard_error));
  EXPECT_TRUE(std::isnan(estimate_of({none}).mean));
  EXPECT_TRUE(std::isnan(estimate_of({}).mean));
}

const char* const tiny_spec = R"(
name = "tiny"
alphabet = "dna"
length = 4

[training]
epochs = 1

[[layers]]
type = "conv1d"
name = "conv"
out_channels = 4
kernel_size = 2

[[layers]]
type = "flatten"

[[layers]]
type = "linear"
name = "out"
out_features = "classes"
)";

TEST(Trials, TrainFewAtATime) {
  const TemporaryFolder folder;
  std::string csv;
  for (int i = 0; i < 10; ++i) csv += "ACGT, a\nTTAC, b\n";
  RunConfig config;
  config.model = parse_model_spec(tiny_spec, "tiny.toml");
  config.data.paths = {folder.write("data.csv", csv)};
  config.data.augment = false;
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    config.device = to_string(device);
    std::set<int> training;
    std::size_t most = 0;
    const auto watcher_of = [&](int trial) -> RunWatcher {
      return {.note =
                  [&, trial](const std::string& sentence) {
                    if (sentence.starts_with("Training on")) training.insert(trial);
                    most = std::max(most, training.size());
                  },
              .progress = [](const Progress&) {},
              .epoch_done = [&, trial](const EpochMetrics&) { training.erase(trial); },
              .stop_requested = [] { return false; }};
    };
    const RunData data = open_data(config, watcher_of(0));
    const std::vector<RunResult> results = train_trials(
        config, data, 20, folder.path() / config.device, ExistingRun::refuse, watcher_of);
    EXPECT_EQ(results.size(), 20u);
    for (const RunResult& result : results) {
      EXPECT_EQ(result.outcome, Trainer::Outcome::finished);
    }
    EXPECT_LE(most, device.kind == Device::Kind::cpu ? 1u : std::size_t{trials_at_once});
  }
}

TEST(Trials, LeaveWhatIsUndefinedEmptyInTheirTable) {
  RunResult with_test{Trainer::Outcome::finished, {}}, without = with_test;
  with_test.summary.epochs_run = without.summary.epochs_run = 3;
  PartMetrics& test = with_test.summary.test.emplace();
  test.loss = 0.5;
  test.classification.accuracy = test.classification.macro.f1 = 1;
  test.classification.macro_auc_pr = std::nan("");
  with_test.summary.memory = {.k = 12, .vote = 0.25};
  const TemporaryFolder folder;
  write_trials(folder.path() / "trials.csv", 7, {with_test, without});
  EXPECT_EQ(read_file(folder.path() / "trials.csv"),
            "trial,seed,epochs_run,test_loss,test_accuracy,test_macro_auc_pr,test_macro_f1,"
            "memory_baseline\n1,7,3,0.5,1,,1,0.25\n2,8,3,,,,,\n");
}

}  // namespace
}  // namespace stroma
