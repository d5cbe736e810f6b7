#include <gtest/gtest.h>

#if STROMA_WITH_CUDA && !STROMA_EMULATED

#include <string>

#include "kernels/cuda/cublas.h"
#include "kernels/error.h"

namespace stroma::kernels {
namespace {

TEST(Cublas, SaysWhatToDoWhereItIsMissing) {
  try {
    load_cublas("libcublas.so.0");
    FAIL() << "there is no such version";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("libcublas.so.0 is missing ("), 0U) << message;
    EXPECT_NE(message.find("LD_LIBRARY_PATH; --device cpu needs none"), std::string::npos)
        << message;
  }
}

TEST(Cublas, HasTheFunctionsThatAreUsed) {
  try {
    EXPECT_STRNE(cublas().get_status_string(CUBLAS_STATUS_SUCCESS),
                 cublas().get_status_string(CUBLAS_STATUS_NOT_INITIALIZED));
  } catch (const Error& error) {
    if (std::string(error.what()).find(" is missing (") == std::string::npos) throw;
    GTEST_SKIP() << error.what();
  }
}

TEST(Cublas, RefusesALibraryThatIsNotCublas) { EXPECT_THROW(load_cublas("libm.so.6"), Error); }

}  // namespace
}  // namespace stroma::kernels

#endif
