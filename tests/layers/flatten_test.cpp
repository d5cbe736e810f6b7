#include "layers/flatten.h"

#include "kernels/error.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

const std::vector<Shape> shapes = {{1, 1, 1}, {7, 3, 5}, {5, 1, 4}, {1, 13, 2}, {3, 2, 1}};

TEST(Flatten, FollowsPyTorch) {
  const auto golden = test::load_golden("dense");
  const Tensor y = flatten(Variable(golden.at("flatten.sequence"))).value();
  EXPECT_EQ(y.shape(), golden.at("flatten.output").shape());
  EXPECT_EQ(y.to_vector<double>(), golden.at("flatten.output").to_vector<double>());
}

TEST(Flatten, LargeSequencesKeepEveryElement) {
  const int64_t length = 101, batch = 37, channels = 67;
  std::vector<float> numbers(length * batch * channels);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const Tensor x = Tensor::of(numbers, {length, batch, channels});
  const std::vector<float> y = flatten(Variable(x)).value().to_vector<float>();
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t t = 0; t < length; ++t) {
        ASSERT_EQ(y[(n * channels + c) * length + t], numbers[(t * batch + n) * channels + c]);
      }
    }
  }
}

TEST(Flatten, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : shapes) {
    test::check_gradients([](const std::vector<Variable>& v) { return flatten(v[0]); },
                          {test::random_tensor(shape, random)});
  }
}

TEST(Flatten, FloatIsExactOnEveryDevice) {
  std::mt19937 random(1);
  for (const Shape& shape : shapes) {
    const Tensor x = test::random_tensor(shape, random);
    test::check_float([](const std::vector<Variable>& v) { return flatten(v[0]); }, {x}, 0);
    test::check_float([](const std::vector<Variable>& v) { return select_last(v[0]); }, {x}, 0);
  }
}

TEST(SelectLast, ReadsTheLastPositionWithoutACopy) {
  const Tensor x = Tensor::of<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {3, 2, 2});
  const Tensor y = select_last(Variable(x)).value();
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{9, 10, 11, 12}));
  EXPECT_EQ(y.bytes(), x.rows(2, 1).bytes());
}

TEST(SelectLast, GradientsMatchFiniteDifferences) {
  std::mt19937 random(2);
  for (const Shape& shape : shapes) {
    const Tensor x = test::random_tensor(shape, random);
    test::check_gradients([](const std::vector<Variable>& v) { return select_last(v[0]); }, {x});
  }
}

TEST(SelectLast, GradientsOfTwoReadersAddUp) {
  const Variable x(Tensor::of<double>({1, 2}, {2, 1, 1}), true);
  backward(test::weighted_sum(select_last(x), {3}));
  backward(test::weighted_sum(flatten(x), {10, 20}));
  backward(test::weighted_sum(select_last(x), {4}));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{10, 27}));
}

TEST(Flatten, AVectorIsNoSequence) {
  EXPECT_THROW(flatten(Variable(Tensor::zeros({3, 2}))), Error);
  EXPECT_THROW(select_last(Variable(Tensor::zeros({3, 2}))), Error);
  EXPECT_THROW(select_last(Variable(Tensor::zeros({0, 3, 2}))), Error);
}

}  // namespace
}  // namespace stroma
