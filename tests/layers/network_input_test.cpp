// Encodings of the input, from the spec to what the first layers read.
#include "layers/network_input.h"

#include <gtest/gtest.h>

#include "engine/names.h"
#include "kernels/error.h"
#include "layers/network.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

const std::string head = "name = 'm'\nalphabet = 'dna'\nlength = 9\n";
const std::string out = "{type='linear', name='o', out_features='classes'}]";
const std::string dense = "layers = [" + out;
const std::string embedded =
    "layers = [{type='embedding', name='e', embedding_dim=3}, {type='lstm', name='l', "
    "hidden_size=2, output='last'}, " +
    out;

ModelSpec parse(const std::string& text) { return parse_model_spec(text, "m.toml"); }

std::string refusal(const std::string& text) {
  try {
    parameter_count(parse(text), 2);
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST(NetworkInput, FollowsTheEncoding) {
  const Flow letters = input_flow(parse(head + dense));
  EXPECT_EQ(letters.length, 9);
  EXPECT_EQ(letters.channels, 4);
  EXPECT_EQ(letters.vocabulary, 0);
  const Flow tokens =
      input_flow(parse(head + "encoding = 'kmer_tokens'\nk = 3\nstride = 2\n" + embedded));
  EXPECT_TRUE(tokens.sequence);
  EXPECT_EQ(tokens.length, 4);
  EXPECT_EQ(tokens.vocabulary, 65);
  const std::string counts = head + "encoding = 'kmer_counts'\nk = 4\n";
  const Flow all = input_flow(parse(counts + dense));
  EXPECT_FALSE(all.sequence);
  EXPECT_EQ(all.channels, 256);
  EXPECT_EQ(input_flow(parse(counts + "canonical = true\n" + dense)).channels, 136);
  EXPECT_EQ(input_flow(parse("name='m'\nalphabet='protein'\nlength=9\nencoding='kmer_counts'\n"
                             "k=2\n" +
                             dense))
                .channels,
            400);
}

TEST(NetworkInput, SaysWhatDoesNotFit) {
  const std::string tokens = head + "encoding = 'kmer_tokens'\n";
  const std::string counts = head + "encoding = 'kmer_counts'\n";
  const struct {
    std::string text, says;
  } cases[] = {
      {tokens + "k = 9\n" + embedded, "(accepted)"},
      {tokens + "k = 10\n" + embedded,
       "m.toml:5: a k-mer of 10 letters is longer than the 9 of an example; take a smaller k"},
      {"name='m'\nalphabet='dna'\nlength=40\nencoding='kmer_tokens'\nk = 13\n" + embedded,
       "m.toml:5: there are 4^13 k-mers of 13 letters, and a vocabulary can be at most 16777216; "
       "take a smaller k"},
      {"name='m'\nalphabet='protein'\nlength=40\nencoding='kmer_counts'\nk = 5\n" + dense,
       "m.toml:5: there are 20^5 k-mers of 5 letters, and the counts of an example can be at most "
       "1048576; take a smaller k"},
      {tokens + embedded, "the key 'k' is missing"},
      {tokens + "k = 0\n" + embedded, "m.toml:5: 'k' must be at least 1"},
      {tokens + "k = 2\nstride = 0\n" + embedded, "m.toml:6: 'stride' must be at least 1"},
      {head + "encoding = 'kmers'\n" + dense, "m.toml:4: 'encoding' cannot be 'kmers'; "},
      {head + "k = 2\n" + dense,
       "m.toml:4: 'k' is about k-mers; say encoding = \"kmer_tokens\", or leave it out"},
      {counts + "k = 2\nstride = 2\n" + dense, "m.toml:6: 'stride' is about k-mer tokens; say "},
      {tokens + "k = 2\ncanonical = true\n" + embedded,
       "m.toml:6: 'canonical' is about k-mer counts; say encoding = \"kmer_counts\", or leave"},
      {tokens + "k = 2\nnormalize = true\n" + embedded, "m.toml:6: 'normalize' is about k-mer c"},
      {counts + "k = 2\nstandardize = true\n" + dense,
       "m.toml:6: 'standardize' is about one-hot letters, not k-mers; leave it out"},
      {"name='m'\nalphabet='protein'\nlength=9\nencoding='kmer_counts'\nk=2\ncanonical=true\n" +
           dense,
       "m.toml:6: 'canonical' takes a k-mer and its reverse complement for one, and of the letters "
       "ACDEFGHIKLMNPQRSTVWY that of E is none; leave it out"},
      {tokens + "k = 2\nlayers = [{type='flatten'}, " + out,
       "m.toml:6: layer 1 (flatten): it reads numbers, and what comes before gives k-mer tokens "
       "[8, batch]; put an embedding between them"},
      {head + embedded,
       "m.toml:4: layer 1 (embedding 'e'): it reads k-mer tokens, and what comes before gives a "
       "sequence [9, batch, 4]; say encoding = \"kmer_tokens\" and let it be the first layer"},
      {counts + "k = 2\nlayers = [{type='flatten'}, " + out, "it reads a sequence, and what comes"},
  };
  for (const auto& [text, says] : cases) {
    EXPECT_NE(refusal(text).find(says), std::string::npos) << text << "\n-> " << refusal(text);
  }
}

/// Where the length is that of the data, k is compared with that.
TEST(NetworkInput, RefusesKMersLongerThanTheLongestSequence) {
  ModelSpec spec = parse(
      "name='m'\nalphabet='dna'\nlength='longest'\npad='end'\n"
      "encoding='kmer_tokens'\nk=6\n" +
      embedded);
  spec.length = 5;
  EXPECT_THROW(parameter_count(spec, 2), Error);
  spec.length = 6;
  EXPECT_EQ(parameter_count(spec, 2), 4097 * 3 + 2 * 4 * (3 + 2 + 2) + 6);
}

/// What a masked sequence of tokens gives depends on its own letters alone, also where a window is
/// longer than it.
TEST(NetworkInput, TokensOfAPaddedSequenceAreThoseOfItAlone) {
  const auto logits = [&](int64_t length, const std::vector<uint8_t>& codes,
                          const std::vector<int64_t>& starts, const std::vector<int32_t>& lengths,
                          Device device) {
    const ModelSpec spec = parse(
        "name='m'\nalphabet='dna'\npad='end'\nmask=true\nencoding='kmer_tokens'\nk=2\n"
        "stride=2\nlength=" +
        std::to_string(length) +
        "\nlayers = [{type='embedding', name='e', embedding_dim=4}, "
        "{type='positional_encoding'}, {type='multi_head_attention', name='a', num_heads=2}, "
        "{type='attention_pool', name='p', hidden_size=3}, " +
        out);
    Network network(spec, 2, {}, {.seed = 3, .step = {}}, device);
    const auto batch = std::ssize(starts);
    return network
        .forward({Tensor::of(codes, {std::ssize(codes)}, device),
                  Tensor::of(starts, {batch}, device), length,
                  Tensor::of(lengths, {batch}, device)})
        .value()
        .to_vector<float>();
  };
  const std::vector<uint8_t> codes = {0, 1, 2, 3, 1, 1, 0, 2, 3, 4, 3, 2, 1, 4, 4,
                                      4, 4, 4, 4, 4, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4};
  for (const Device device : test::devices()) {
    const std::vector<float> together = logits(10, codes, {0, 10, 20}, {9, 3, 1}, device);
    const std::vector<float> first = logits(9, codes, {0}, {9}, device);
    const std::vector<float> second = logits(3, codes, {10}, {3}, device);
    for (int c = 0; c < 2; ++c) {  // sums of a few products, in the order of another shape
      EXPECT_NEAR(together[c], first[c], 1e-6);
      EXPECT_NEAR(together[2 + c], second[c], 1e-6);
    }
  }
}

}  // namespace
}  // namespace stroma
