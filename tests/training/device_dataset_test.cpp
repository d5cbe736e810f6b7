// Letters as the kernels read them, padding among them.
#include "training/device_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "augment/augmentation.h"
#include "tests/tensors.h"
#include "training/training_step.h"

namespace stroma {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

Dataset padded(int64_t length, ExamplePadding padding) {
  return padded_sequences({{{"a", "CGTA"}, {"b", "T"}, {"c", "NC"}}, {"x", "y", "x"}}, length,
                          padding);
}

/// The codes of example `i` as a kernel finds them.
std::vector<uint8_t> codes_of(const DeviceDataset& data, int64_t i) {
  const auto codes = data.codes.to_vector<uint8_t>();
  const auto begin = codes.begin() + data.example_start.to_vector<int64_t>()[i];
  return {begin, begin + data.length};
}

TEST(DeviceDatasets, HoldWindowsOfSequencesThatStandOnce) {
  Dataset dataset;
  dataset.length = 2;
  dataset.labels = {"x"};
  dataset.sequences = {{"a", "ACG"}, {"b", "TN"}};
  dataset.examples = {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}};
  const DeviceDataset data = to_device(dataset, dna_alphabet(), {});
  EXPECT_EQ(data.codes.count(), 5);
  EXPECT_THAT(codes_of(data, 1), ElementsAre(1, 2));
  EXPECT_THAT(codes_of(data, 2), ElementsAre(3, 4));
  EXPECT_FALSE(data.example_length.defined());
}

TEST(DeviceDatasets, PadBehindOrBeforeTheLettersWithTheCodeOfAnUnknownOne) {
  const DeviceDataset end = to_device(padded(3, {}), dna_alphabet(), {});
  EXPECT_THAT(codes_of(end, 0), ElementsAre(1, 2, 3));  // cut at its end
  EXPECT_THAT(codes_of(end, 1), ElementsAre(3, 4, 4));
  EXPECT_THAT(codes_of(end, 2), ElementsAre(4, 1, 4));
  EXPECT_FALSE(end.example_length.defined());
  const DeviceDataset start = to_device(padded(3, {.at_start = true}), dna_alphabet(), {});
  EXPECT_THAT(codes_of(start, 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(codes_of(start, 1), ElementsAre(4, 4, 3));
  EXPECT_THAT(start.example_label.to_vector<int32_t>(), ElementsAre(0, 1, 0));
}

TEST(DeviceDatasets, HoldTheLengthsOfMaskedExamples) {
  const DeviceDataset data = to_device(padded(3, {.masked = true}), dna_alphabet(), {});
  EXPECT_THAT(copy_to({}, data).example_length.to_vector<int32_t>(), ElementsAre(3, 1, 2));
}

TEST(DeviceDatasets, GiveBatchesTheirLengthsOnEachDevice) {
  for (const Device device : test::devices()) {
    const auto batch_of = [&](ExamplePadding padding) {
      return gather(to_device(padded(3, padding), dna_alphabet(), device),
                    Tensor::of<int32_t>({0, 2, 1}, {3}, device),
                    Tensor::of<int64_t>({1}, {1}, device), 2);
    };
    const Batch masked = batch_of({.masked = true});
    EXPECT_THAT(masked.letters.lengths.to_vector<int32_t>(), ElementsAre(2, 1));
    EXPECT_EQ(masked.letters.length, 3);
    EXPECT_FALSE(batch_of({}).letters.lengths.defined());
  }
}

TEST(DeviceDatasets, HoldWhatALossAsksFor) {
  Dataset dataset = padded(3, {});
  dataset.weights = {1, 0.5f, 2};
  dataset.label_sets = {{0, 1}, {}, {1}};
  for (const Device device : test::devices()) {
    const Batch batch =
        gather(to_device(dataset, dna_alphabet(), device), Tensor::of<int32_t>({2, 0}, {2}, device),
               Tensor::of<int64_t>({0}, {1}, device), 2);
    EXPECT_THAT(batch.weights.to_vector<float>(), ElementsAre(2, 1));
    EXPECT_THAT(batch.groups.to_vector<int32_t>(), ElementsAre(2, 0));
    EXPECT_THAT(batch.answers.to_vector<int32_t>(), ElementsAre(0, 1, 1, 1));
  }
  const DeviceDataset usual = to_device(padded(3, {}), dna_alphabet(), {});
  EXPECT_FALSE(usual.example_weight.defined());
  EXPECT_FALSE(usual.example_answers.defined());
}

TEST(DeviceDatasets, PadWhatAnAugmentationAdds) {
  Dataset dataset = padded(3, {.masked = true});
  Split split{.train = {0, 1}, .validation = {}, .test = {2}};
  augment_training_part(dataset, split, Augmentation::reverse_complement, 1);
  const DeviceDataset data = to_device(dataset, dna_alphabet(), {});
  EXPECT_THAT(data.example_length.to_vector<int32_t>(), ElementsAre(3, 1, 2, 3, 1));
  EXPECT_THAT(codes_of(data, 3), ElementsAre(0, 1, 2));  // of CGT, the letters that are read
  EXPECT_THAT(codes_of(data, 4), ElementsAre(0, 4, 4));
}

TEST(Standardization, TakesPaddingForLettersOutsideTheAlphabet) {
  const auto mean_of = [](const Dataset& dataset) {
    return standardization_of(dataset, dna_alphabet(), {}).mean.to_vector<float>();
  };
  const Dataset spelled =
      padded_sequences({{{"a", "CGT"}, {"b", "NNT"}, {"c", "NNC"}}, {"x", "y", "x"}}, 3, {});
  EXPECT_THAT(mean_of(padded(3, {.at_start = true})), ElementsAreArray(mean_of(spelled)));
}

}  // namespace
}  // namespace stroma
