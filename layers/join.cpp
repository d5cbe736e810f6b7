#include "layers/join.h"

#include <fmt/format.h>

#include "engine/names.h"
#include "kernels/error.h"

namespace stroma {

namespace {

/// "a sequence [40, batch, 8] and a vector [batch, 8]".
std::string list_of(Flows flows) {
  std::vector<std::string> texts;
  for (const Flow& flow : flows) texts.push_back(flow.text());
  return listed(texts, "and");
}

/// Throws Error for masked sequences of which shorter ones would no longer be equally long.
void need_equal_slides(Flows inputs) {
  for (const Flow& flow : inputs) {
    if (flow.masked && flow.slides != inputs[0].slides) {
      throw Error(
          "its inputs are of one length, but those of shorter sequences would not be: with mask = "
          "true, all convolutions and pools on the way to each need equal kernels, strides and "
          "padding");
    }
  }
}

}  // namespace

void need_alike(Flows inputs, const char* does, bool same_channels) {
  for (const Flow& flow : inputs) {
    const bool alike = flow.sequence == inputs[0].sequence && flow.length == inputs[0].length &&
                       (!same_channels || flow.channels == inputs[0].channels);
    if (!alike) {
      throw Error(
          fmt::format("it {} {}, and its inputs are {}", does,
                      same_channels ? "what has one shape" : "sequences of one length, or vectors",
                      list_of(inputs)));
    }
  }
  need_equal_slides(inputs);
}

std::vector<Variable> values_of(std::span<const Signal> inputs) {
  std::vector<Variable> values;
  for (const Signal& input : inputs) values.push_back(input.x);
  return values;
}

}  // namespace stroma
