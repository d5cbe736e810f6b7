// The CUDA runtime's host functions, or the emulator's, for files that hold no kernels.
#pragma once

#if STROMA_EMULATED
#include "kernels/cuda/emulator/runtime.h"
#else
#include <cuda_runtime_api.h>
#endif
