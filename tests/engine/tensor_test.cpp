#include "engine/tensor.h"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/error.h"

namespace stroma {
namespace {

TEST(Tensor, HoldsTheValuesItWasMadeOf) {
  const Tensor t = Tensor::of<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(t.shape(), (Shape{2, 3}));
  EXPECT_EQ(t.count(), 6);
  EXPECT_EQ(t.size(1), 3);
  EXPECT_EQ(t.byte_count(), 24);
  EXPECT_EQ(t.dtype(), DType::float32);
  EXPECT_EQ(t.to_vector<float>(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(to_string(t.shape()), "[2, 3]");
}

TEST(Tensor, CopiesShareElementsAndClonesDoNot) {
  Tensor t = Tensor::zeros({3}, DType::int32);
  const Tensor shared = t, cloned = t.clone();
  t.data<int32_t>()[1] = 7;
  EXPECT_EQ(shared.to_vector<int32_t>(), (std::vector<int32_t>{0, 7, 0}));
  EXPECT_EQ(cloned.to_vector<int32_t>(), (std::vector<int32_t>{0, 0, 0}));
}

TEST(Tensor, ViewsShareElements) {
  Tensor t = Tensor::of<int64_t>({0, 1, 2, 3, 4, 5}, {3, 2});
  EXPECT_EQ(t.rows(1, 2).shape(), (Shape{2, 2}));
  EXPECT_EQ(t.rows(1, 2).to_vector<int64_t>(), (std::vector<int64_t>{2, 3, 4, 5}));
  EXPECT_EQ(t.rows(1, 2).rows(1, 1).to_vector<int64_t>(), (std::vector<int64_t>{4, 5}));
  Tensor view = t.view(3, {2});
  view.data<int64_t>()[0] = 30;
  EXPECT_EQ(t.to_vector<int64_t>()[3], 30);
  EXPECT_EQ(t.reshape({6}).to_vector<int64_t>()[3], 30);
  view.zero();
  EXPECT_EQ(t.to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 2, 0, 0, 5}));
}

TEST(Tensor, AViewOutlivesTheTensorItCameFrom) {
  Tensor view;
  {
    const Tensor t = Tensor::of<double>({1, 2, 3}, {3});
    view = t.rows(2, 1);
  }
  EXPECT_EQ(view.item<double>(), 3);
}

TEST(Tensor, ViewsOutsideAreErrors) {
  const Tensor t = Tensor::zeros({3, 2});
  EXPECT_THROW(t.rows(2, 2), Error);
  EXPECT_THROW(t.rows(-1, 1), Error);
  EXPECT_THROW(t.rows(0, -1), Error);
  EXPECT_THROW(t.view(5, {2}), Error);
  EXPECT_THROW(t.view(std::numeric_limits<int64_t>::max(), {2}), Error);
  EXPECT_THROW(t.reshape({7}), Error);
  EXPECT_THROW(t.rows(std::numeric_limits<int64_t>::max(), 1), Error);
  EXPECT_THROW(t.size(2), Error);
  EXPECT_THROW(t.size(-1), Error);
  EXPECT_THROW(Tensor::zeros({}).rows(0, 1), Error);
}

TEST(Tensor, AnUndefinedOneHoldsNothing) {
  const Tensor none;
  Tensor some = Tensor::zeros({0});
  EXPECT_EQ(to_string(none), "an undefined tensor");
  EXPECT_THROW(none.data<float>(), Error);
  EXPECT_THROW(none.to_vector<float>(), Error);
  EXPECT_THROW(none.clone(), Error);
  EXPECT_THROW(none.rows(0, 0), Error);
  EXPECT_THROW(none.view(0, {0}), Error);
  EXPECT_THROW(Tensor().zero(), Error);
  EXPECT_THROW(some.copy_from(none), Error);
}

TEST(Tensor, LiveBytesAreThoseOfTensorsThatSomebodyHolds) {
  const int64_t before = live_tensor_bytes();
  Tensor view;
  {
    const Tensor t = Tensor::zeros({10, 3}, DType::int64);
    view = t.rows(2, 1);
    EXPECT_EQ(live_tensor_bytes() - before, 240);
  }
  EXPECT_EQ(live_tensor_bytes() - before, 240) << "a view keeps the whole";
  view = Tensor();
  EXPECT_EQ(live_tensor_bytes(), before);
}

TEST(Tensor, ImpossibleShapesAreErrors) {
  const int64_t huge = int64_t{1} << 31;
  EXPECT_THROW(Tensor::empty({-1}), Error);
  EXPECT_THROW(Tensor::empty({huge, huge, huge}), Error);
  EXPECT_THROW(Tensor::empty({huge, huge}, DType::float64), Error);  // the bytes overflow
  EXPECT_THROW(Tensor::of<float>({1, 2}, {3}), Error);
}

TEST(Tensor, AScalarAndAnEmptyTensorAreTensors) {
  EXPECT_EQ(Tensor::of<float>({2.5f}, {}).item<float>(), 2.5f);
  const Tensor empty = Tensor::zeros({0, 5});
  EXPECT_TRUE(empty.defined());
  EXPECT_TRUE(empty.to_vector<float>().empty());
  EXPECT_EQ(empty.clone().shape(), (Shape{0, 5}));
  EXPECT_THROW(empty.item<float>(), Error);
  EXPECT_FALSE(Tensor().defined());
}

TEST(Tensor, ReadingAsAnotherTypeIsAnError) {
  EXPECT_THROW(Tensor::zeros({2}).data<double>(), Error);
  EXPECT_THROW(Tensor::zeros({2}).to_vector<int32_t>(), Error);
  Tensor t = Tensor::zeros({2});
  EXPECT_THROW(t.copy_from(Tensor::zeros({2}, DType::int32)), Error);
  EXPECT_THROW(t.copy_from(Tensor::zeros({3})), Error);
}

}  // namespace
}  // namespace stroma
