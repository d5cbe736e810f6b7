#include "layers/network_input.h"

#include <utility>

#include "kernels/error.h"
#include "layers/conv1d_letters.h"
#include "layers/sequence_lengths.h"

namespace stroma {

Flow input_flow(const ModelSpec& spec) {
  const Encoding& encoding = spec.encoding;
  const std::string misfit = misfit_of(encoding, spec.letters, spec.length);
  if (!misfit.empty()) throw Error(spec.where + ": " + misfit);
  Flow letters{.sequence = true,
               .length = spec.length,
               .channels = std::ssize(spec.letters),
               .masked = spec.padding.mask};
  if (encoding.kind == InputKind::one_hot) return letters;
  if (encoding.kind == InputKind::kmer_counts) {
    return {.sequence = false, .length = 0, .channels = features_of(encoding, spec.letters)};
  }
  Flow tokens = slid(letters, "k-mer", {encoding.k, encoding.stride, 0}, 1);
  tokens.vocabulary = kmers_of(encoding, spec.letters) + 1;
  return tokens;
}

NetworkInput::NetworkInput(const ModelSpec& spec, Device device, DType dtype)
    : encoding_(spec.encoding), letters_(std::ssize(spec.letters)), dtype_(dtype) {
  if (encoding_.kind != InputKind::kmer_counts) return;
  features_ = {.k = encoding_.k,
               .count = features_of(encoding_, spec.letters),
               .normalize = encoding_.normalize};
  if (encoding_.canonical) {
    const std::vector<int32_t> features = canonical_features(spec.letters, encoding_.k);
    features_.of_kmer = Tensor::of(features, {std::ssize(features)}, device);
  }
}

Signal NetworkInput::write_out(const Letters& letters) const {
  const LetterBatch& batch = letters.batch;
  switch (encoding_.kind) {
    case InputKind::kmer_tokens: {
      const int64_t k = encoding_.k, stride = encoding_.stride;
      return {.x = Variable(kmer_tokens(batch, letters_, k, stride)),
              .lengths =
                  batch.lengths.defined() ? slide_lengths(batch.lengths, k, stride, 0) : Tensor()};
    }
    case InputKind::kmer_counts:
      return {.x = Variable(kmer_counts(batch, letters_, features_, dtype_))};
    default:
      return {.x = Variable(one_hot(batch, letters_, letters.standardization)),
              .lengths = batch.lengths};
  }
}

}  // namespace stroma
