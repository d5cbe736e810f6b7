#include "kernels/group_mean.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

/// The formula, in the order of the rows: the kernels add in the same, so that they are equal.
template <class T>
struct Plain {
  std::vector<T> means, weights, input_grad;
};

template <class T>
Plain<T> plain(const std::vector<int32_t>& groups, int64_t columns, const std::vector<T>& x,
               const std::vector<T>& dy, const std::vector<T>& row_weights) {
  const auto rows = std::ssize(groups);
  Plain<T> p{std::vector<T>(x.size()), std::vector<T>(rows), std::vector<T>(x.size())};
  for (int64_t n = 0; n < rows; ++n) {
    const auto first = std::find(groups.begin(), groups.end(), groups[n]) - groups.begin();
    const auto size = std::count(groups.begin(), groups.end(), groups[n]);
    if (size < 2) continue;
    p.weights[first] = row_weights[first];
    for (int64_t c = 0; c < columns; ++c) {
      p.input_grad[n * columns + c] = dy[first * columns + c] / static_cast<T>(size);
      if (first != n) continue;
      T sum = 0;
      for (int64_t m = 0; m < rows; ++m) {
        if (groups[m] == groups[n]) sum += x[m * columns + c];
      }
      p.means[n * columns + c] = sum / static_cast<T>(size);
    }
  }
  return p;
}

template <class T, class Context>
Plain<T> run(const Context& context, const std::vector<int32_t>& groups, int64_t columns,
             const std::vector<T>& x, const std::vector<T>& dy, const std::vector<T>& row_weights) {
  const auto rows = std::ssize(groups);
  test::Array of(context, groups);
  test::Array input(context, x);
  test::Array output_grad(context, dy);
  test::Array weights_in(context, row_weights);
  test::Array output(context, std::vector<T>(x.size()));
  test::Array weights(context, std::vector<T>(rows));
  test::Array input_grad(context, std::vector<T>(x.size()));
  group_mean_forward(context, GroupMeanForward<T>{.rows = rows,
                                                  .columns = columns,
                                                  .groups = of.data(),
                                                  .row_weights = weights_in.data(),
                                                  .input = input.data(),
                                                  .output = output.data(),
                                                  .weights = weights.data()});
  group_mean_backward(context, GroupMeanBackward<T>{.rows = rows,
                                                    .columns = columns,
                                                    .groups = of.data(),
                                                    .output_grad = output_grad.data(),
                                                    .input_grad = input_grad.data()});
  return {output.host(), weights.host(), input_grad.host()};
}

TEST(GroupMean, IsThatOfTheRowsOfEachGroupOfTwoOrMore) {
  for (const int64_t rows : {1, 2, 31, 257}) {
    for (const int64_t columns : {1, 7, 100}) {
      for (const int groups : {1, 3, 200}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << columns << " in " << groups);
        test::on_each_device([&]<class T>(const auto& context, T) {
          std::mt19937 random(rows + columns);
          std::vector<int32_t> of(rows);
          for (int32_t& group : of) group = static_cast<int32_t>(random() % groups);
          const auto x = test::random_values<T>(rows * columns, random);
          const auto dy = test::random_values<T>(rows * columns, random);
          const auto weights = test::random_values<T>(rows, random);
          const Plain<T> expected = plain(of, columns, x, dy, weights);
          const Plain<T> actual = run(context, of, columns, x, dy, weights);
          EXPECT_EQ(actual.means, expected.means);
          EXPECT_EQ(actual.weights, expected.weights);
          EXPECT_EQ(actual.input_grad, expected.input_grad);
        });
      }
    }
  }
}

TEST(GroupMean, HasTheSameBitsInAnyOrderOfThreads) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::mt19937 random(1);
    std::vector<int32_t> of(300);
    for (int32_t& group : of) group = static_cast<int32_t>(random() % 40);
    const auto x = test::random_values<T>(300 * 20, random);
    const auto weights = test::random_values<T>(300, random);
    const auto results = test::with_thread_orders(
        context, [&] { return run(context, of, 20, x, x, weights).means; });
    for (const auto& result : results) EXPECT_EQ(result, results[0]);
  });
}

}  // namespace
}  // namespace stroma::kernels
