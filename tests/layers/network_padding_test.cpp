// Sequences of different lengths in one batch, with and without a mask.
#include <gtest/gtest.h>

#include "engine/safetensors.h"
#include "layers/network.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/folder.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

/// tests/golden/graph.py computed logits and gradients in float64; float32 loses what
/// network_test.cpp argues, over 150 steps of three walks.
TEST(NetworkPadding, ABatchOfLengths1To300AgreesWithPyTorch) {
  const SafetensorsFile file =
      read_safetensors(test::folder() / "golden/network_padded.safetensors");
  const auto& golden = file.tensors;
  std::map<std::string, Tensor> weights;
  for (const auto& [name, tensor] : golden) {
    if (name.starts_with("weight.")) weights[name.substr(7)] = tensor;
  }
  for (const std::string kind : {"plain", "masked"}) {
    for (const Device device : test::devices()) {
      SCOPED_TRACE(kind);
      ModelSpec spec = parse_model_spec(file.metadata.at("spec"), "spec");
      spec.padding.mask = kind == "masked";
      Network network(spec, 3, {}, {.seed = 1, .step = Tensor::zeros({1}, DType::int64, device)},
                      device);
      network.load(weights);
      LetterBatch batch{golden.at("codes").to(device), golden.at("starts").to(device), spec.length};
      if (spec.padding.mask) batch.lengths = golden.at("lengths").to(device);
      const Variable logits = network.forward(batch);
      EXPECT_LT(test::relative_error(logits.value(), golden.at(kind + ".logits")), 1e-4);
      backward(softmax_cross_entropy(logits, golden.at("labels").to(device)));
      for (const auto& [name, variable] : network.parameters()) {
        EXPECT_LT(test::relative_error(variable.grad(), golden.at(kind + ".grad." + name)), 1e-4)
            << name;
      }
    }
  }
}

/// What a masked batch gives for a sequence does not depend on the sequences beside it, nor on how
/// far it is padded.
void check_masked(const std::string& recurrent) {
  SCOPED_TRACE(recurrent);
  const std::string layers =
      "alphabet = \"dna\"\npad = \"end\"\nmask = true\nlayers = [\n"
      "{type='conv1d', name='a', out_channels=3, kernel_size=3, stride=2},\n"
      "{type='tanh', name='b'},\n"
      "{type='max_pool1d', name='c', kernel_size=2, stride=1, padding=1},\n"
      "{type='add', name='d', inputs=['c', 'c']}, {type='multiply', name='e', inputs=['c', 'd']},\n"
      "{type='concat', name='f', inputs=['d', 'e']},\n"
      "{type='conv1d', name='g', out_channels=4, kernel_size=4, padding='same'},\n"
      "{type='crop', inputs=['f', 'g']}, {type='layer_norm', name='h'},\n"
      "{type='linear', name='i', out_features=5}, {type='softplus', name='j'},\n"
      "{type='channel_mean', name='k'}, {type='multiply', name='m', inputs=['j', 'k']},\n"
      "{type='global_average_pool1d', name='mean'},\n"
      "{type='global_max_pool1d', name='largest', inputs=['m']},\n"
      "{name='l', inputs=['m'], hidden_size=3, bidirectional=true, " +
      recurrent +
      "},\n"
      "{type='concat', inputs=['mean', 'largest', 'l']}, {type='gelu'},\n"
      "{type='linear', name='out', out_features='classes'}]";
  const auto logits_of = [&](const std::vector<uint8_t>& codes, int64_t length,
                             const std::vector<int32_t>& lengths) {
    const ModelSpec spec =
        parse_model_spec("name = \"m\"\nlength = " + std::to_string(length) + "\n" + layers, "m");
    Network network(spec, 2, {}, {.seed = 3, .step = {}}, {});
    std::vector<int64_t> starts;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      starts.push_back(static_cast<int64_t>(i) * length);
    }
    const auto batch = std::ssize(lengths);
    return network
        .forward(LetterBatch{Tensor::of(codes, {std::ssize(codes)}), Tensor::of(starts, {batch}),
                             length, Tensor::of(lengths, {batch})})
        .value()
        .to_vector<float>();
  };
  constexpr int64_t length = 31;
  const std::vector<int32_t> lengths = {31, 3,  4,
                                        17, 30, 1};  // of the last the kernel reads nothing
  std::vector<uint8_t> codes(lengths.size() * length, 4);
  for (std::size_t n = 0; n < lengths.size(); ++n) {
    for (std::size_t t = 0; t < static_cast<std::size_t>(lengths[n]); ++t) {
      codes[n * length + t] = static_cast<uint8_t>((7 * t * t + n) % 4);
    }
  }
  const std::vector<float> together = logits_of(codes, length, lengths);
  for (std::size_t n = 0; n + 1 < lengths.size(); ++n) {
    const auto begin = codes.begin() + static_cast<std::ptrdiff_t>(n * length);
    const std::vector<float> alone =
        logits_of({begin, begin + lengths[n]}, lengths[n], {lengths[n]});
    for (int c = 0; c < 2; ++c) {
      // Sums of at most 12 products, in the order of another batch size.
      EXPECT_NEAR(together[2 * n + c], alone[c], 1e-6) << "sequence " << n;
    }
  }
}

TEST(NetworkPadding, AMaskedSequenceIsReadAsIfAlone) {
  for (const char* recurrent : {"type='lstm', output='last'", "type='lstm', output='final'",
                                "type='gru', output='final'", "type='rnn', output='last'"}) {
    check_masked(recurrent);
  }
}

}  // namespace
}  // namespace stroma
