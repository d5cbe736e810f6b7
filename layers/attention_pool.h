// From a sequence to one vector an example: a mean of its positions with weights that are learned
// (Bahdanau, Cho & Bengio 2015; Lin et al. 2017).
#pragma once

#include "engine/variable.h"

namespace stroma {

/// The mean [batch, channels] of the positions of input [length, batch, channels], weighted by the
/// softmax over them of scores [length, batch, 1]. Of sequence n the first lengths[n] positions
/// count, if lengths [batch] int32 are given; of one that has none it is zeros.
Variable attention_pool(const Variable& input, const Variable& scores, const Tensor& lengths = {});

}  // namespace stroma
