// Scaled dot-product attention in several heads (Vaswani et al. 2017): what lies between the two
// projections. A head has channels / heads = d channels of the queries Q, the keys K and the values
// V of one sequence, of which the first lengths[n] positions count:
//   S = Q Kᵀ / √d         P[i, :] = exp(S[i, :] − L[i]),  L[i] = log Σ_j exp S[i, j]         O = P
//   V
// Backward:
//   dV = Pᵀ dO      dS[i, j] = P[i, j] · ((dO Vᵀ)[i, j] − dO[i] · O[i])      dQ = dS K / √d
//   dK = dSᵀ Q / √d
// P, which is as large as all pairs of positions, is not kept but computed again from L.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

struct AttentionShape {
  int64_t length, batch, channels, heads;

  int64_t head_channels() const { return channels / heads; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(head_channels())); }
  void check() const {
    STROMA_ASSERT(
        length >= 1 && batch >= 1 && heads >= 1 && channels >= heads && channels % heads == 0,
        "heads divide the channels");
  }
};

template <class T>
struct MultiHeadAttention {
  AttentionShape shape;
  const T* qkv;            // [length, batch, 3 · channels]: of each position Q, K, V
  const int32_t* lengths;  // [batch]; nullptr: all positions count
  T* log_sums;             // L, [batch, heads, length], written up to the lengths
  T* output;               // O, [length, batch, channels], written: 0 beyond the lengths
};

template <class T>
struct MultiHeadAttentionBackward {
  AttentionShape shape;
  const T* qkv;            // [length, batch, 3 · channels]
  const int32_t* lengths;  // [batch]; nullptr: all positions count
  const T* log_sums;       // [batch, heads, length]
  const T* output;         // [length, batch, channels]
  const T* output_grad;    // [length, batch, channels]; finite beyond the lengths, too
  T* qkv_grad;             // [length, batch, 3 · channels], written: 0 beyond the lengths
};

template <class T>
void multi_head_attention(const Cpu&, const MultiHeadAttention<T>&);
template <class T>
void multi_head_attention_backward(const Cpu&, const MultiHeadAttentionBackward<T>&);

void multi_head_attention(const Cuda&, const MultiHeadAttention<float>&);
void multi_head_attention_backward(const Cuda&, const MultiHeadAttentionBackward<float>&);

}  // namespace stroma::kernels
