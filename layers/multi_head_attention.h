// Self-attention in several heads (Vaswani et al. 2017), as PyTorch's MultiheadAttention.
#pragma once

#include "layers/init.h"
#include "layers/layer.h"

namespace stroma {

/// qkv [length, batch, 3 · channels], of each position its query, key and value of all heads one
/// after the other, to [length, batch, channels]. Of sequence n the first lengths[n] positions are
/// attended to, if lengths [batch] int32 are given; those beyond give zeros.
Variable multi_head_attention(const Variable& qkv, int64_t heads, const Tensor& lengths = {});

class MultiHeadAttention : public Layer {
 public:
  /// Parameters "in_proj_weight" [3 · channels, channels], "in_proj_bias", "out_proj.weight"
  /// [channels, channels] and "out_proj.bias"; the first Glorot-uniform and biases zeros, as in
  /// PyTorch.
  MultiHeadAttention(int64_t channels, int64_t heads, InitialWeights& init);
  Signal apply(std::span<const Signal> inputs) override;

 private:
  int64_t heads_;
  Variable in_weight_, in_bias_, out_weight_, out_bias_;
};

}  // namespace stroma
