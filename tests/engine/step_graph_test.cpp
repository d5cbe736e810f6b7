#include "engine/step_graph.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/dispatch.h"
#include "engine/tensor.h"
#include "kernels/elementwise.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

/// total += x · 2, through a tensor that lives for this step alone.
void add_twice(const Tensor& x, Tensor& total) {
  dispatch(x, [&]<class T>(const auto& context, T) {
    Tensor twice = Tensor::empty(x.shape(), x.dtype(), x.device());
    kernels::add(context, x.data<T>(), x.data<T>(), twice.data<T>(), x.count());
    kernels::add(context, std::as_const(total).data<T>(), std::as_const(twice).data<T>(),
                 total.data<T>(), x.count());
  });
}

/// What `runs` steps give for x = 1, 2, 3, … of four elements each.
std::vector<float> totals(Device device, int runs) {
  Tensor x = Tensor::zeros({4}, DType::float32, device);
  Tensor total = Tensor::zeros({4}, DType::float32, device);
  StepGraph step(device);
  for (int run = 1; run <= runs; ++run) {
    x.copy_from(Tensor::of(std::vector<float>(4, static_cast<float>(run)), {4}));
    step.run([&] { add_twice(x, total); });
  }
  return total.to_vector<float>();
}

TEST(StepGraph, DoesTheWorkOncePerRunWithWhatMemoryHoldsThen) {
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    for (const int runs : {1, 2, 3, 10}) {
      const auto sum = static_cast<float>(runs * (runs + 1));
      EXPECT_EQ(totals(device, runs), std::vector<float>(4, sum)) << runs << " runs";
    }
  }
}

TEST(StepGraph, CallsTheWorkTwiceOnAGpu) {
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    int calls = 0;
    Tensor x = Tensor::zeros({4}, DType::float32, device);
    StepGraph step(device);
    for (int run = 0; run < 5; ++run) {
      step.run([&] {
        ++calls;
        add_twice(x, x);
      });
    }
    EXPECT_EQ(calls, device.kind == Device::Kind::cpu ? 5 : 2);
  }
}

TEST(StepGraph, KeepsItsMemoryToItselfBetweenRuns) {
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    Tensor x = Tensor::of(std::vector<float>(4, 1), {4}, device);
    Tensor total = Tensor::zeros({4}, DType::float32, device);
    StepGraph step(device);
    for (int run = 0; run < 3; ++run) {
      step.run([&] { add_twice(x, total); });
      // Of the size of the step's own tensor: must not be the same memory while that is in use.
      const Tensor other = Tensor::of(std::vector<float>(4, -1), {4}, device);
      EXPECT_EQ(other.to_vector<float>(), std::vector<float>(4, -1));
    }
    EXPECT_EQ(total.to_vector<float>(), std::vector<float>(4, 6));
  }
}

TEST(StepGraph, ThreadsRecordAndReplaySideBySide) {
  for (const Device device : test::devices()) {
    SCOPED_TRACE(to_string(device));
    std::vector<std::vector<float>> results(4);
    {
      std::vector<std::jthread> threads;
      for (std::vector<float>& result : results) {
        threads.emplace_back([&result, device] { result = totals(device, 50); });
      }
    }
    for (const std::vector<float>& result : results) {
      EXPECT_EQ(result, std::vector<float>(4, 50 * 51));
    }
  }
}

}  // namespace
}  // namespace stroma
