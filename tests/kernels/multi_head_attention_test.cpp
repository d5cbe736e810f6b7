#include "kernels/multi_head_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

// Positions and channels of one, odd, prime, and past a tile of either device; one head and many.
const std::vector<AttentionShape> shapes = {{1, 1, 1, 1},   {1, 3, 4, 2},   {2, 1, 3, 3},
                                            {7, 3, 10, 2},  {33, 2, 35, 5}, {40, 2, 32, 4},
                                            {97, 1, 34, 1}, {131, 1, 6, 2}};

/// Numbers, and beside each how far a T may be from it.
struct Bounded {
  explicit Bounded(std::size_t count) : value(count), error(count) {}
  std::vector<double> value, error;
};

/// The formulas in double for one head of one sequence, a column of three: q, k and v.
///
/// With ε of T, a sum of m products rounds by at most (m + 1) · ε · Σ |terms|. So the error of a
/// score is Δ = (d + 2) · ε · max_j Σ_c |q k| / √d; that of a weight, an exponential of it over a
/// sum of `count`, relative r = 2 Δ + (count + 16) · ε, of which the exponentials have 3 units and
/// the rounding of their arguments, which are at most 8, the most of the rest. What is summed from
/// inexact terms has the errors of all of them and rounds besides.
template <class T>
struct Head {
  const AttentionShape& s;
  const std::vector<T>&qkv, &dy;
  int64_t n, h, count;
  Bounded &y, &grad;

  double at(int64_t part, int64_t t, int64_t c) const { return qkv[place(part, t, c)]; }
  int64_t place(int64_t part, int64_t t, int64_t c) const {
    const int64_t d = s.head_channels();
    return (t * s.batch + n) * 3 * s.channels + part * s.channels + h * d + c;
  }
  int64_t out(int64_t t, int64_t c) const {
    return (t * s.batch + n) * s.channels + h * s.head_channels() + c;
  }
  static void add(Bounded& to, int64_t i, double term, double error) {
    to.value[i] += term;
    to.error[i] += error;
  }

  void fill() const {
    const double epsilon = std::numeric_limits<T>::epsilon();
    const int64_t d = s.head_channels();
    const double scale = s.scale(), terms = static_cast<double>(d) + 2;
    const double positions = static_cast<double>(count) + 2;
    for (int64_t i = 0; i < count; ++i) {
      std::vector<double> p(count);
      double size = 0, sum = 0;
      for (int64_t j = 0; j < count; ++j) {
        double score = 0, score_size = 0;
        for (int64_t c = 0; c < d; ++c) {
          score += at(0, i, c) * at(1, j, c) * scale;
          score_size += std::abs(at(0, i, c) * at(1, j, c)) * scale;
        }
        size = std::max(size, score_size);
        p[j] = std::exp(score);
        sum += p[j];
      }
      const double r = 2 * terms * epsilon * size + (positions + 14) * epsilon;
      double mean = 0, mean_size = 0, mean_error = 0;
      for (int64_t c = 0; c < d; ++c) {
        const int64_t o = out(i, c);
        for (int64_t j = 0; j < count; ++j) {
          const double term = p[j] / sum * at(2, j, c);
          add(y, o, term, std::abs(term) * (r + positions * epsilon));
        }
        mean += dy[o] * y.value[o];
        mean_size += std::abs(dy[o] * y.value[o]);
        mean_error += std::abs(dy[o]) * y.error[o];
      }
      for (int64_t j = 0; j < count; ++j) {
        const double w = p[j] / sum;
        double dot = 0, dot_size = 0;
        for (int64_t c = 0; c < d; ++c) {
          dot += dy[out(i, c)] * at(2, j, c);
          dot_size += std::abs(dy[out(i, c)] * at(2, j, c));
        }
        const double ds = w * (dot - mean);
        const double ds_error =
            w * ((dot_size + mean_size) * (r + (terms + 2) * epsilon) + mean_error);
        for (int64_t c = 0; c < d; ++c) {
          const double q = at(0, i, c) * scale, k = at(1, j, c) * scale, g = dy[out(i, c)];
          const double rounding = positions * epsilon * std::abs(ds);
          add(grad, place(0, i, c), ds * k, std::abs(k) * (ds_error + rounding));
          add(grad, place(1, j, c), ds * q, std::abs(q) * (ds_error + rounding));
          add(grad, place(2, j, c), w * g, std::abs(w * g) * (r + positions * epsilon));
        }
      }
    }
  }
};

void expect_near(const auto& actual, const Bounded& expected) {
  ASSERT_EQ(actual.size(), expected.value.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected.value[i], expected.error[i]) << i;
  }
}

TEST(MultiHeadAttention, IsTheFormulaForwardAndBackward) {
  for (const AttentionShape& s : shapes) {
    for (const bool masked : {false, true}) {
      SCOPED_TRACE(testing::Message() << s.length << " x " << s.batch << " x " << s.channels << ", "
                                      << s.heads << " heads" << (masked ? ", masked" : ""));
      std::mt19937 random(static_cast<unsigned>(s.length));
      std::vector<int32_t> lengths(s.batch, static_cast<int32_t>(s.length));
      for (int64_t n = 0; masked && n < s.batch; ++n) {
        lengths[n] = static_cast<int32_t>(n == s.batch / 2 ? 0 : random() % (s.length + 1));
      }
      test::on_each_device([&]<class T>(const auto& context, T) {
        const std::vector<T> x =
            test::random_values<T>(s.length * s.batch * 3 * s.channels, random);
        const std::vector<T> dy = test::random_values<T>(s.length * s.batch * s.channels, random);
        Bounded y(dy.size()), dx(x.size());
        for (int64_t n = 0; n < s.batch; ++n) {
          for (int64_t h = 0; h < s.heads; ++h) Head<T>{s, x, dy, n, h, lengths[n], y, dx}.fill();
        }
        test::Array qkv(context, x);
        test::Array output_grad(context, dy);
        test::Array on_lengths(context, lengths);
        const int32_t* given = masked ? on_lengths.data() : nullptr;
        struct Results {
          std::vector<T> y, dx;
          bool operator==(const Results&) const = default;
        };
        const auto results = test::with_thread_orders(context, [&] {
          test::Array log_sums(context, std::vector<T>(s.batch * s.heads * s.length));
          test::Array output(context, std::vector<T>(dy.size(), T(NAN)));
          test::Array qkv_grad(context, std::vector<T>(x.size(), T(NAN)));
          multi_head_attention(context, MultiHeadAttention<T>{.shape = s,
                                                              .qkv = qkv.data(),
                                                              .lengths = given,
                                                              .log_sums = log_sums.data(),
                                                              .output = output.data()});
          multi_head_attention_backward(
              context, MultiHeadAttentionBackward<T>{.shape = s,
                                                     .qkv = qkv.data(),
                                                     .lengths = given,
                                                     .log_sums = log_sums.data(),
                                                     .output = output.data(),
                                                     .output_grad = output_grad.data(),
                                                     .qkv_grad = qkv_grad.data()});
          return Results{output.host(), qkv_grad.host()};
        });
        expect_near(results[0].y, y);
        expect_near(results[0].dx, dx);
        for (const Results& other : results) EXPECT_TRUE(other == results[0]);
      });
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
