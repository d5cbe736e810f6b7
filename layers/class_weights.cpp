#include "layers/class_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/float32.h"
#include "kernels/error.h"
#include "layers/range.h"

namespace stroma {
namespace {

using Rule = ClassWeights::Rule;

constexpr std::pair<const char*, Rule> words[] = {{"none", Rule::none},
                                                  {"inverse", Rule::inverse},
                                                  {"balanced", Rule::balanced},
                                                  {"false", Rule::none},
                                                  {"true", Rule::inverse}};

/// "LABEL:WEIGHT"; a label may hold colons.
std::pair<std::string, double> read_weight(const std::string& text, const std::string& whole) {
  const std::size_t colon = text.rfind(':');
  double weight = 0;
  const char* end = text.data() + text.size();
  const bool is_number = colon != std::string::npos && colon > 0 &&
                         std::from_chars(text.data() + colon + 1, end, weight).ptr == end;
  if (!is_number) {
    throw Error(
        fmt::format("must be none, inverse, balanced or LABEL:WEIGHT,LABEL:WEIGHT…, not "
                    "\"{}\"",
                    whole));
  }
  const std::string label = text.substr(0, colon);
  if (!ranges::above_zero.contains(weight) || !fits_float32(weight)) {
    throw Error(fmt::format("must have weights above 0 that 32-bit numbers hold, not {} for \"{}\"",
                            weight, label));
  }
  return {label, weight};
}

}  // namespace

ClassWeights read_class_weights(const std::string& text) {
  for (const auto& [word, rule] : words) {
    if (text == word) return {rule};
  }
  ClassWeights weights{Rule::given};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    auto weight = read_weight(text.substr(begin, comma - begin), text);
    for (const auto& [label, value] : weights.given) {
      if (label == weight.first) {
        throw Error(fmt::format("must name each label once, not \"{}\" twice", label));
      }
    }
    weights.given.push_back(std::move(weight));
    begin = comma + 1;
  }
  return weights;
}

std::string to_string(const ClassWeights& weights) {
  if (weights.rule != Rule::given) return words[static_cast<std::size_t>(weights.rule)].first;
  std::string text;
  for (const auto& [label, weight] : weights.given) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", label, weight);
  }
  return text;
}

}  // namespace stroma
