// Runs a test of a kernel on every device of this build, and moves its arrays there and back.
//   test::on_each_device([]<class T>(const auto& context, T) {
//     test::Array x(context, test::random_values<T>(count, random)), y(context, …);
//     relu(context, x.data(), y.data());  …  y.host()[0]
//   });
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/context.h"
#include "kernels/memory.h"
#include "tests/gpu.h"

namespace stroma::test {

/// Calls f(context, T{}) on the CPU for float and double, and on the GPU (or its emulator), if
/// there is one, for float.
template <class F>
void on_each_device(F&& f) {
  {
    SCOPED_TRACE("cpu, float");
    f(Cpu{}, float{});
  }
  {
    SCOPED_TRACE("cpu, double");
    f(Cpu{}, double{});
  }
#if STROMA_WITH_CUDA
  if (has_gpu()) {
    SCOPED_TRACE("cuda, float");
    f(cuda_context(0), float{});
  }
#endif
}

/// An array in a device's memory.
template <class T, class Context>
class Array {
 public:
  Array(const Context& context, const std::vector<T>& values)
      : memory_(context, static_cast<int64_t>(values.size())),
        context_(context),
        count_(values.size()) {
    kernels::copy_bytes(context_, data(), values.data(), count_ * sizeof(T));
  }

  T* data() { return memory_.data(); }

  std::vector<T> host() {
    std::vector<T> values(count_);
    kernels::copy_bytes(context_, values.data(), data(), count_ * sizeof(T));
    return values;
  }

 private:
  kernels::Workspace<T, Context> memory_;
  Context context_;
  std::size_t count_;
};

}  // namespace stroma::test
