// How the classes weigh in a loss, as a spec says it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stroma {

struct ClassWeights {
  enum class Rule {
    none,      // all the same
    inverse,   // N / n_c
    balanced,  // N / (C n_c)
    given
  };
  Rule rule = Rule::none;
  std::vector<std::pair<std::string, double>> given = {};  // by label

  bool operator==(const ClassWeights&) const = default;
};

/// "none", "inverse", "balanced" or "LABEL:WEIGHT,…"; "true" and "false", the first two's former
/// names. Throws Error for any other text.
ClassWeights read_class_weights(const std::string& text);

std::string to_string(const ClassWeights& weights);

}  // namespace stroma
