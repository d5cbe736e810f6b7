#include "layers/softmax_cross_entropy.h"

#include <cmath>
#include <limits>

#include "kernels/error.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(SoftmaxCrossEntropy, FollowsPyTorch) {
  const auto golden = test::load_golden("dense");
  for (const std::string name : {"plain", "weighted"}) {
    const Variable logits(golden.at("cross_entropy.logits"), true);
    const Variable loss = softmax_cross_entropy(
        logits, golden.at("cross_entropy.labels"),
        name == "weighted" ? golden.at("cross_entropy.class_weights") : Tensor());
    // Logits up to 5, 6 classes: some twenty roundings of numbers below 20 on either side.
    const double bound = 400 * std::numeric_limits<double>::epsilon();
    const std::string prefix = "cross_entropy." + name;
    EXPECT_NEAR(loss.value().item<double>(), golden.at(prefix + ".loss").item<double>(), bound);
    backward(loss);
    const auto expected = golden.at(prefix + ".logits_grad").to_vector<double>();
    const auto actual = logits.grad().to_vector<double>();
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(actual[i], expected[i], bound);
  }
}

TEST(SoftmaxCrossEntropy, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const int64_t batch : {1, 3, 13}) {
    for (const int64_t classes : {2, 7, 31}) {
      std::vector<int32_t> labels(batch);
      for (int32_t& label : labels) label = static_cast<int32_t>(random() % classes);
      const Tensor y = Tensor::of(labels, {batch});
      const Tensor weights = test::random_tensor({classes}, random, 0.5, 2);
      const Tensor logits = test::random_tensor({batch, classes}, random, -2, 2);
      test::check_gradients(
          [&](const std::vector<Variable>& v) { return softmax_cross_entropy(v[0], y); }, {logits});
      // The incoming gradient is not 1: `check_gradients` weighs the result.
      test::check_gradients(
          [&](const std::vector<Variable>& v) { return softmax_cross_entropy(v[0], y, weights); },
          {logits});
    }
  }
}

TEST(SoftmaxCrossEntropy, FloatFollowsDoubleOnEveryDevice) {
  std::mt19937 random(1);
  for (const int64_t batch : {1, 13, 67}) {
    const int64_t classes = 31;
    std::vector<int32_t> numbers(batch);
    for (int32_t& label : numbers) label = static_cast<int32_t>(random() % classes);
    const Tensor labels = Tensor::of(numbers, {batch});
    const Tensor weights = test::as<float>(test::random_tensor({classes}, random, 0.5, 2));
    // Logits up to 2: exp and its argument err by some 2 + 4 roundings, the sum of 31 by as many,
    // the logarithm of at most log(31) + 4 and the factor of at most 1.5 by a few more.
    const double bound = 1.5 * (6 + 31 + 3 * 8) * std::numeric_limits<float>::epsilon();
    test::check_float(
        [&](const std::vector<Variable>& v) {
          const Tensor& z = v[0].value();
          return softmax_cross_entropy(v[0], labels.to(z.device()), test::like(z, weights));
        },
        {test::random_tensor({batch, classes}, random, -2, 2)}, bound);
  }
}

TEST(SoftmaxCrossEntropy, StatisticsAddUpOverBatches) {
  for (const Device& device : test::devices()) {
    const Tensor statistics = Tensor::zeros({2}, DType::float64, device);
    const Variable logits(Tensor::of<float>({3, 0, 0, 3, 0, 3}, {3, 2}, device));
    const Tensor labels = Tensor::of<int32_t>({0, 1, 0}, {3}, device);
    for (int batch = 0; batch < 2; ++batch) softmax_cross_entropy(logits, labels, {}, statistics);
    const double hit = std::log1p(std::exp(-3.0));
    // Three losses computed in float.
    EXPECT_NEAR(statistics.to_vector<double>()[0], 2 * (3 * hit + 3), 1e-5);
    EXPECT_EQ(statistics.to_vector<double>()[1], 4);
  }
}

TEST(SoftmaxCrossEntropy, ShapesThatDoNotFitAreErrors) {
  const Variable logits(Tensor::zeros({3, 2}));
  const auto labels = [](int64_t n) { return Tensor::zeros({n}, DType::int32); };
  EXPECT_THROW(softmax_cross_entropy(logits, labels(2)), Error);
  EXPECT_THROW(softmax_cross_entropy(logits, labels(3), Tensor::zeros({3})), Error);
  EXPECT_THROW(softmax_cross_entropy(Variable(Tensor::zeros({0, 2})), labels(0)), Error);
  EXPECT_THROW(softmax_cross_entropy(Variable(Tensor::zeros({3})), labels(3)), Error);
}

}  // namespace
}  // namespace stroma
