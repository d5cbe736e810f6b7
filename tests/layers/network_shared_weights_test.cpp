// Layers that use the parameters of one before them.
#include <gtest/gtest.h>

#include "kernels/error.h"
#include "layers/network.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

ModelSpec spec_of(const std::string& layers) {
  return parse_model_spec(
      "name = \"m\"\nalphabet = \"dna\"\nlength = 12\nlayers = [\n" + layers + "]", "m.toml");
}

const std::string to_classes = "{type='linear', name='out', out_features='classes'}\n";

// One convolution over the letters and over what it makes of them, with a ReLU after each.
const std::string twice =
    "{type='conv1d', name='c', out_channels=4, kernel_size=3, padding='same'}, {type='relu'},\n"
    "{type='conv1d', shares='c'}, {type='relu'},\n"
    "{type='conv1d', name='again', shares='c'}, {type='flatten'},\n" +
    to_classes;

Network network_of(const std::string& layers, const NetworkOptions& options = {}) {
  return {spec_of(layers), 3, {}, {.seed = 7, .step = Tensor::zeros({1}, DType::int64)}, {},
          options};
}

LetterBatch batch() {
  std::vector<uint8_t> codes(24);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i * i % 5);
  return {Tensor::of(codes, {24}), Tensor::of<int64_t>({0, 12}, {2}), 12};
}

TEST(SharedWeights, AreListedOnceAndTakeTheGradientsOfAllUses) {
  // Behind a layer that reads letters, which float64 does too.
  Network network =
      network_of("{type='conv1d', name='first', out_channels=4, kernel_size=1}," + twice,
                 {.dtype = DType::float64});
  std::vector<std::string> names;
  for (const auto& [name, variable] : network.parameters()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"first.weight", "first.bias", "c.weight", "c.bias",
                                             "out.weight", "out.bias"}));
  const auto loss = [&] {
    return softmax_cross_entropy(network.forward(batch()), Tensor::of<int32_t>({0, 2}, {2}));
  };
  backward(loss());
  Variable weight = network.parameters()[2].variable;
  const std::vector<double> gradient = weight.grad().to_vector<double>();
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    constexpr double step = 1e-6;
    double& at = weight.value().data<double>()[i];
    const double before = at;
    at = before + step;
    const double above = loss().value().item<double>();
    at = before - step;
    const double below = loss().value().item<double>();
    at = before;
    EXPECT_NEAR((above - below) / (2 * step), gradient[i], 1e-7) << i;
  }
}

TEST(SharedWeights, AreNotJoinedWithOneOfTheirNeighbours) {
  Network fused = network_of(twice), plain = network_of(twice, {.fuse = false});
  EXPECT_LT(test::relative_error(fused.forward(batch()).value(), plain.forward(batch()).value()),
            1e-6);
}

std::string refusal(const std::string& layers) {
  try {
    network_of(layers);
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(SharedWeights, SayWhatDoesNotFit) {
  const std::string conv = "{type='conv1d', name='a', out_channels=2, kernel_size=3},\n";
  const struct {
    std::string layers, says;
  } cases[] = {
      {twice, "(accepted)"},
      {conv + "{type='conv1d', shares='b'}",
       "m.toml:6: layer 2 (conv1d) shares the parameters of 'b', and no conv1d layer before it has "
       "that name"},
      {conv + "{type='linear', shares='a'}", "no linear layer before it has that name"},
      {conv + "{type='conv1d', shares='a', stride=2}",
       "m.toml:6: 'stride' in layer 2 (conv1d) is that of 'a', whose parameters it shares; leave "
       "it "
       "out"},
      {conv + "{type='conv1d', shares='a', init='keras'}", "'init' in layer 2 (conv1d) is that of"},
      {conv + "{type='conv1d', shares='a'}, {type='flatten'}, " + to_classes,
       "m.toml:6: layer 2 (conv1d): it shares the parameters of 'a', which reads 4 channels, and "
       "what comes before it gives 2"},
      {"{type='relu', shares='a'}", "unknown key 'shares'"},
  };
  for (const auto& [layers, says] : cases) {
    EXPECT_NE(refusal(layers).find(says), std::string::npos)
        << layers << "\n-> " << refusal(layers);
  }
}

}  // namespace
}  // namespace stroma
