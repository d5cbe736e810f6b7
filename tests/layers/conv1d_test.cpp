#include "layers/conv1d.h"

#include <fmt/format.h>

#include "kernels/error.h"
#include "layers/pool1d.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"
#include "tests/layers/limits.h"

namespace stroma {
namespace {

/// PyTorch's float64 results sum the same products in another order: at most some hundred terms,
/// each of a magnitude of a few units.
constexpr double golden_bound = 1000 * 2.2e-16;

void expect_near(const Tensor& values, const Tensor& expected, const std::string& what) {
  ASSERT_EQ(values.shape(), expected.shape()) << what;
  for (int64_t i = 0; i < values.count(); ++i) {
    ASSERT_NEAR(values.data<double>()[i], expected.data<double>()[i], golden_bound)
        << what << " " << i;
  }
}

/// Runs `function` on the case's inputs, backward from its output_grad, and compares everything.
void check_golden(const std::map<std::string, Tensor>& golden, const std::string& name,
                  const std::vector<std::string>& parameters,
                  const std::function<Variable(const std::vector<Variable>&,
                                               const std::vector<int64_t>&)>& function) {
  SCOPED_TRACE(name);
  const auto tensor = [&](const std::string& key) { return golden.at(name + "." + key); };
  std::vector<Variable> inputs;
  for (const std::string& key : parameters) inputs.emplace_back(tensor(key), true);
  const Variable output = function(inputs, tensor("options").to_vector<int64_t>());
  expect_near(output.value(), tensor("output"), "output");
  backward(test::weighted_sum(output, tensor("output_grad").to_vector<double>()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    expect_near(inputs[i].grad(), tensor(parameters[i] + "_grad"), parameters[i] + "_grad");
  }
}

TEST(Conv1d, MatchesPyTorch) {
  const auto golden = test::load_golden("conv");
  for (int number = 0; number < 5; ++number) {
    check_golden(
        golden, fmt::format("conv1d.{}", number), {"input", "weight", "bias"},
        [](const auto& in, const auto& options) {
          return conv1d(in[0], in[1], in[2], {options[0], options[1], options[2], options[3]});
        });
  }
}

TEST(Conv1d, WithSamePaddingMatchesPyTorch) {
  const auto golden = test::load_golden("conv_same");
  for (int number = 0; number < 5; ++number) {
    check_golden(golden, fmt::format("conv1d.{}", number), {"input", "weight", "bias"},
                 [](const auto& in, const auto& options) {
                   return conv1d(in[0], in[1], in[2],
                                 {.dilation = options[0], .groups = options[1], .same = true});
                 });
  }
}

TEST(Pool1d, MatchesPyTorch) {
  const auto golden = test::load_golden("conv");
  for (int number = 0; number < 5; ++number) {
    check_golden(golden, fmt::format("max_pool1d.{}", number), {"input"},
                 [](const auto& in, const auto& options) {
                   return max_pool1d(in[0], {options[0], options[1], options[2]});
                 });
    check_golden(golden, fmt::format("average_pool1d.{}", number), {"input"},
                 [](const auto& in, const auto& options) {
                   return average_pool1d(in[0], {options[0], options[1], options[2]});
                 });
  }
}

TEST(Conv1d, GradientMatchesFiniteDifferences) {
  std::mt19937 random(3);
  for (const Conv1dOptions& options :
       {Conv1dOptions{}, Conv1dOptions{1, 1, 1, 1}, Conv1dOptions{2, 3, 1, 1},
        Conv1dOptions{1, 2, 2, 2}, Conv1dOptions{3, 0, 1, 2},
        Conv1dOptions{.dilation = 3, .same = true}}) {
    const int64_t kernel = options.same ? 4 : 3;
    const std::vector<Tensor> inputs{test::random_tensor({9, 2, 4}, random),
                                     test::random_tensor({6, 4 / options.groups, kernel}, random),
                                     test::random_tensor({6}, random)};
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return conv1d(v[0], v[1], v[2], options); }, inputs);
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return conv1d(v[0], v[1], {}, options); },
        {inputs[0], inputs[1]});
  }
}

TEST(Conv1d, StartsFromPyTorchsDistribution) {
  InitialWeights init{.seed = 5};
  Conv1d layer(64, 128, 3, {.padding = 1}, init);
  const auto parameters = layer.parameters();
  ASSERT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters[0].name, "weight");
  EXPECT_EQ(parameters[0].variable.shape(), (Shape{128, 64, 3}));
  EXPECT_EQ(parameters[1].name, "bias");
  EXPECT_EQ(parameters[1].variable.shape(), (Shape{128}));
  // Uniform in ±b, b = 1/√(64 · 3): the largest of 24,576 numbers lies within 1 % of b.
  const double bound = 1 / std::sqrt(64.0 * 3);
  double largest = 0;
  for (const float w : parameters[0].variable.value().to_vector<float>()) {
    largest = std::max(largest, std::abs(double(w)));
  }
  EXPECT_LE(largest, bound * (1 + 1e-7));
  EXPECT_GE(largest, bound * 0.99);
}

TEST(Conv1d, RefusesShapesThatDoNotFit) {
  const Variable input(Tensor::zeros({7, 2, 4}));
  const Variable weight(Tensor::zeros({6, 4, 3}));
  const Variable bias(Tensor::zeros({6}));
  EXPECT_NO_THROW(conv1d(input, weight, bias, {}));
  EXPECT_THROW(conv1d(Variable(Tensor::zeros({7, 4})), weight, bias, {}), Error);
  EXPECT_THROW(conv1d(Variable(Tensor::zeros({7, 0, 4})), weight, bias, {}), Error);
  EXPECT_THROW(conv1d(input, Variable(Tensor::zeros({6, 5, 3})), bias, {}), Error);
  EXPECT_THROW(conv1d(input, Variable(Tensor::zeros({6, 4})), bias, {}), Error);
  EXPECT_THROW(conv1d(input, weight, Variable(Tensor::zeros({5})), {}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.groups = 2}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.dilation = 4}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.stride = 0}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.padding = -1}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.stride = 2, .same = true}), Error);
  EXPECT_THROW(conv1d(input, weight, bias, {.padding = 1, .same = true}), Error);
  InitialWeights init;
  EXPECT_THROW(Conv1d(4, 6, 3, {.groups = 4}, init), Error);
}

TEST(Conv1d, DoesTheLargestBatchAndTheLongestSequence) {
  std::mt19937 random(2);
  for (const Shape& shape : {Shape{2, test::most_examples, 1}, Shape{test::most_letters, 1, 1}}) {
    test::check_float(
        [](const std::vector<Variable>& v) { return conv1d(v[0], v[1], v[2], {.padding = 1}); },
        {test::random_tensor(shape, random), test::random_tensor({2, 1, 3}, random),
         test::random_tensor({2}, random)},
        test::bound_at_limits);
  }
}

}  // namespace
}  // namespace stroma
