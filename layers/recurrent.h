// Layers that walk along a sequence in one direction or both, of any cell (kernels/recurrent.h),
// with PyTorch's parameter names and gate order: rnn (Elman 1990), gru (Cho et al. 2014, reset
// after the product as in PyTorch and cuDNN), lstm (Hochreiter & Schmidhuber 1997).
#pragma once

#include <vector>

#include "engine/variable.h"
#include "kernels/recurrent.h"

namespace stroma {

using kernels::Cell;

/// The parameters of one direction of one layer.
struct RecurrentWeights {
  Variable weight_ih;  // [gates · hidden, input]
  Variable weight_hh;  // [gates · hidden, hidden]
  Variable bias_ih;    // [gates · hidden]
  Variable bias_hh;    // [gates · hidden]
};

/// What of a layer is read.
enum class RecurrentOutput {
  all,    // every position: [length, batch, directions · hidden]
  last,   // the last position, [batch, directions · hidden], for which the reverse direction takes
          // one step and no more
  final,  // what each direction ends with, [batch, directions · hidden]: the forward one after the
          // last position, the reverse one after the first; Keras' return_sequences = False
};

/// One layer over input [length, batch, input]. `directions` holds the forward direction and, if
/// there are two, the reverse one.
///
/// With `lengths` [batch] int32 sequence n ends before position lengths[n]: the result is that of
/// each sequence alone, as of PyTorch's packed sequences, and zeros beyond. The reverse direction
/// begins at a sequence's own last position, which is also what `last` reads.
Variable recurrent(Cell cell, const Variable& input,
                   const std::vector<RecurrentWeights>& directions, RecurrentOutput output,
                   const Tensor& lengths = {});

}  // namespace stroma
