// What a network's first layers read: letters, in the encoding of its spec.
#pragma once

#include "layers/kmer_encoding.h"
#include "layers/layer_type.h"
#include "layers/model_spec.h"

namespace stroma {

/// Of one example. Throws Error where examples of the spec's length have no such k-mers.
Flow input_flow(const ModelSpec& spec);

class NetworkInput {
 public:
  NetworkInput(const ModelSpec& spec, Device device, DType dtype);

  /// For layers that do not read letters themselves.
  Signal write_out(const Letters& letters) const;

 private:
  Encoding encoding_;
  int64_t letters_;  // of the alphabet
  DType dtype_;      // of counts
  KmerFeatures features_;
};

}  // namespace stroma
