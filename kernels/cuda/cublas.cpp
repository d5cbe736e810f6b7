// See cublas.h. The emulated device multiplies on the CPU and has no use for this.
#if !STROMA_EMULATED

#include "kernels/cuda/cublas.h"

#include <dlfcn.h>

#include "kernels/error.h"

namespace stroma::kernels {
namespace {

template <class Function>
void find(void* library, const char* name, Function& function) {
  void* address = dlsym(library, name);
  if (address == nullptr) {
    throw Error(std::string("cuBLAS has no function ") + name + " (" + dlerror() +
                "): install the cuBLAS of the CUDA Toolkit that stroma was built with");
  }
  function = reinterpret_cast<Function>(address);
}

}  // namespace

Cublas load_cublas(const std::string& name) {
  // Never closed: its handles live as long as the process.
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(name + " is missing (" + dlerror() + "): install cuBLAS of CUDA " +
                std::to_string(CUBLAS_VER_MAJOR) +
                " or add its folder to LD_LIBRARY_PATH; --device cpu needs none");
  }
  Cublas functions{};
  find(library, "cublasCreate_v2", functions.create);
  find(library, "cublasSetStream_v2", functions.set_stream);
  find(library, "cublasSetWorkspace_v2", functions.set_workspace);
  find(library, "cublasGemmEx_64", functions.gemm_ex_64);
  find(library, "cublasGetStatusString", functions.get_status_string);
  return functions;
}

const Cublas& cublas() {
  static const Cublas functions = load_cublas("libcublas.so." + std::to_string(CUBLAS_VER_MAJOR));
  return functions;
}

}  // namespace stroma::kernels

#endif
