// Builds that look for mistakes end a program whose kernels are called wrongly; the others evaluate
// nothing.
#include "kernels/check.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/conv1d.h"
#include "kernels/dropout.h"
#include "kernels/gemm.h"
#include "kernels/pool1d.h"
#include "kernels/recurrent.h"
#include "kernels/sequence_lengths.h"
#include "kernels/softmax_cross_entropy.h"
#include "tests/devices.h"

namespace stroma::kernels {
namespace {

#if STROMA_CHECKED

/// Starts the program again for each death: a fork has none of OpenMP's threads and waits for them.
class Check : public testing::Test {
 protected:
  Check() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(Check, SaysWhereAndWhatTheCallerBroke) {
  EXPECT_DEATH(STROMA_ASSERT(1 > 2, "numbers are in order"),
               "check_test.cpp:[0-9]+: the caller of a kernel must see to it that numbers are in "
               "order: 1 > 2 fails");
  STROMA_ASSERT(1 < 2, "numbers are in order");
}

TEST_F(Check, FiresOnWhatKernelsMustNotBeGiven) {
  std::vector<float> x(64), y(64);
  const int64_t step = 0;
  const Dropout<float> all{8, 1.0f, 1, 1, &step, x.data(), y.data()};
  EXPECT_DEATH(dropout(Cpu{}, all), "dropout.h:.*probability");
  const Dropout<float> shifted{8, 0.5f, 1, 1, &step, x.data(), x.data() + 1};
  EXPECT_DEATH(dropout(Cpu{}, shifted), "the same or apart");
  const MaxPool1dForward<float> pool{{3, 1, 1, 4, 1, 0}, false, x.data(), y.data()};
  EXPECT_DEATH(max_pool1d_forward(Cpu{}, pool), "pool1d.h:.*fits");
  const Conv1dForward<float> conv{
      {3, 1, 3, 4, 1, 1, 0, 1, 2}, x.data(), x.data(), x.data(), y.data()};
  EXPECT_DEATH(conv1d_forward(Cpu{}, conv), "conv1d.h:.*groups divide");
  const Gemm<float> onto_itself{.m = 2,
                                .n = 2,
                                .k = 2,
                                .a = x.data(),
                                .lda = 2,
                                .b = y.data(),
                                .ldb = 2,
                                .c = x.data() + 3,
                                .ldc = 2};
  EXPECT_DEATH(gemm(Cpu{}, onto_itself), "gemm.h:.*overlap a factor");
  const std::vector<RecurrentForward<float>> three(3);
  EXPECT_DEATH(recurrent_forward(Cpu{}, std::span(three)), "recurrent.h:.*one or two");
  const int32_t too_long = 3;
  const SelectAt<float> beyond{2, 1, 4, x.data(), &too_long, y.data()};
  EXPECT_DEATH(select_at(Cpu{}, beyond), "no sequence is longer");
}

TEST_F(Check, FiresOnALabelThatIsNoClassOnEveryDevice) {
  test::on_each_device([]<class T>(const auto& context, T) {
    for (const int32_t label : {-1, 3}) {
      const auto call = [&] {
        test::Array logits(context, std::vector<T>(6));
        test::Array loss(context, std::vector<T>(1));
        test::Array labels(context, std::vector<int32_t>{0, label});
        softmax_cross_entropy(
            context, ClassificationLoss<T>{2, 3, logits.data(), labels.data(), nullptr, loss.data(),
                                           nullptr, nullptr});
        loss.host();
      };
      EXPECT_DEATH(call(), "a label lies in \\[0, classes\\)");
    }
  });
}

#else

TEST(Check, CostsNothingInABuildForUse) {
  int evaluated = 0;
  STROMA_ASSERT(++evaluated > 1, "nobody looks");
  EXPECT_EQ(evaluated, 0);
}

#endif

}  // namespace
}  // namespace stroma::kernels
