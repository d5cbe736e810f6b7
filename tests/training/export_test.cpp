// What stands beside exported weights is what training did.
#include "training/export.h"

#include <gtest/gtest.h>

#include "layers/conv1d_letters.h"
#include "training/trainer.h"

namespace stroma {
namespace {

constexpr uint64_t seed = 11;

ModelSpec spec_of(const std::string& layers) {
  return parse_model_spec("name = \"m\"\nalphabet = \"dna\"\nlength = 7\nlayers = [\n" + layers +
                              "{type='linear', name='out', out_features='classes'}]",
                          "m.toml");
}

/// Six windows of 7 letters.
LetterBatch letters() {
  std::vector<uint8_t> codes;
  for (int i = 0; i < 42; ++i) codes.push_back(static_cast<uint8_t>(i * i % 11 % 4));
  return {Tensor::of(codes, {42}), Tensor::of<int64_t>({0, 7, 14, 21, 28, 35}, {6}), 7};
}

Network network_at(const ModelSpec& spec, int64_t step) {
  return Network(spec, 3, {}, {seed, Tensor::of<int64_t>({step - 1}, {1})}, {});
}

TEST(DropoutMask, OfASequenceIsWhatALayerKeepsInItsStep) {
  const ModelSpec dropping = spec_of("{type='dropout', probability=0.4}, {type='flatten'},");
  const ModelSpec plain = spec_of("{type='flatten'},");
  const LetterBatch batch = letters();
  for (const int64_t step : {1, 2, 17}) {
    Network network = network_at(dropping, step);
    const Tensor mask = dropout_mask(network.dropouts().at(0), 6, seed, step);
    ASSERT_EQ(mask.shape(), (Shape{6, 7, 4}));
    const Tensor input = one_hot(batch, 4, {}).value();  // [length, batch, letters]
    Tensor masked = Tensor::zeros(input.shape());
    for (int64_t t = 0; t < 7; ++t) {
      for (int64_t n = 0; n < 6; ++n) {
        for (int64_t c = 0; c < 4; ++c) {
          const int64_t i = (t * 6 + n) * 4 + c;
          const bool kept = mask.data<uint8_t>()[(n * 7 + t) * 4 + c] != 0;
          const auto factor = static_cast<float>(1 / (1 - static_cast<double>(0.4f)));
          masked.data<float>()[i] = kept ? std::as_const(input).data<float>()[i] * factor : 0;
        }
      }
    }
    EXPECT_EQ(network_at(plain, step).forward(Variable(masked)).value().to_vector<float>(),
              network.forward(batch).value().to_vector<float>())
        << step;
  }
}

TEST(DropoutMask, OfAnLstmIsThatOfALayerBetweenTwo) {
  const ModelSpec together = spec_of(
      "{type='lstm', name='l', hidden_size=5, num_layers=2, bidirectional=true, dropout=0.3,"
      " output='last'}, {type='dropout', probability=0.5},");
  const ModelSpec apart = spec_of(
      "{type='lstm', name='l', hidden_size=5, bidirectional=true},"
      "{type='dropout', probability=0.3},"
      "{type='lstm', name='m', hidden_size=5, bidirectional=true, output='last'},"
      "{type='dropout', probability=0.5},");
  Network one = network_at(together, 4), two = network_at(apart, 4);
  ASSERT_EQ(one.dropouts().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const Tensor mask = dropout_mask(one.dropouts()[i], 6, seed, 4);
    EXPECT_EQ(mask.shape(), i == 0 ? (Shape{6, 7, 10}) : (Shape{6, 10}));
    EXPECT_EQ(mask.to_vector<uint8_t>(),
              dropout_mask(two.dropouts()[i], 6, seed, 4).to_vector<uint8_t>());
  }
  // The same parameters in the same order, so that the same masks make the same logits.
  EXPECT_EQ(one.forward(letters()).value().to_vector<float>(),
            two.forward(letters()).value().to_vector<float>());
}

TEST(BatchOfStep, IsWhatTheTrainerTakes) {
  for (const int64_t examples : {1, 5, 12, 13}) {
    for (const int64_t size : {1, 4, 12, 100}) {
      int64_t step = 0;
      for (int epoch = 0; epoch < 3; ++epoch) {
        for (int64_t done = 0; done < examples; done += size) {
          EXPECT_EQ(batch_of_step(++step, examples, size), std::min(size, examples - done));
        }
      }
    }
  }
}

}  // namespace
}  // namespace stroma
