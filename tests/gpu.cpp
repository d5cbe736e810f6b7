#include "tests/gpu.h"

#include "kernels/context.h"

namespace stroma::test {

bool has_gpu() {
#if STROMA_WITH_CUDA
  static const bool found = cuda_device_count() > 0;
  if (!found && !testing::Test::IsSkipped()) {
    [] { GTEST_SKIP() << "no GPU can be used here"; }();
  }
  return found;
#else
  return false;
#endif
}

}  // namespace stroma::test
