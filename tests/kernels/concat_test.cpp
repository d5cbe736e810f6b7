#include "kernels/concat.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

TEST(CopyColumns, WritesThoseColumnsAndNoOther) {
  // One, odd, prime, a warp's width and more; rows with a rest of a block, and several chunks.
  for (const int64_t rows : {1, 7, 1031}) {
    for (const int64_t columns : {1, 3, 32, 101}) {
      for (const int64_t further : {0, 5}) {  // between the rows of either side
        SCOPED_TRACE(testing::Message() << rows << " x " << columns << " + " << further);
        const int64_t from_stride = columns + further, to_stride = columns + 2 * further + 1;
        test::on_each_device([&]<class T>(const auto& context, T) {
          std::mt19937 random(rows * columns);
          const std::vector<T> source = test::random_values<T>(rows * from_stride, random);
          std::vector<T> expected = test::random_values<T>(rows * to_stride, random);
          test::Array from(context, source), to(context, expected);
          for (int64_t i = 0; i < rows; ++i) {
            for (int64_t j = 0; j < columns; ++j) {
              expected[i * to_stride + 1 + j] = source[i * from_stride + j];
            }
          }
          copy_columns(context, CopyColumns<T>{rows, columns, from.data(), from_stride,
                                               to.data() + 1, to_stride});
          EXPECT_EQ(to.host(), expected);
        });
      }
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
