// Columns from one matrix to another on the GPU: a warp a row.
#include "kernels/concat.h"
#include "kernels/cuda/elements.h"

namespace stroma::kernels {
namespace {

struct Copy {
  CopyColumns<float> c;
  __device__ void operator()(int64_t i, int64_t j) const {
    c.to[i * c.to_stride + j] = c.from[i * c.from_stride + j];
  }
};

}  // namespace

void copy_columns(const Cuda& cuda, const CopyColumns<float>& c) {
  c.check();
  for_each_of_rows(cuda, c.rows, c.columns, Copy{c});
}

}  // namespace stroma::kernels
