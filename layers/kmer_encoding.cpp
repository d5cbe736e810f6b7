#include "layers/kmer_encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/kmer_encoding.h"
#include "layers/encoding.h"

namespace stroma {
namespace {

int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

kernels::KmerShape shape_of(const LetterBatch& batch, int64_t letters, int64_t k, int64_t stride) {
  if (k < 1 || k > batch.length || letters < 1 || stride < 1) {
    throw Error(
        fmt::format("k-mers of {} letters of an alphabet of {}, {} apart, are none in "
                    "windows of {}",
                    k, letters, stride, batch.length));
  }
  const Device device = batch.codes.device();
  check_operand("a batch of letters", "codes", batch.codes, {any}, DType::uint8, device);
  check_operand("a batch of letters", "starts", batch.starts, {any}, DType::int64, device);
  return {
      .length = batch.length, .batch = batch.batch(), .letters = letters, .k = k, .stride = stride};
}

kernels::LetterWindows windows_of(const LetterBatch& batch) {
  return {batch.codes.data<uint8_t>(), batch.starts.data<int64_t>()};
}

}  // namespace

Tensor kmer_tokens(const LetterBatch& batch, int64_t letters, int64_t k, int64_t stride) {
  const kernels::KmerShape shape = shape_of(batch, letters, k, stride);
  Tensor tokens =
      Tensor::empty({shape.positions(), shape.batch}, DType::int32, batch.codes.device());
  on_device(tokens.device(), [&](const auto& context) {
    kernels::kmer_tokens(
        context, {.shape = shape, .windows = windows_of(batch), .output = tokens.data<int32_t>()});
  });
  return tokens;
}

Tensor kmer_counts(const LetterBatch& batch, int64_t letters, const KmerFeatures& features,
                   DType dtype) {
  const kernels::KmerShape shape = shape_of(batch, letters, features.k, 1);
  if (features.of_kmer.defined()) {
    check_operand("k-mer counts", "features", features.of_kmer, {power(letters, features.k)},
                  DType::int32, batch.codes.device());
  }
  Tensor counts = Tensor::empty({shape.batch, features.count}, dtype, batch.codes.device());
  dispatch(counts, [&]<class T>(const auto& context, T) {
    kernels::kmer_counts(context,
                         kernels::KmerCounts<T>{.shape = shape,
                                                .windows = windows_of(batch),
                                                .feature = data_or_null<int32_t>(features.of_kmer),
                                                .features = features.count,
                                                .normalize = features.normalize,
                                                .output = counts.data<T>()});
  });
  return counts;
}

std::vector<int32_t> canonical_features(const std::string& letters, int64_t k) {
  const int64_t size = std::ssize(letters);
  std::vector<int64_t> complement;
  for (const char letter : letters) {
    complement.push_back(static_cast<int64_t>(complement_in(letters, letter)));
  }
  const int64_t all = power(size, k);
  std::vector<int32_t> features(all);
  int32_t count = 0;
  for (int64_t kmer = 0; kmer < all; ++kmer) {
    int64_t reverse = 0;
    for (int64_t i = 0, rest = kmer; i < k; ++i, rest /= size) {
      reverse = reverse * size + complement[rest % size];
    }
    features[kmer] = reverse < kmer ? features[reverse] : count++;
  }
  return features;
}

}  // namespace stroma
