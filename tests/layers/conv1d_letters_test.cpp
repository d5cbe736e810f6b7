#include "layers/conv1d_letters.h"

#include "kernels/error.h"
#include "layers/activation.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

constexpr int64_t letters = 4;

/// Windows of 13 letters at random starts, one letter in ten unknown.
LetterBatch random_batch(std::mt19937& random, int64_t batch) {
  std::vector<uint8_t> codes(60);
  for (uint8_t& code : codes) code = random() % 10 == 0 ? 255 : random() % letters;
  std::vector<int64_t> starts(batch);
  for (int64_t& start : starts) start = random() % (codes.size() - 12);
  return {Tensor::of(codes, {60}), Tensor::of(starts, {batch}), 13};
}

InputStandardization random_standardization(std::mt19937& random) {
  return {test::random_tensor({13, letters}, random), test::random_tensor({13, letters}, random)};
}

TEST(Conv1dLetters, GradientMatchesFiniteDifferences) {
  std::mt19937 random(4);
  const LetterBatch batch = random_batch(random, 3);
  const InputStandardization standardization = random_standardization(random);
  const std::vector<Tensor> inputs{test::random_tensor({5, letters, 3}, random),
                                   test::random_tensor({5}, random)};
  for (const bool standardize : {false, true}) {
    for (const bool relu : {false, true}) {
      for (const Conv1dOptions& options :
           {Conv1dOptions{.padding = 1}, Conv1dOptions{.stride = 2, .padding = 3, .dilation = 2}}) {
        const auto function = [&](const std::vector<Variable>& v) {
          return conv1d_letters(batch, v[0], v[1], options,
                                standardize ? standardization : InputStandardization{}, relu);
        };
        test::check_gradients(function, inputs);
      }
    }
  }
}

/// The first layer works both ways with the same parameters. In float64 the two sum the same
/// products of numbers near 1 in another order, some ten for an output and some hundred for a
/// gradient: 1e-13 is five hundred roundings.
TEST(Conv1dLetters, EqualsTheConvolutionOfOneHotInput) {
  std::mt19937 random(6);
  const LetterBatch batch = random_batch(random, 7);
  const InputStandardization none{Tensor::zeros({13, letters}, DType::float64),
                                  Tensor::of(std::vector<double>(13 * letters, 1), {13, letters})};
  const Conv1dOptions strided{.stride = 2, .padding = 2}, same{.same = true};
  const std::pair<InputStandardization, Conv1dOptions> cases[] = {
      {none, strided},
      {random_standardization(random), strided},
      {random_standardization(random), same}};
  for (const auto& [standardization, options] : cases) {
    InitialWeights init{.seed = 8, .dtype = DType::float64};
    Conv1d layer(letters, 17, options.same ? 4 : 5, options, init, /*relu=*/true);
    const std::vector<NamedParameter> parameters = layer.parameters();
    const Variable input = one_hot(batch, letters, standardization);
    ASSERT_EQ(input.shape(), (Shape{13, 7, letters}));

    std::vector<std::vector<double>> results[2];
    for (const bool dense : {false, true}) {
      for (NamedParameter parameter : parameters) parameter.variable.zero_grad();
      const Letters letters_of_batch{batch, standardization};
      const Signal signal = dense ? Signal{input} : Signal{.x = {}, .letters = &letters_of_batch};
      const Variable output = layer.apply({&signal, 1}).x;
      std::vector<double> weights(output.value().count());
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::cos(double(i));
      results[dense].push_back(output.value().to_vector<double>());
      backward(test::weighted_sum(output, weights));
      for (const NamedParameter& parameter : parameters) {
        results[dense].push_back(parameter.variable.grad().to_vector<double>());
      }
    }
    for (std::size_t part = 0; part < results[0].size(); ++part) {
      ASSERT_EQ(results[0][part].size(), results[1][part].size());
      for (std::size_t i = 0; i < results[0][part].size(); ++i) {
        ASSERT_NEAR(results[0][part][i], results[1][part][i], 1e-13) << part << ", " << i;
      }
    }
  }
}

TEST(Conv1dLetters, RefusesShapesThatDoNotFit) {
  std::mt19937 random(4);
  const LetterBatch batch = random_batch(random, 3);
  const Variable weight(Tensor::zeros({5, letters, 3}));
  EXPECT_NO_THROW(conv1d_letters(batch, weight, {}, {}, {}, false));
  EXPECT_THROW(conv1d_letters(batch, weight, {}, {.groups = 2}, {}, false), Error);
  EXPECT_THROW(conv1d_letters(batch, weight, {}, {.dilation = 7}, {}, false), Error);
  EXPECT_THROW(conv1d_letters(batch, weight, Variable(Tensor::zeros({4})), {}, {}, false), Error);
  const Tensor fits = Tensor::zeros({13, letters}), short_one = Tensor::zeros({12, letters});
  EXPECT_THROW(conv1d_letters(batch, weight, {}, {}, {fits, short_one}, false), Error);
  EXPECT_THROW(conv1d_letters(batch, weight, {}, {}, {fits, Tensor()}, false), Error);
  EXPECT_THROW(one_hot(batch, letters + 1, {fits, fits}), Error);
}

}  // namespace
}  // namespace stroma
