// The GPU's matrix product: cuBLAS; on the emulated device the CPU's product, in its turn in the
// stream.
#include "kernels/gemm.h"

#if STROMA_EMULATED

#include "kernels/cuda/check.h"
#include "kernels/cuda/emulator/memory.h"
#include "kernels/cuda/emulator/stream.h"

namespace stroma::kernels {

void gemm(const Cuda& cuda, const Gemm<float>& g) {
  const auto work = [g] {
    gemm(Cpu{}, g);
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

cublasOperation_t operation(bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; }

}  // namespace

void gemm(const Cuda& cuda, const Gemm<float>& g) {
  if (g.m == 0 || g.n == 0) return;
  // cuBLAS counts by columns, and so sees every matrix transposed: Cᵀ = op(B)ᵀ · op(A)ᵀ.
  check(cublas().sgemm_64(handle_of(cuda), operation(g.transpose_b), operation(g.transpose_a), g.n,
                          g.m, g.k, &g.alpha, g.b, g.ldb, g.a, g.lda, &g.beta, g.c, g.ldc),
        "cublasSgemm");
}

}  // namespace stroma::kernels

#endif
