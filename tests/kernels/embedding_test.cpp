#include "kernels/embedding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t rows, dim, vocabulary;
};

// One, odd, prime, channels past a warp and a cache line, a token for nearly every row and few.
const std::vector<Shape> shapes = {{1, 1, 1},    {7, 3, 2},       {40, 16, 5},
                                   {611, 33, 7}, {97, 101, 4097}, {1280, 128, 65}};

std::vector<int32_t> random_tokens(const Shape& s, std::mt19937& random) {
  std::vector<int32_t> tokens(s.rows);
  for (int32_t& token : tokens) token = static_cast<int32_t>(random() % s.vocabulary);
  return tokens;
}

TEST(Embedding, IsTheRowsThatTokensName) {
  for (const Shape& s : shapes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.dim << " of " << s.vocabulary);
    test::on_each_device([&]<class T>(const auto& context, T) {
      std::mt19937 random(static_cast<unsigned>(s.rows));
      const std::vector<int32_t> tokens = random_tokens(s, random);
      const std::vector<T> weight = test::random_values<T>(s.vocabulary * s.dim, random);
      test::Array on_tokens(context, tokens);
      test::Array table(context, weight);
      test::Array output(context, std::vector<T>(s.rows * s.dim, T(NAN)));
      embedding(context, Embedding<T>{.rows = s.rows,
                                      .dim = s.dim,
                                      .vocabulary = s.vocabulary,
                                      .tokens = on_tokens.data(),
                                      .weight = table.data(),
                                      .output = output.data()});
      const std::vector<T> y = output.host();
      for (int64_t i = 0; i < s.rows * s.dim; ++i) {
        ASSERT_EQ(y[i], weight[tokens[i / s.dim] * s.dim + i % s.dim]);
      }
    });
  }
}

TEST(Embedding, AddsTheGradientsOfATokenButNoneOfTokenZero) {
  for (const Shape& s : shapes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.dim << " of " << s.vocabulary);
    test::on_each_device([&]<class T>(const auto& context, T) {
      std::mt19937 random(static_cast<unsigned>(s.rows));
      const std::vector<int32_t> tokens = random_tokens(s, random);
      const std::vector<T> dy = test::random_values<T>(s.rows * s.dim, random);
      const std::vector<T> before = test::random_values<T>(s.vocabulary * s.dim, random);
      std::vector<double> expected(before.begin(), before.end());
      for (int64_t i = 0; i < s.rows * s.dim; ++i) {
        if (tokens[i / s.dim] > 0) expected[tokens[i / s.dim] * s.dim + i % s.dim] += dy[i];
      }
      test::Array on_tokens(context, tokens);
      test::Array output_grad(context, dy);
      const auto run = [&] {
        test::Array weight_grad(context, before);
        embedding_backward(context, EmbeddingBackward<T>{.rows = s.rows,
                                                         .dim = s.dim,
                                                         .vocabulary = s.vocabulary,
                                                         .tokens = on_tokens.data(),
                                                         .output_grad = output_grad.data(),
                                                         .weight_grad = weight_grad.data()});
        return weight_grad.host();
      };
      const auto results = test::with_thread_orders(context, run);
      // At most rows + 1 numbers of magnitude ≤ 1 are added: each sum rounds by its own size.
      const double terms = static_cast<double>(s.rows) + 1;
      const double bound = terms * terms * std::numeric_limits<T>::epsilon() / 2;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(results[0][i], expected[i], i < std::size_t(s.dim) ? 0 : bound);
      }
      for (const auto& result : results) ASSERT_EQ(result, results[0]);
    });
  }
}

}  // namespace
}  // namespace stroma::kernels
