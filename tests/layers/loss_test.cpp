// The losses of layers/losses/ against PyTorch and finite differences.
#include "layers/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/error.h"
#include "layers/binary_cross_entropy.h"
#include "layers/group_mean.h"
#include "layers/multi_margin.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

class GoldenLoss : public testing::Test {
 protected:
  /// The loss of the golden logits, or of their first column alone, and its gradient.
  template <class LossOf>
  void expect_golden(const std::string& name, const LossOf& loss_of, bool one_logit = false) {
    SCOPED_TRACE(name);
    Tensor z = at("logits");
    if (one_logit) {
      std::vector<double> column;
      for (int64_t n = 0; n < z.size(0); ++n) column.push_back(z.data<double>()[n * z.size(1)]);
      z = Tensor::of(column, {z.size(0), 1});
    }
    const Variable logits(z, true);
    const Variable loss = loss_of(logits);
    // Logits up to 5, 6 classes: some twenty roundings of numbers below 20 on either side.
    const double bound = 400 * std::numeric_limits<double>::epsilon();
    EXPECT_NEAR(loss.value().item<double>(), at(name + ".loss").item<double>(), bound);
    backward(loss);
    const auto expected = at(name + ".logits_grad").to_vector<double>();
    const auto actual = logits.grad().to_vector<double>();
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(actual[i], expected[i], bound);
  }

  const Tensor& at(const std::string& name) { return golden_.at(name); }

  const std::map<std::string, Tensor> golden_ = test::load_golden("losses");
  const LossOptions smoothed_{.label_smoothing = 0.1};
  const LossOptions weighted_{.example_weights = at("example_weights")};
  const LossOptions both_{.example_weights = at("example_weights"), .label_smoothing = 0.1};
};

TEST_F(GoldenLoss, CrossEntropyFollowsPyTorch) {
  const auto loss = [this](const Tensor& weights, const LossOptions& options) {
    return [=, this](const Variable& z) {
      return softmax_cross_entropy(z, at("labels"), weights, {}, options);
    };
  };
  expect_golden("cross_entropy.smoothed", loss({}, smoothed_));
  expect_golden("cross_entropy.smoothed_weighted", loss(at("class_weights"), smoothed_));
  expect_golden("cross_entropy.example_weights", loss(at("class_weights"), both_));
}

TEST_F(GoldenLoss, OneLogitFollowsPyTorch) {
  const auto loss = [this](const Tensor& weights, const LossOptions& options) {
    return [=, this](const Variable& z) {
      return binary_cross_entropy(z, at("two_labels"), weights, {}, options);
    };
  };
  expect_golden("binary.plain", loss({}, {}), true);
  expect_golden("binary.smoothed", loss({}, smoothed_), true);
  expect_golden("binary.weighted", loss(at("two_weights"), weighted_), true);
}

TEST_F(GoldenLoss, SeveralLabelsFollowPyTorch) {
  const auto loss = [this](const LossOptions& options) {
    return [=, this](const Variable& z) {
      return loss_named("multi_label")
          .of(z, {.labels = {}, .answers = at("answers"), .options = options});
    };
  };
  expect_golden("multi_label.plain", loss({}));
  expect_golden("multi_label.example_weights", loss(weighted_));
}

TEST_F(GoldenLoss, HingeFollowsPyTorch) {
  const auto loss = [this](const Tensor& weights) {
    return [=, this](const Variable& z) { return multi_margin(z, at("labels"), weights); };
  };
  expect_golden("hinge.plain", loss({}));
  expect_golden("hinge.weighted", loss(at("class_weights")));
}

TEST_F(GoldenLoss, GroupsOfTwoOrMoreFollowPyTorch) {
  expect_golden("with_groups", [this](const Variable& z) {
    return loss_with_groups(loss_named("cross_entropy"), z,
                            {.labels = at("group_labels"), .options = smoothed_}, at("groups"),
                            0.3);
  });
}

/// A batch for each loss: labels of `classes`, or two.
LossBatch random_batch(const Loss& loss, int64_t batch, int64_t classes, std::mt19937& random) {
  std::vector<int32_t> labels(batch), answers(batch * classes);
  for (int32_t& label : labels) {
    label = static_cast<int32_t>(random() % (loss.one_logit ? 2 : classes));
  }
  for (int32_t& answer : answers) answer = static_cast<int32_t>(random() % 2);
  LossBatch result{Tensor::of(labels, {batch}), Tensor::of(answers, {batch, classes})};
  if (loss.weighs_classes) {
    result.class_weights = test::random_tensor({loss.one_logit ? 2 : classes}, random, 0.5, 2);
  }
  result.options.example_weights = test::random_tensor({batch}, random, 0.5, 2);
  if (loss.smooths) result.options.label_smoothing = 0.2;
  return result;
}

Tensor random_groups(int64_t batch, std::mt19937& random) {
  std::vector<int32_t> groups(batch);
  for (int32_t& group : groups) group = static_cast<int32_t>(random() % 4);
  return Tensor::of(groups, {batch});
}

TEST(Losses, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Loss& loss : losses()) {
    for (const int64_t batch : {1, 3, 13}) {
      SCOPED_TRACE(loss.name + ", batch " + std::to_string(batch));
      const int64_t outputs = loss.one_logit ? 1 : 7;
      const LossBatch held_against = random_batch(loss, batch, outputs, random);
      const Tensor groups = random_groups(batch, random);
      const Tensor logits = test::random_tensor({batch, outputs}, random, -2, 2);
      for (const double share : {0.0, 0.3}) {
        test::check_gradients(
            [&](const std::vector<Variable>& v) {
              return loss_with_groups(loss, v[0], held_against, groups, share);
            },
            {logits});
      }
    }
  }
}

// Logits up to 2: each loss errs by some roundings of numbers below 4, as does the sum of 7
// exponentials; the means of groups by as many more.
TEST(Losses, FloatFollowsDoubleOnEveryDevice) {
  std::mt19937 random(2);
  for (const Loss& loss : losses()) {
    SCOPED_TRACE(loss.name);
    const int64_t batch = 67, outputs = loss.one_logit ? 1 : 7;
    LossBatch in_double = random_batch(loss, batch, outputs, random);
    const Tensor groups = random_groups(batch, random);
    if (in_double.class_weights.defined()) {
      in_double.class_weights = test::as<float>(in_double.class_weights);
    }
    in_double.options.example_weights = test::as<float>(in_double.options.example_weights);
    const double bound = 4 * 40 * std::numeric_limits<float>::epsilon();
    test::check_float(
        [&](const std::vector<Variable>& v) {
          const Tensor& z = v[0].value();
          LossBatch like = in_double;
          like.labels = like.labels.to(z.device());
          like.answers = like.answers.to(z.device());
          if (like.class_weights.defined()) {
            like.class_weights = test::like(z, like.class_weights);
          }
          like.options.example_weights = test::like(z, like.options.example_weights);
          return loss_with_groups(loss, v[0], like, groups.to(z.device()), 0.3);
        },
        {test::random_tensor({batch, outputs}, random, -2, 2)}, bound);
  }
}

TEST(Losses, GiveProbabilitiesOfEachClass) {
  for (const Loss& loss : losses()) {
    SCOPED_TRACE(loss.name);
    const Tensor logits = loss.one_logit ? Tensor::of<float>({-1, 3}, {2, 1})
                                         : Tensor::of<float>({-1, 3, 2, 0}, {2, 2});
    for (const Device device : test::devices()) {
      const std::vector<float> p = loss.probabilities(logits.to(device)).to_vector<float>();
      ASSERT_EQ(p.size(), 4u);
      EXPECT_FLOAT_EQ(p[1], loss.one_logit        ? 1 / (1 + std::exp(1.0f))
                            : loss.several_labels ? 1 / (1 + std::exp(-3.0f))
                                                  : 1 / (1 + std::exp(-4.0f)));
      if (!loss.several_labels) {
        EXPECT_FLOAT_EQ(p[0] + p[1], 1);
      }
    }
  }
}

TEST(Losses, ABatchWithoutAGroupHasItsOwnPartAlone) {
  const Loss& loss = loss_named("cross_entropy");
  const Variable logits(Tensor::of<float>({3, 0, 0, 3, 0, 3}, {3, 2}));
  const LossBatch batch{Tensor::of<int32_t>({0, 1, 0}, {3})};
  const float whole = loss.of(logits, batch).value().item<float>();
  const Tensor apart = Tensor::of<int32_t>({1, 2, 3}, {3});
  EXPECT_FLOAT_EQ(loss_with_groups(loss, logits, batch, apart, 0.25).value().item<float>(),
                  0.75f * whole);
}

TEST(Losses, StatisticsAreOfTheExamplesAlone) {
  const Loss& loss = loss_named("cross_entropy");
  const Variable logits(Tensor::of<float>({3, 0, 0, 3, 0, 3}, {3, 2}));
  LossBatch batch{Tensor::of<int32_t>({0, 1, 0}, {3})};
  const float whole = loss.of(logits, batch).value().item<float>();
  batch.statistics = Tensor::zeros({2}, DType::float64);
  loss_with_groups(loss, logits, batch, Tensor::of<int32_t>({1, 1, 1}, {3}), 0.25);
  EXPECT_FLOAT_EQ(static_cast<float>(batch.statistics.data<double>()[0]), 3 * whole);
  EXPECT_EQ(batch.statistics.data<double>()[1], 2);
}

TEST(Losses, OneLogitIsForTwoClasses) {
  const Loss& binary = loss_named("binary_cross_entropy");
  EXPECT_EQ(outputs_of(binary, 2), 1);
  EXPECT_THROW(outputs_of(binary, 3), Error);
  EXPECT_EQ(outputs_of(loss_named("hinge"), 3), 3);
  EXPECT_THROW(loss_named("square"), Error);
}

TEST(Losses, ShapesThatDoNotFitAreErrors) {
  const auto labels = [](int64_t n) { return Tensor::zeros({n}, DType::int32); };
  const Variable logits(Tensor::zeros({3, 2}));
  EXPECT_THROW(multi_margin(logits, labels(2)), Error);
  EXPECT_THROW(binary_cross_entropy(logits, labels(3)), Error);
  EXPECT_THROW(
      binary_cross_entropy(logits, Tensor::zeros({3, 2}, DType::int32), Tensor::zeros({3})), Error);
  EXPECT_THROW(softmax_cross_entropy(logits, labels(3), {}, {}, {.example_weights = labels(3)}),
               Error);
  EXPECT_THROW(group_means(logits, labels(2)), Error);
  EXPECT_THROW(binary_probabilities(Tensor::zeros({3, 2})), Error);
}

}  // namespace
}  // namespace stroma
