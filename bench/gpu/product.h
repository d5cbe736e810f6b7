// A matrix product as a case.
#pragma once

#include <cstdint>
#include <string>

#include "bench/gpu/case.h"

namespace stroma::bench {

/// C [m, n] = op(A) · op(B) + beta · C, where op transposes or does not.
struct Product {
  bool transpose_a = false, transpose_b = false;
  int64_t m = 0, n = 0, k = 0;
  float beta = 0;
};

Case product_case(const std::string& name, const Product& p, Precision precision);

}  // namespace stroma::bench
