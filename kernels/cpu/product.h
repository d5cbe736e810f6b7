// The matrix product for kernels that have cut their work themselves.
#pragma once

#include "kernels/gemm.h"

namespace stroma::kernels {

/// C = alpha · op(A) · op(B) + beta · C, uncut and on the calling thread alone. The last bits may
/// depend on the shape, rows and columns included: cut by the shape of the work alone.
template <class T>
void product(const Gemm<T>&);

}  // namespace stroma::kernels
