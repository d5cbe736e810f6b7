// Which substrings of one length are equal: the question behind windows, label ceiling and leakage.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/context.h"

namespace stroma::kernels {

/// A place in the texts laid end to end: text t begins at the sum of the sizes before it.
using Place = int64_t;

/// For each place of `texts` laid end to end, the first place at which the same `length` letters
/// begin; -1 where fewer than `length` letters are left in its text. Exact (hashes lead to
/// candidates, whose letters are compared), in expected time linear in the letters.
std::vector<Place> first_equal_substrings(const Cpu&, const std::vector<std::string_view>& texts,
                                          int64_t length);

}  // namespace stroma::kernels
