#include "kernels/graph.h"

#include <gtest/gtest.h>

#include "kernels/elementwise.h"
#include "tests/devices.h"

namespace stroma::kernels {
namespace {

TEST(Graph, DoesTheWorkWhenCalledAndNotWhenRecorded) {
  test::on_each_device([]<class T>(const auto& context, T) {
    test::Array total(context, std::vector<T>(5, T{0}));
    test::Array one(context, std::vector<T>(5, T{1}));
    const T* source = one.data();
    const auto replay = record(context, [&context, target = total.data(), source] {
      add_to(context, target, source, 5);
      add_to(context, target, source, 4);
    });
    EXPECT_EQ(total.host(), std::vector<T>(5, T{0}));
    for (int run = 0; run < 3; ++run) replay();
    EXPECT_EQ(total.host(), (std::vector<T>{6, 6, 6, 6, 3}));
  });
}

}  // namespace
}  // namespace stroma::kernels
