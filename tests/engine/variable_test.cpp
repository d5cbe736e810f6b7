#include "engine/variable.h"

#include <gtest/gtest.h>

#include "kernels/error.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

using test::weighted_sum;

Variable leaf(const std::vector<double>& values) {
  return Variable(Tensor::of(values, {static_cast<int64_t>(values.size())}), true);
}

std::vector<double> grad_of(const Variable& v) { return v.grad().to_vector<double>(); }

/// a + b, which passes one and the same gradient tensor to both.
Variable sum(const Variable& a, const Variable& b) {
  Tensor y = a.value().clone();
  for (int64_t i = 0; i < y.count(); ++i) y.data<double>()[i] += b.value().data<double>()[i];
  return make_result(y, {a, b}, [a, b](const Tensor& output_grad) {
    if (a.requires_grad()) a.add_grad(output_grad);
    if (b.requires_grad()) b.add_grad(output_grad);
  });
}

/// a ⊙ b, which adds to the gradients in place as a kernel does.
Variable product(const Variable& a, const Variable& b) {
  const auto add_product = [](const Variable& to, const Tensor& x, const Tensor& y) {
    if (!to.requires_grad()) return;
    double* grad = to.grad_to_add_to().data<double>();
    for (int64_t i = 0; i < x.count(); ++i) grad[i] += x.data<double>()[i] * y.data<double>()[i];
  };
  Tensor y = a.value().clone();
  for (int64_t i = 0; i < y.count(); ++i) y.data<double>()[i] *= b.value().data<double>()[i];
  return make_result(y, {a, b}, [=](const Tensor& output_grad) {
    add_product(a, output_grad, b.value());
    add_product(b, output_grad, a.value());
  });
}

TEST(Variable, AVariableUsedTwiceByOneOperationGetsBothGradients) {
  const Variable x = leaf({2, 3});
  backward(weighted_sum(sum(x, x), {1, 10}));
  EXPECT_EQ(grad_of(x), (std::vector<double>{2, 20}));
  const Variable y = leaf({2, 3});
  backward(weighted_sum(product(y, y), {1, 10}));
  EXPECT_EQ(grad_of(y), (std::vector<double>{4, 60}));
}

TEST(Variable, ADiamondAddsTheGradientsOfItsPaths) {
  const Variable x = leaf({2, 3});
  const Variable h = product(x, x);
  backward(weighted_sum(sum(product(h, x), h), {1, 1}));  // x³ + x²
  EXPECT_EQ(grad_of(x), (std::vector<double>{3 * 4 + 2 * 2, 3 * 9 + 2 * 3}));
}

// The operands of a sum receive the same tensor; what one of them receives later must not reach the
// other, in whichever order and way.
TEST(Variable, GradientsThatShareATensorStayApart) {
  for (const bool swapped : {false, true}) {
    const Variable a = leaf({1, 1}), b = leaf({1, 1}), two = leaf({2, 2});
    const Variable both = swapped ? sum(b, a) : sum(a, b);
    backward(weighted_sum(sum(sum(both, a), product(b, two)), {1, 10}));
    EXPECT_EQ(grad_of(a), (std::vector<double>{2, 20}));
    EXPECT_EQ(grad_of(b), (std::vector<double>{3, 30}));
  }
}

TEST(Variable, GradientsAddUpOverBackwardPasses) {
  const Variable x = leaf({2, 3}), y = leaf({0, 0});
  backward(weighted_sum(sum(x, y), {1, 1}));
  backward(weighted_sum(product(x, x), {1, 1}));
  EXPECT_EQ(grad_of(x), (std::vector<double>{5, 7}));
  EXPECT_EQ(grad_of(y), (std::vector<double>{1, 1}));
  Variable(x).zero_grad();
  EXPECT_FALSE(x.grad().defined());
}

TEST(Variable, OnlyWhatAsksForGradientsGetsThem) {
  const Variable x = leaf({2, 3});
  const Variable constant(Tensor::of<double>({5, 7}, {2}));
  EXPECT_TRUE(records({x, constant}));
  EXPECT_FALSE(records({constant, Variable()}));
  EXPECT_FALSE(product(constant, constant).requires_grad());
  backward(weighted_sum(product(x, constant), {1, 1}));
  EXPECT_EQ(grad_of(x), (std::vector<double>{5, 7}));
  EXPECT_FALSE(constant.grad().defined());
}

TEST(Variable, AnUndefinedInputIsPassedOver) {
  const Variable x = leaf({2});
  const Variable y = make_result(x.value().clone(), {x, Variable()},
                                 [x](const Tensor& output_grad) { x.add_grad(output_grad); });
  backward(y);
  EXPECT_EQ(grad_of(x), (std::vector<double>{1}));
}

TEST(Variable, NoHistoryIsRecordedUnderNoGrad) {
  const Variable x = leaf({2});
  {
    const NoGrad outer;
    { const NoGrad inner; }
    EXPECT_FALSE(product(x, x).requires_grad());
  }
  EXPECT_TRUE(product(x, x).requires_grad());
}

TEST(Variable, HistoryIsFreedByTheBackwardPass) {
  const Variable x = leaf({2});
  std::weak_ptr<int> kept;
  const Variable y = [&] {
    const auto held = std::make_shared<int>(1);
    kept = held;
    return make_result(x.value().clone(), {x},
                       [x, held](const Tensor& output_grad) { x.add_grad(output_grad); });
  }();
  EXPECT_FALSE(kept.expired());
  backward(y);
  EXPECT_TRUE(kept.expired());
}

TEST(Variable, BackwardThroughFreedHistoryIsAnError) {
  const Variable x = leaf({2});
  const Variable h = product(x, x);
  const Variable first = product(h, x), second = product(h, h);
  backward(first);
  EXPECT_THROW(backward(first), Error);
  EXPECT_THROW(backward(second), Error);
  EXPECT_EQ(grad_of(x), (std::vector<double>{12})) << "a refused pass must leave gradients alone";
}

TEST(Variable, BackwardNeedsARecordedScalar) {
  EXPECT_THROW(backward(leaf({1, 2})), Error);
  EXPECT_THROW(backward(Variable(Tensor::of<double>({1}, {1}))), Error);
}

TEST(Variable, AGradientOfAnotherShapeIsAnError) {
  EXPECT_THROW(leaf({1, 2}).add_grad(Tensor::zeros({3}, DType::float64)), Error);
  EXPECT_THROW(leaf({1, 2}).add_grad(Tensor::zeros({2})), Error);
  EXPECT_THROW(leaf({1, 2}).add_grad(Tensor()), Error);
}

TEST(Variable, APlaceThatDoesNotFitIsAnError) {
  Variable x = leaf({1, 2});
  const Tensor fits = Tensor::zeros({2}, DType::float64);
  for (const Tensor& other : {Tensor::zeros({1}, DType::float64), Tensor::zeros({2}), Tensor()}) {
    EXPECT_THROW(x.place(other, fits), Error);
    EXPECT_THROW(x.place(fits, other), Error);
  }
}

TEST(Variable, AnUndefinedOneHasNoValueAndAsksForNoGradient) {
  const Variable none;
  EXPECT_FALSE(none.value().defined());
  EXPECT_FALSE(none.requires_grad());
  EXPECT_THROW(Variable().value().zero(), Error);
  EXPECT_THROW(backward(none), Error);
}

TEST(Variable, PlacedVariablesKeepTheirMemory) {
  Variable x = leaf({2, 3}), y = leaf({5, 7});
  Tensor values = Tensor::zeros({4}, DType::float64), gradients = values.clone();
  x.place(values.view(0, {2}), gradients.view(0, {2}));
  y.place(values.view(2, {2}), gradients.view(2, {2}));
  EXPECT_EQ(values.to_vector<double>(), (std::vector<double>{2, 3, 5, 7}));
  for (int pass = 0; pass < 2; ++pass) {
    backward(weighted_sum(sum(product(x, y), x), {1, 1}));
    EXPECT_EQ(gradients.to_vector<double>(), (std::vector<double>{6, 8, 2, 3})) << pass;
    x.zero_grad();
    y.zero_grad();
    EXPECT_EQ(gradients.to_vector<double>(), (std::vector<double>{0, 0, 0, 0}));
  }
  values.data<double>()[0] = 11;
  EXPECT_EQ(x.value().to_vector<double>()[0], 11);
}

TEST(Variable, LongChainsNeedNoDeepStack) {
  const Variable x = leaf({1});
  Variable y = x;
  for (int i = 0; i < 20000; ++i) y = sum(y, x);
  backward(y);
  EXPECT_EQ(grad_of(x), (std::vector<double>{20001}));
}

}  // namespace
}  // namespace stroma
