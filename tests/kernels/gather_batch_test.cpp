#include "kernels/gather_batch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/devices.h"

namespace stroma::kernels {
namespace {

TEST(GatherBatch, ReadsTheExamplesThatTheOrderNamesFromTheCursorOn) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array order(context, std::vector<int32_t>{3, 0, 2, 1, 4});
    test::Array example_start(context, std::vector<int64_t>{100, 101, int64_t{1} << 40, 103, 104});
    test::Array example_label(context, std::vector<int32_t>{10, 11, 12, 13, 14});
    test::Array cursor(context, std::vector<int64_t>{0});
    test::Array step(context, std::vector<int64_t>{41});
    test::Array bad_step(context, std::vector<int64_t>{-1});
    test::Array loss(context, std::vector<float>{1});
    test::Array starts(context, std::vector<int64_t>(2));
    test::Array labels(context, std::vector<int32_t>(2));
    const auto gather = [&](int64_t batch) {
      gather_batch(context, {.batch = batch,
                             .cursor = cursor.data(),
                             .order = order.data(),
                             .example_start = example_start.data(),
                             .example_label = example_label.data(),
                             .starts = starts.data(),
                             .labels = labels.data()});
      advance(context, {.batch = batch,
                        .loss = loss.data(),
                        .cursor = cursor.data(),
                        .step = step.data(),
                        .bad_step = bad_step.data()});
    };
    gather(2);
    EXPECT_EQ(starts.host(), (std::vector<int64_t>{103, 100}));
    EXPECT_EQ(labels.host(), (std::vector<int32_t>{13, 10}));
    gather(2);
    EXPECT_EQ(starts.host(), (std::vector<int64_t>{int64_t{1} << 40, 101}));
    EXPECT_EQ(labels.host(), (std::vector<int32_t>{12, 11}));
    gather(1);  // the last, smaller batch leaves the rest alone
    EXPECT_EQ(starts.host(), (std::vector<int64_t>{104, 101}));
    EXPECT_EQ(labels.host(), (std::vector<int32_t>{14, 11}));
    EXPECT_EQ(cursor.host()[0], 5);
    EXPECT_EQ(step.host()[0], 44);
    EXPECT_EQ(bad_step.host()[0], -1);
  });
}

TEST(GatherBatch, ReadsTheLengthsOfPaddedExamplesToo) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array order(context, std::vector<int32_t>{3, 0, 2, 1});
    test::Array example_start(context, std::vector<int64_t>{100, 101, 102, 103});
    test::Array example_label(context, std::vector<int32_t>{10, 11, 12, 13});
    test::Array example_length(context, std::vector<int32_t>{1, 300, 7, 0});
    test::Array cursor(context, std::vector<int64_t>{1});
    test::Array starts(context, std::vector<int64_t>(2));
    test::Array labels(context, std::vector<int32_t>(2));
    test::Array lengths(context, std::vector<int32_t>(2));
    gather_batch(context, {.batch = 2,
                           .cursor = cursor.data(),
                           .order = order.data(),
                           .example_start = example_start.data(),
                           .example_label = example_label.data(),
                           .starts = starts.data(),
                           .labels = labels.data(),
                           .example_length = example_length.data(),
                           .lengths = lengths.data()});
    EXPECT_EQ(starts.host(), (std::vector<int64_t>{100, 102}));
    EXPECT_EQ(labels.host(), (std::vector<int32_t>{10, 12}));
    EXPECT_EQ(lengths.host(), (std::vector<int32_t>{1, 7}));
  });
}

TEST(GatherBatch, ReadsWhatALossAsksForToo) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array order(context, std::vector<int32_t>{3, 0, 2, 1});
    test::Array example_start(context, std::vector<int64_t>{100, 101, 102, 103});
    test::Array example_label(context, std::vector<int32_t>{10, 11, 12, 13});
    test::Array example_weight(context, std::vector<float>{1, 0.5, 2, 4});
    test::Array example_group(context, std::vector<int32_t>{7, 7, 8, 9});
    test::Array example_answers(context, std::vector<int32_t>{0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1});
    test::Array cursor(context, std::vector<int64_t>{1});
    test::Array starts(context, std::vector<int64_t>(2));
    test::Array labels(context, std::vector<int32_t>(2));
    test::Array groups(context, std::vector<int32_t>(2));
    test::Array weights(context, std::vector<float>(2));
    test::Array answers(context, std::vector<int32_t>(6));
    gather_batch(context, {.batch = 2,
                           .cursor = cursor.data(),
                           .order = order.data(),
                           .example_start = example_start.data(),
                           .example_label = example_label.data(),
                           .starts = starts.data(),
                           .labels = labels.data(),
                           .example_weight = example_weight.data(),
                           .weights = weights.data(),
                           .example_group = example_group.data(),
                           .groups = groups.data(),
                           .answers = 3,
                           .example_answers = example_answers.data(),
                           .batch_answers = answers.data()});
    EXPECT_EQ(weights.host(), (std::vector<float>{1, 2}));
    EXPECT_EQ(groups.host(), (std::vector<int32_t>{7, 8}));
    EXPECT_EQ(answers.host(), (std::vector<int32_t>{0, 1, 0, 0, 0, 1}));
  });
}

TEST(Advance, RemembersTheFirstStepWhoseLossIsNotFinite) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array cursor(context, std::vector<int64_t>{0});
    test::Array step(context, std::vector<int64_t>{0});
    test::Array bad_step(context, std::vector<int64_t>{-1});
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float value : {1.0f, infinity, 2.0f, std::nanf("")}) {
      test::Array loss(context, std::vector{value});
      advance(context, {.batch = 3,
                        .loss = loss.data(),
                        .cursor = cursor.data(),
                        .step = step.data(),
                        .bad_step = bad_step.data()});
    }
    EXPECT_EQ(bad_step.host()[0], 1);
    EXPECT_EQ(cursor.host()[0], 12);
    EXPECT_EQ(step.host()[0], 4);
  });
}

}  // namespace
}  // namespace stroma::kernels
