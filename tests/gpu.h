// Whether this machine has the GPU that this build can use, and what tests do where it has none.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

namespace stroma::test {

/// False in a build without GPU support. Where a CUDA build finds no GPU also false, and the
/// running test counts as skipped: it does its part on the CPU, and can still fail.
bool has_gpu();

/// Skips the tests of .cu files, all of which launch kernels, before they begin.
class KernelTestsNeedGpu : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    if (std::string_view(test.file()).ends_with(".cu")) has_gpu();
  }
};

inline const bool kernel_tests_need_gpu = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new KernelTestsNeedGpu);
  return true;
}();

}  // namespace stroma::test
