#include "layers/sequence_lengths.h"

#include <limits>

#include "tests/gradient_check.h"

namespace stroma {
namespace {

struct Case {
  Shape shape;
  std::vector<int32_t> lengths;
};

const std::vector<Case> cases = {
    {{1, 1, 1}, {1}}, {{7, 3, 5}, {7, 1, 4}}, {{5, 4, 2}, {0, 5, 3, 2}}, {{3, 2, 1}, {2, 2}}};

using Operation = std::function<Variable(const Variable&, const Tensor&)>;

/// With finite values alone: finite differences cannot subtract −∞.
const std::vector<std::pair<const char*, Operation>> operations = {
    {"mask_positions", [](const Variable& x, const Tensor& l) { return mask_positions(x, l); }},
    {"mask_positions, 7", [](const auto& x, const auto& l) { return mask_positions(x, l, 7); }},
    {"select_last", [](const Variable& x, const Tensor& l) { return select_last(x, l); }}};

TEST(SequenceLengths, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const auto& [shape, lengths] : cases) {
    for (const auto& [name, operation] : operations) {
      SCOPED_TRACE(testing::Message() << name << " of " << to_string(shape));
      const Tensor l = Tensor::of(lengths, {shape[1]});
      const auto call = [&, operation = operation](const std::vector<Variable>& v) {
        return operation(v[0], l);
      };
      test::check_gradients(call, {test::random_tensor(shape, random)});
    }
  }
}

TEST(SequenceLengths, FloatIsExactOnEveryDevice) {
  std::mt19937 random(2);
  for (const auto& [shape, lengths] : cases) {
    for (const auto& [name, operation] : operations) {
      SCOPED_TRACE(testing::Message() << name << " of " << to_string(shape));
      const auto call = [&, operation = operation, lengths = lengths](const auto& v) {
        const Device device = v[0].value().device();
        return operation(v[0], Tensor::of(lengths, {static_cast<int64_t>(lengths.size())}, device));
      };
      test::check_float(call, {test::random_tensor(shape, random)}, 0);
    }
  }
}

TEST(SequenceLengths, NoGradientPassesThroughAMaskedInfinity) {
  const Variable x(Tensor::of<double>({1, 2, 3}, {3, 1, 1}), true);
  const Tensor lengths = Tensor::of<int32_t>({2}, {1});
  const double infinity = std::numeric_limits<double>::infinity();
  const Variable y = mask_positions(x, lengths, -infinity);
  EXPECT_EQ(y.value().to_vector<double>(), (std::vector<double>{1, 2, -infinity}));
  backward(make_result(Tensor::of<double>({0}, {1}), {y}, [y](const Tensor&) {
    y.add_grad(Tensor::of<double>({5, 6, 7}, {3, 1, 1}));
  }));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{5, 6, 0}));
}

TEST(SequenceLengths, OfASlidingWindowFollowTheFormula) {
  for (const Device& device : test::devices()) {
    const Tensor lengths = Tensor::of<int32_t>({0, 1, 4, 5, 300}, {5}, device);
    const Tensor slid = slide_lengths(lengths, /*reach=*/5, /*stride=*/3, /*padding=*/1);
    EXPECT_EQ(slid.device(), device);
    EXPECT_EQ(slid.to_vector<int32_t>(), (std::vector<int32_t>{0, 0, 1, 1, 100}));
  }
}

}  // namespace
}  // namespace stroma
