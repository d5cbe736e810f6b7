// cuBLAS, loaded when the first matrix product on a GPU asks for it: linked, its 600 MB would have
// to be there for --device cpu too.
#pragma once

#include <cublas_v2.h>

#include <string>

namespace stroma::kernels {

/// The functions of cuBLAS that are used here, under their names without prefix.
struct Cublas {
  decltype(&::cublasCreate_v2) create;
  decltype(&::cublasSetStream_v2) set_stream;
  decltype(&::cublasSetWorkspace_v2) set_workspace;
  decltype(&::cublasGemmEx_64) gemm_ex_64;
  decltype(&::cublasGetStatusString) get_status_string;
};

/// The functions from the library `name`, as dlopen takes it. Throws Error where the system's
/// loader does not find it.
Cublas load_cublas(const std::string& name);

/// cuBLAS of the major version that this was built with, loaded at the first call.
const Cublas& cublas();

}  // namespace stroma::kernels
