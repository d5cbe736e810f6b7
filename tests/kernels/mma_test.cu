// Matrix instructions against the product written as plain loops. Factors are small whole numbers,
// which no precision rounds and whose sums are exact in any order: results are equal.
#include "kernels/cuda/mma.cuh"
#include "tests/emulator/device.h"

namespace stroma::kernels {
namespace {

constexpr int rows = 16, columns = 8;

/// In −15 … 15, different along rows and columns.
__host__ __device__ float a_at(int row, int k) {
  return static_cast<float>((row * 7 + k * 5) % 31 - 15);
}
__host__ __device__ float b_at(int k, int column) {
  return static_cast<float>((k * 11 + column * 3) % 31 - 15);
}

struct Lane {
  int group, quad;
};
__device__ Lane lane() {
  return {static_cast<int>(threadIdx.x % 32 / 4), static_cast<int>(threadIdx.x % 4)};
}

/// Writes a warp's sums to its output [rows, columns].
__device__ void write(const float (&sum)[4], float* output) {
  const auto [group, quad] = lane();
  output += threadIdx.x / 32 * rows * columns;
  for (int i = 0; i < 4; ++i) output[(group + i / 2 * 8) * columns + 2 * quad + i % 2] = sum[i];
}

/// What the sums are before, to see that they are added to.
__device__ void begin(float (&sum)[4]) {
  for (float& s : sum) s = static_cast<float>(threadIdx.x / 32);
}

__global__ void tf32_instruction(float* output) {
  const auto [group, quad] = lane();
  unsigned a[4], b[2];
  for (int i = 0; i < 4; ++i) a[i] = __float_as_uint(a_at(group + i % 2 * 8, quad + i / 2 * 4));
  for (int i = 0; i < 2; ++i) b[i] = __float_as_uint(b_at(quad + i * 4, group));
  float sum[4];
  begin(sum);
  mma_m16n8k8_tf32(sum, a, b);
  write(sum, output);
}

__global__ void bf16_instruction(float* output) {
  const auto [group, quad] = lane();
  unsigned a[4], b[2];
  for (int i = 0; i < 4; ++i) {
    const int row = group + i % 2 * 8, k = 2 * quad + i / 2 * 8;
    a[i] = bf16_pair(a_at(row, k), a_at(row, k + 1));
  }
  for (int i = 0; i < 2; ++i) {
    const int k = 2 * quad + i * 8;
    b[i] = bf16_pair(b_at(k, group), b_at(k + 1, group));
  }
  float sum[4];
  begin(sum);
  mma_m16n8k16_bf16(sum, a, b);
  write(sum, output);
}

template <Precision precision>
__global__ void square_product(float* output) {
  const auto [group, quad] = lane();
  float upper[4], lower[4], b[4];
  for (int i = 0; i < 4; ++i) {
    upper[i] = a_at(group, 4 * quad + i);
    lower[i] = a_at(group + 8, 4 * quad + i);
    b[i] = b_at(4 * quad + i, group);
  }
  const auto a = pack_rows<precision>(make_float4(upper[0], upper[1], upper[2], upper[3]),
                                      make_float4(lower[0], lower[1], lower[2], lower[3]));
  float sum[4];
  begin(sum);
  multiply_add<precision>(sum, a, make_float4(b[0], b[1], b[2], b[3]));
  write(sum, output);
}

template <auto kernel>
void expect_product(int depth) {
  constexpr int warps = 2;
  const auto output =
      test::output_of<kernel, float>({.block = warps * 32}, int64_t{warps} * rows * columns);
  for (int warp = 0; warp < warps; ++warp) {
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        auto expected = static_cast<float>(warp);
        for (int k = 0; k < depth; ++k) expected += a_at(i, k) * b_at(k, j);
        ASSERT_EQ(output[(warp * rows + i) * columns + j], expected)
            << warp << ": " << i << ", " << j;
      }
    }
  }
}

TEST(MatrixInstructions, GiveTheProductInTheirLayout) {
  expect_product<tf32_instruction>(8);
  expect_product<bf16_instruction>(16);
}

TEST(MatrixInstructions, MultiplySquaresOfNeighbours) {
  expect_product<square_product<Precision::tf32>>(16);
  expect_product<square_product<Precision::bf16>>(16);
}

}  // namespace
}  // namespace stroma::kernels
