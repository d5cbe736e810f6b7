// Matrix products with rounded factors, against float64: never further off than the rounding
// allows, and not the same as without it.
#if STROMA_WITH_CUDA

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/gemm.h"
#include "kernels/recurrent.h"
#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

constexpr std::array precisions = {Precision::fp32, Precision::tf32, Precision::bf16};

Cuda with(Precision precision) {
  Cuda cuda = cuda_context(0);
  cuda.precision = precision;
  return cuda;
}

/// The largest relative error of rounding a factor to the nearest of 11 or 8 significant bits.
double unit_roundoff(Precision precision) {
  return precision == Precision::fp32 ? 0 : precision == Precision::tf32 ? 0x1p-11 : 0x1p-8;
}

/// A number, and how far from it arithmetic in fp32 may end: running error analysis (Higham,
/// "Accuracy and Stability of Numerical Algorithms", section 3.3). An operation errs by half of
/// `epsilon` at most; the other half is more than what the products of errors come to.
struct Bounded {
  double value = 0, error = 0;
};
constexpr double epsilon = std::numeric_limits<float>::epsilon();

Bounded operation(double value, double error) {
  return {value, error + epsilon * (std::abs(value) + error)};
}
Bounded operator+(Bounded a, Bounded b) { return operation(a.value + b.value, a.error + b.error); }
Bounded operator-(Bounded a, Bounded b) { return operation(a.value - b.value, a.error + b.error); }
Bounded operator*(Bounded a, Bounded b) {
  return operation(a.value * b.value,
                   std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error);
}
// Slopes of at most 1/4 and 1, and functions that err by a few units in the last place.
Bounded sigmoid(Bounded x) {
  const double y = 1 / (1 + std::exp(-x.value));
  return {y, x.error / 4 + 4 * epsilon * y};
}
Bounded tanh(Bounded x) {
  const double y = std::tanh(x.value);
  return {y, x.error + 4 * epsilon * std::abs(y)};
}

/// Σ a[k] · b[k] of `count` products with factors rounded by `u`, added in any order: each term
/// passes through `count` additions at most.
template <class A, class B>
Bounded dot(int64_t count, double u, A a, B b) {
  const auto factor = [u](Bounded x) {
    return Bounded{x.value, x.error + u * (std::abs(x.value) + x.error)};
  };
  Bounded sum;
  double magnitude = 0;
  for (int64_t k = 0; k < count; ++k) {
    const Bounded product = factor(a(k)) * factor(b(k));
    sum.value += product.value;
    sum.error += product.error;
    magnitude += std::abs(product.value) + product.error;
  }
  sum.error += static_cast<double>(count) * epsilon * magnitude;
  return sum;
}

void expect_within(const std::vector<float>& actual, const std::vector<Bounded>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i].value, expected[i].error) << i;
  }
}

void expect_all_different(const std::vector<std::vector<float>>& results) {
  EXPECT_NE(results[0], results[1]) << "TF32 changes nothing";
  EXPECT_NE(results[0], results[2]) << "bfloat16 changes nothing";
  EXPECT_NE(results[1], results[2]) << "TF32 and bfloat16 are the same";
}

// ---- Matrix products

#if STROMA_EMULATED
constexpr double blas_slack = 1;
constexpr bool blas_always_rounds = true;
#else
constexpr double blas_slack = 2;  // cuBLAS does not say how it rounds; cutting off errs by so much
constexpr bool blas_always_rounds = false;  // it may multiply in fp32 all the same
#endif

struct GemmCase {
  int64_t m, n, k;
  bool transpose_a, transpose_b;
  bool for_tensor_cores = false;  // large, and rows begin at multiples of 16 bytes
};

void check_gemm(const GemmCase& c) {
  std::mt19937 random(1);
  const int64_t lda = (c.transpose_a ? c.m : c.k) + (c.for_tensor_cores ? 4 : 3);
  const int64_t ldb = (c.transpose_b ? c.k : c.n) + (c.for_tensor_cores ? 4 : 1);
  const auto a = test::random_values<float>((c.transpose_a ? c.k : c.m) * lda, random);
  const auto b = test::random_values<float>((c.transpose_b ? c.n : c.k) * ldb, random);
  const auto before = test::random_values<float>(c.m * c.n, random);
  std::vector<std::vector<float>> results;
  for (const Precision precision : precisions) {
    const Cuda cuda = with(precision);
    test::Array on_a(cuda, a);
    test::Array on_b(cuda, b);
    test::Array on_c(cuda, before);
    gemm(cuda, {.transpose_a = c.transpose_a,
                .transpose_b = c.transpose_b,
                .m = c.m,
                .n = c.n,
                .k = c.k,
                .alpha = 0.75f,
                .a = on_a.data(),
                .lda = lda,
                .b = on_b.data(),
                .ldb = ldb,
                .beta = -0.5f,
                .c = on_c.data(),
                .ldc = c.n});
    const double u = blas_slack * unit_roundoff(precision);
    std::vector<Bounded> expected;
    for (int64_t i = 0; i < c.m; ++i) {
      for (int64_t j = 0; j < c.n; ++j) {
        const Bounded sum = dot(
            c.k, u,
            [&](int64_t l) { return Bounded{c.transpose_a ? a[l * lda + i] : a[i * lda + l]}; },
            [&](int64_t l) { return Bounded{c.transpose_b ? b[j * ldb + l] : b[l * ldb + j]}; });
        expected.push_back(Bounded{0.75} * sum + Bounded{-0.5} * Bounded{before[i * c.n + j]});
      }
    }
    results.push_back(on_c.host());
    expect_within(results.back(), expected);
  }
  if (blas_always_rounds || c.for_tensor_cores) expect_all_different(results);
}

TEST(Precision, OfAMatrixProductIsThatOfItsFactors) {
  if (!test::has_gpu()) return;
  for (const GemmCase& c : {GemmCase{256, 128, 128, false, true, true},
                            GemmCase{32, 100, 256, false, true}, GemmCase{127, 64, 33, true, false},
                            GemmCase{3, 101, 128, false, false}, GemmCase{64, 5, 7, true, true}}) {
    SCOPED_TRACE(testing::Message() << c.m << " " << c.n << " " << c.k);
    check_gemm(c);
  }
}

// ---- Recurrence

struct Lstm {
  int64_t steps, batch, hidden;
  bool reverse;
  std::vector<int32_t> lengths;  // [batch]
  std::vector<float> input, weight, bias_ih, bias_hh, output_grad;

  int64_t cells() const { return steps * batch * hidden; }
  /// Where the unit j = 0 of row n lies after step number `walked` of the walk.
  int64_t at(int64_t walked, int64_t n) const {
    return ((reverse ? lengths[n] - 1 - walked : walked) * batch + n) * hidden;
  }
};

Lstm random_lstm(int64_t steps, int64_t batch, int64_t hidden, bool reverse) {
  std::mt19937 random(static_cast<unsigned>(steps * 7919 + batch * 31 + hidden));
  const std::vector<int32_t> lengths(batch, static_cast<int32_t>(steps));
  Lstm lstm{steps, batch, hidden, reverse, lengths, {}, {}, {}, {}, {}};
  lstm.input = test::random_values<float>(4 * lstm.cells(), random);
  lstm.weight = test::random_values<float>(4 * hidden * hidden, random);
  for (float& w : lstm.weight) w /= std::sqrt(static_cast<float>(hidden));
  lstm.bias_ih = test::random_values<float>(4 * hidden, random);
  lstm.bias_hh = test::random_values<float>(4 * hidden, random);
  lstm.output_grad = test::random_values<float>(lstm.cells(), random);
  return lstm;
}

/// What a device computes, and what it starts the backward pass from.
struct Results {
  std::vector<float> gates, cells, tanh_cells, output, gate_grads;
};

Results run(const Cuda& cuda, const Lstm& l) {
  const std::vector<float> poison(l.cells(), std::numeric_limits<float>::quiet_NaN());
  test::Array gates(cuda, l.input);
  test::Array weight(cuda, l.weight);
  test::Array bias_ih(cuda, l.bias_ih);
  test::Array bias_hh(cuda, l.bias_hh);
  test::Array cells(cuda, poison);
  test::Array tanh_cells(cuda, poison);
  test::Array output(cuda, poison);
  test::Array output_grad(cuda, l.output_grad);
  test::Array lengths(cuda, l.lengths);
  const bool all = std::all_of(l.lengths.begin(), l.lengths.end(),
                               [&](int32_t length) { return length == l.steps; });
  const RecurrentForward<float> forward{.cell = Cell::lstm,
                                        .steps = l.steps,
                                        .batch = l.batch,
                                        .hidden_size = l.hidden,
                                        .reverse = l.reverse,
                                        .gates = gates.data(),
                                        .weight_hh = weight.data(),
                                        .bias_ih = bias_ih.data(),
                                        .bias_hh = bias_hh.data(),
                                        .cells = cells.data(),
                                        .tanh_cells = tanh_cells.data(),
                                        .output = output.data(),
                                        .output_stride = l.hidden,
                                        .lengths = all ? nullptr : lengths.data()};
  recurrent_forward(cuda, std::span(&forward, 1));
  Results results{gates.host(), cells.host(), tanh_cells.host(), output.host(), {}};
  const RecurrentBackward<float> backward{.cell = Cell::lstm,
                                          .steps = l.steps,
                                          .batch = l.batch,
                                          .hidden_size = l.hidden,
                                          .reverse = l.reverse,
                                          .gates = gates.data(),
                                          .weight_hh = weight.data(),
                                          .cells = cells.data(),
                                          .tanh_cells = tanh_cells.data(),
                                          .output_grad = output_grad.data(),
                                          .output_grad_stride = l.hidden,
                                          .last_only = false};
  recurrent_backward(cuda, std::span(&backward, 1));
  results.gate_grads = gates.host();
  return results;
}

void expect_forward_within(const Results& actual, const Lstm& l, double u) {
  std::vector<Bounded> gates(4 * l.cells()), cells(l.cells()), tanh_cells(cells), output(cells);
  for (int64_t n = 0; n < l.batch; ++n) {
    for (int64_t walked = 0; walked < l.lengths[n]; ++walked) {
      const int64_t at = l.at(walked, n), before = l.at(walked - 1, n);
      for (int64_t g = 0; g < 4 * l.hidden; ++g) {
        const Bounded product = dot(
            walked == 0 ? 0 : l.hidden, u,
            [&](int64_t k) { return Bounded{l.weight[g * l.hidden + k]}; },
            [&](int64_t k) { return output[before + k]; });
        const Bounded bias = Bounded{l.bias_ih[g]} + Bounded{l.bias_hh[g]};
        const Bounded z = Bounded{l.input[4 * at + g]} + bias + product;
        gates[4 * at + g] = g / l.hidden == 2 ? tanh(z) : sigmoid(z);
      }
      for (int64_t j = 0; j < l.hidden; ++j) {
        const Bounded* gate = &gates[4 * at + j];
        const Bounded cell_before = walked == 0 ? Bounded{} : cells[before + j];
        cells[at + j] = gate[l.hidden] * cell_before + gate[0] * gate[2 * l.hidden];
        tanh_cells[at + j] = tanh(cells[at + j]);
        output[at + j] = gate[3 * l.hidden] * tanh_cells[at + j];
      }
    }
  }
  expect_within(actual.gates, gates);
  expect_within(actual.cells, cells);
  expect_within(actual.tanh_cells, tanh_cells);
  expect_within(actual.output, output);
}

/// From what the device's own forward pass left, so that only the backward pass errs.
void expect_backward_within(const Results& actual, const Lstm& l, double u) {
  std::vector<Bounded> grads(4 * l.cells());
  for (int64_t n = 0; n < l.batch; ++n) {
    std::vector<Bounded> dh(l.hidden), dc(l.hidden);
    for (int64_t walked = l.lengths[n] - 1; walked >= 0; --walked) {
      const int64_t at = l.at(walked, n), before = l.at(walked - 1, n);
      for (int64_t j = 0; j < l.hidden; ++j) {
        const float* gate = &actual.gates[4 * at + j];
        const Bounded i{gate[0]}, f{gate[l.hidden]}, g{gate[2 * l.hidden]}, o{gate[3 * l.hidden]};
        const Bounded t{actual.tanh_cells[at + j]}, one{1};
        const Bounded cell_before{walked == 0 ? 0 : actual.cells[before + j]};
        dh[j] = dh[j] + Bounded{l.output_grad[at + j]};
        const Bounded d = dc[j] + dh[j] * o * (one - t * t);
        Bounded* grad = &grads[4 * at + j];
        grad[0] = d * g * i * (one - i);
        grad[l.hidden] = d * cell_before * f * (one - f);
        grad[2 * l.hidden] = d * i * (one - g * g);
        grad[3 * l.hidden] = dh[j] * t * o * (one - o);
        dc[j] = d * f;
      }
      for (int64_t k = 0; k < l.hidden; ++k) {
        dh[k] = dot(
            4 * l.hidden, u, [&](int64_t g) { return Bounded{l.weight[g * l.hidden + k]}; },
            [&](int64_t g) { return grads[4 * at + g]; });
      }
    }
  }
  expect_within(actual.gate_grads, grads);
}

/// Runs it in every precision and holds it to what that allows.
void check_lstm(const Lstm& lstm) {
  std::vector<std::vector<float>> outputs, gradients;
  for (const Precision precision : precisions) {
    SCOPED_TRACE(testing::Message() << "precision " << static_cast<int>(precision));
    const Results results = run(with(precision), lstm);
    expect_forward_within(results, lstm, unit_roundoff(precision));
    expect_backward_within(results, lstm, unit_roundoff(precision));
    outputs.push_back(results.output);
    gradients.push_back(results.gate_grads);
  }
  expect_all_different(outputs);
  expect_all_different(gradients);
}

TEST(Precision, OfARecurrenceIsThatOfItsFactorsForEverySize) {
  if (!test::has_gpu()) return;
  for (const int64_t hidden : {1, 7, 32, 64, 128, 256}) {
    for (const int64_t batch : {1, 5, 32}) {
      if (hidden == 256 && batch == 32) continue;  // takes long, and has no kernel of its own
      SCOPED_TRACE(testing::Message() << "hidden " << hidden << " batch " << batch);
      check_lstm(random_lstm(3, batch, hidden, batch == 5));
    }
  }
}

TEST(Precision, OfRowsThatEndEarlyIsThatOfTheirFactors) {
  if (!test::has_gpu()) return;
  for (const int64_t hidden : {7, 32, 64, 128, 256}) {
    for (const bool reverse : {false, true}) {
      SCOPED_TRACE(testing::Message() << "hidden " << hidden << (reverse ? " reverse" : ""));
      Lstm lstm = random_lstm(3, 5, hidden, reverse);
      lstm.lengths = {3, 1, 0, 2, 3};
      check_lstm(lstm);
    }
  }
}

}  // namespace
}  // namespace stroma::kernels

#endif
