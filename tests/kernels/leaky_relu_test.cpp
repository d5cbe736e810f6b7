#include "kernels/leaky_relu.h"

#include <gtest/gtest.h>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

TEST(LeakyRelu, IsTheFormulaForwardAndBackward) {
  for (const int64_t count : {1, 3, 17, 1009, 40009}) {
    test::on_each_device([&]<class T>(const auto& context, T) {
      std::mt19937 random(static_cast<unsigned>(count));
      const std::vector<T> x = test::random_values<T>(count, random);
      const std::vector<T> dy = test::random_values<T>(count, random);
      const T slope = T(0.3);
      test::Array input(context, x), output(context, std::vector<T>(count));
      test::Array output_grad(context, dy), input_grad(context, std::vector<T>(count));
      leaky_relu(
          context,
          LeakyRelu<T>{
              .count = count, .slope = slope, .input = input.data(), .output = output.data()});
      leaky_relu_backward(context, LeakyReluBackward<T>{.count = count,
                                                        .slope = slope,
                                                        .input = input.data(),
                                                        .output_grad = output_grad.data(),
                                                        .input_grad = input_grad.data()});
      const std::vector<T> y = output.host(), dx = input_grad.host();
      for (int64_t i = 0; i < count; ++i) {  // one product each, rounded once
        ASSERT_EQ(y[i], x[i] < 0 ? slope * x[i] : x[i]);
        ASSERT_EQ(dx[i], x[i] < 0 ? slope * dy[i] : dy[i]);
      }
    });
  }
}

}  // namespace
}  // namespace stroma::kernels
