// Initial values of parameters, from the distributions of PyTorch or of Keras. Each parameter of a
// model is a Philox stream of its own, numbered in the order of creation, so that a seed gives the
// same model on every device.
#pragma once

#include <cstdint>

#include "engine/names.h"
#include "engine/tensor.h"

namespace stroma {

/// Whose distributions: those that a layer of that framework draws from unless told otherwise.
enum class Init { pytorch, keras };
template <>
struct NamesOf<Init> {
  static constexpr const char* kind = "kind of initial weights";
  static constexpr const char* all[] = {"pytorch", "keras"};
};

/// Where the layers of one model draw their initial weights from.
struct InitialWeights {
  uint64_t seed = 0;
  Device device = {};
  DType dtype = DType::float32;
  Init scheme = Init::pytorch;  // of the layer that is being built
  uint32_t next_parameter = 0;
};

/// A tensor uniform in [−bound, bound), for the next parameter of the model.
Tensor uniform_parameter(const Shape& shape, double bound, InitialWeights& init);

/// A tensor from the normal distribution of mean 0 and variance 1, for the next parameter.
Tensor normal_parameter(const Shape& shape, InitialWeights& init);

/// A tensor of one value, which no random number decides: a parameter or a buffer.
Tensor constant_tensor(const Shape& shape, double value, const InitialWeights& init);

/// Weights of which one output sums `fan_in` inputs, and one input goes to `fan_out` outputs:
///   pytorch: uniform up to 1/√fan_in (He et al. 2015 with a = √5)
///   keras: uniform up to √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
Tensor initial_kernel(const Shape& shape, int64_t fan_in, int64_t fan_out, InitialWeights& init);

/// pytorch: as the weights that go with it; keras: zeros.
Tensor initial_bias(const Shape& shape, int64_t fan_in, InitialWeights& init);

/// Weights [gates · hidden, hidden] from the state of a recurrence to its gates:
///   pytorch: uniform up to 1/√hidden
///   keras: columns of length 1 at right angles to each other (Saxe et al. 2014)
Tensor initial_recurrent(int64_t gates, int64_t hidden, InitialWeights& init);

}  // namespace stroma
