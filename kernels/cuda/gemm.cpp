// The GPU's matrix product: cuBLAS; on the emulated device the CPU's product, in its turn in the
// stream.
#include "kernels/gemm.h"

#if STROMA_EMULATED

#include <algorithm>
#include <vector>

#include "kernels/cuda/emulator/memory.h"
#include "kernels/cuda/emulator/stream.h"
#include "kernels/cuda/rounding.h"

namespace stroma::kernels {
namespace {

/// A copy of a matrix [rows, columns], without gaps between its rows, of factors in `precision`.
std::vector<float> factors(Precision precision, const float* matrix, int64_t rows, int64_t columns,
                           int64_t stride) {
  std::vector<float> copy(static_cast<std::size_t>(rows * columns));
  with_precision(precision, [&]<Precision p>() {
    for (int64_t i = 0; i < rows; ++i) {
      std::transform(matrix + i * stride, matrix + i * stride + columns, &copy[i * columns],
                     [](float x) { return round_factor<p>(x); });
    }
  });
  return copy;
}

}  // namespace

void gemm(const Cuda& cuda, const Gemm<float>& g) {
  g.check();
  const auto work = [g, precision = cuda.precision] {
    if (precision == Precision::fp32 || g.k == 0) {
      gemm(Cpu{}, g);
    } else {
      Gemm<float> product = g;
      product.lda = g.transpose_a ? g.m : g.k;
      product.ldb = g.transpose_b ? g.k : g.n;
      const auto a = factors(precision, g.a, g.transpose_a ? g.k : g.m, product.lda, g.lda);
      const auto b = factors(precision, g.b, g.transpose_b ? g.n : g.k, product.ldb, g.ldb);
      product.a = a.data();
      product.b = b.data();
      gemm(Cpu{}, product);
    }
    for (int64_t i = 0; i < g.m; ++i) {
      emulator::mark_written(g.c + i * g.ldc, static_cast<std::size_t>(g.n) * sizeof(float));
    }
  };
  check(emulator::enqueue(cuda.stream, work), "a matrix product");
}

}  // namespace stroma::kernels

#else

#include <map>
#include <mutex>
#include <string>

#include "kernels/cuda/cublas.h"
#include "kernels/error.h"
#include "kernels/memory.h"

namespace stroma::kernels {
namespace {

void check(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error(std::string(what) + " failed: " + cublas().get_status_string(status));
}

/// cuBLAS for one stream, with scratch memory of its own, so that it takes none while a graph is
/// captured and its products repeat to the bit.
class Blas {
 public:
  explicit Blas(const Cuda& cuda) {
    check(cublas().create(&handle_), "cublasCreate");
    check(cublas().set_stream(handle_, cuda.stream), "cublasSetStream");
    check(cublas().set_workspace(handle_, allocate(cuda, workspace_bytes), workspace_bytes),
          "cublasSetWorkspace");
  }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  cublasHandle_t handle() const { return handle_; }

 private:
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // as cuBLAS asks on sm_90
  cublasHandle_t handle_ = nullptr;
};

/// Of the context's stream; kept for as long as the process lives.
cublasHandle_t handle_of(const Cuda& cuda) {
  static std::mutex& mutex = *new std::mutex;
  static auto& handles = *new std::map<cudaStream_t, Blas>;
  const std::lock_guard lock(mutex);
  return handles.try_emplace(cuda.stream, cuda).first->second.handle();
}

/// How cuBLAS multiplies floats in a precision.
cublasComputeType_t compute_type(Precision precision) {
  switch (precision) {
    case Precision::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Precision::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

cublasOperation_t operation(bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; }

}  // namespace

void gemm(const Cuda& cuda, const Gemm<float>& g) {
  g.check();
  if (g.m == 0 || g.n == 0) return;
  // cuBLAS counts by columns, and so sees every matrix transposed: Cᵀ = op(B)ᵀ · op(A)ᵀ.
  check(cublas().gemm_ex_64(handle_of(cuda), operation(g.transpose_b), operation(g.transpose_a),
                            g.n, g.m, g.k, &g.alpha, g.b, CUDA_R_32F, g.ldb, g.a, CUDA_R_32F, g.lda,
                            &g.beta, g.c, CUDA_R_32F, g.ldc, compute_type(cuda.precision),
                            CUBLAS_GEMM_DEFAULT),
        "cublasGemmEx");
}

}  // namespace stroma::kernels

#endif
