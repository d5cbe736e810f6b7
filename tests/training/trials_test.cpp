#include "training/trials.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/files.h"
#include "tests/datasets/files.h"

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

TEST(Trials, LeaveWhatIsUndefinedEmptyInTheirTable) {
  RunResult with_test{Trainer::Outcome::finished, {}}, without = with_test;
  with_test.summary.epochs_run = without.summary.epochs_run = 3;
  PartMetrics& test = with_test.summary.test.emplace();
  test.loss = 0.5;
  test.classification.accuracy = test.classification.macro.f1 = 1;
  test.classification.macro_auc_pr = std::nan("");
  const TemporaryFolder folder;
  write_trials(folder.path() / "trials.csv", 7, {with_test, without});
  EXPECT_EQ(read_file(folder.path() / "trials.csv"),
            "trial,seed,epochs_run,test_loss,test_accuracy,test_macro_auc_pr,test_macro_f1\n"
            "1,7,3,0.5,1,,1\n2,8,3,,,,\n");
}

}  // namespace
}  // namespace stroma
