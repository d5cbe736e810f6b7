// The other strand of DNA and RNA as an augmentation: what is said of a region often holds read
// from either side.
#pragma once

#include "augment/augmentation.h"

namespace stroma {

/// Each window as its reverse complement, under its label and its id with "(-)" after it; RNA stays
/// written with U. The same for every seed.
std::vector<LabelledWindow> reverse_complements(std::span<const LabelledWindow> train,
                                                uint64_t seed);

}  // namespace stroma
