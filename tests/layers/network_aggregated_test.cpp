// The built-in model `aggregated` beside the same network in PyTorch (tests/golden/aggregated.py).
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/safetensors.h"
#include "layers/network.h"
#include "tests/folder.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

/// `weight` of tests/golden/aggregated.py, number for number.
Tensor weight(std::string_view name, const Shape& shape) {
  uint32_t start = 2166136261;
  for (const char letter : name) start = (start ^ static_cast<uint8_t>(letter)) * 16777619;
  const auto count = static_cast<double>(count_of(shape));
  const bool vector = shape.size() == 1;
  double width = vector ? 0.1 : std::sqrt(3 * static_cast<double>(shape[0]) / count);
  double middle = vector && name.ends_with("weight") ? 1 : 0;
  if (name.ends_with("running_var")) width = 0.01, middle = 0.05;
  std::vector<double> numbers(count_of(shape));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const uint32_t part = static_cast<uint32_t>(i) * 2654435761u + start;
    numbers[i] = (part / 2147483648.0 - 1) * width + middle;
  }
  return Tensor::of(numbers, shape);
}

TEST(Aggregated, HasTheParametersAndGivesTheLogitsOfPyTorch) {
  const SafetensorsFile file = read_safetensors(test::folder() / "golden/aggregated.safetensors");
  const Tensor& logits = file.tensors.at("logits");
  const Tensor& codes = file.tensors.at("codes");
  const ModelSpec spec = load_model_spec("aggregated");
  EXPECT_EQ(parameter_count(spec, logits.size(1)), file.tensors.at("parameters").item<int64_t>());
  Network network(spec, logits.size(1), {}, {.step = Tensor::zeros({1}, DType::int64)}, Device{},
                  {.dtype = DType::float64});
  std::map<std::string, Tensor> weights;
  for (const auto& [name, tensor] : network.state()) {
    weights[name] = name.ends_with("num_batches_tracked") ? tensor : weight(name, tensor.shape());
  }
  network.load(weights);
  network.train(false);
  std::vector<int64_t> starts;
  for (int64_t n = 0; n < codes.size(0); ++n) starts.push_back(n * codes.size(1));
  const LetterBatch batch{codes.reshape({codes.count()}), Tensor::of(starts, {std::ssize(starts)}),
                          codes.size(1)};
  // Sums of at most 10,752 products, one after the other in some forty layers, each rounded to
  // 2⁻⁵³ of itself: 40 · 10,752 · 2⁻⁵³ = 5e-11, and more where differences are small.
  EXPECT_LT(test::relative_error(network.forward(batch).value(), logits), 1e-9);
}

}  // namespace
}  // namespace stroma
