#include "layers/global_pool1d.h"

#include "tests/gradient_check.h"

namespace stroma {
namespace {

struct Case {
  Shape shape;
  std::vector<int32_t> lengths;  // none: not masked
};

const std::vector<Case> cases = {
    {{1, 1, 1}, {}}, {{7, 3, 5}, {}}, {{7, 3, 5}, {7, 1, 4}}, {{5, 4, 2}, {0, 5, 3, 2}}};

using Pool = Variable (*)(const Variable&, const Tensor&);

TEST(GlobalPool1d, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const auto& [shape, lengths] : cases) {
    for (const Pool pool : {Pool{global_average_pool1d}, Pool{global_max_pool1d}}) {
      SCOPED_TRACE(to_string(shape));
      const auto call = [&, pool = pool, lengths = lengths](const std::vector<Variable>& v) {
        const Device device = v[0].value().device();
        return pool(
            v[0], lengths.empty() ? Tensor() : Tensor::of(lengths, {std::ssize(lengths)}, device));
      };
      const Tensor x = test::random_tensor(shape, random);
      test::check_gradients(call, {x});
      // Means of at most 7 numbers below 1, each sum and the share rounded by 2⁻²⁴ of at most 7.
      test::check_float(call, {x}, 8 * 7 * 0x1p-24);
    }
  }
}

/// As torch.nn.AdaptiveAvgPool1d(1) and AdaptiveMaxPool1d(1) of each sequence alone.
TEST(GlobalPool1d, ReadsEachSequencesOwnPositions) {
  const Variable x(Tensor::of<float>({-1, -2, -3, -6, 0, 0}, {3, 2, 1}));
  const Tensor lengths = Tensor::of<int32_t>({2, 2}, {2});
  EXPECT_EQ(global_average_pool1d(x, lengths).value().to_vector<float>(),
            (std::vector<float>{-2, -4}));
  EXPECT_EQ(global_max_pool1d(x, lengths).value().to_vector<float>(), (std::vector<float>{-1, -2}));
  EXPECT_EQ(global_max_pool1d(x).value().to_vector<float>(), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace stroma
