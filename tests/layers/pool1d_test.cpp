#include "layers/pool1d.h"

#include "kernels/error.h"
#include "tests/gradient_check.h"
#include "tests/layers/limits.h"

namespace stroma {
namespace {

TEST(Pool1d, GradientsMatchFiniteDifferences) {
  std::mt19937 random(2);
  for (const Pool1dOptions& options :
       {Pool1dOptions{2, 2, 0}, Pool1dOptions{3, 1, 1}, Pool1dOptions{3, 2, 0},
        Pool1dOptions{2, 5, 1}, Pool1dOptions{1, 1, 0}, Pool1dOptions{5, 3, 2}}) {
    const Tensor x = test::random_tensor({11, 3, 5}, random);
    for (const bool relu : {false, true}) {
      test::check_gradients(
          [&](const std::vector<Variable>& v) { return max_pool1d(v[0], options, relu); }, {x});
    }
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return average_pool1d(v[0], options); }, {x});
  }
}

TEST(Pool1d, RefusesShapesThatDoNotFit) {
  const Variable vector(Tensor::zeros({4, 5}));
  const Variable sequence(Tensor::zeros({4, 2, 5}));
  EXPECT_THROW(max_pool1d(vector, {2, 2, 0}), Error);
  EXPECT_THROW(max_pool1d(sequence, {5, 1, 0}), Error);
  EXPECT_THROW(max_pool1d(sequence, {2, 2, 2}), Error);
  EXPECT_THROW(max_pool1d(sequence, {2, 0, 0}), Error);
  EXPECT_THROW(average_pool1d(sequence, {0, 1, 0}), Error);
  EXPECT_THROW(average_pool1d(sequence, {3, 1, -1}), Error);
}

TEST(Pool1d, DoesTheLargestBatchAndTheLongestSequence) {
  std::mt19937 random(4);
  for (const Shape& shape : {Shape{2, test::most_examples, 1}, Shape{test::most_letters, 1, 1}}) {
    const Tensor input = test::random_tensor(shape, random);
    // Means of two numbers below 1, rounded once: 2⁻²⁴.
    test::check_float([](const std::vector<Variable>& v) { return max_pool1d(v[0], {}, true); },
                      {input}, 1e-7);
    test::check_float([](const std::vector<Variable>& v) { return average_pool1d(v[0], {}); },
                      {input}, 1e-7);
  }
}

}  // namespace
}  // namespace stroma
