#include "tools/model_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace stroma {
namespace {

using Row = std::vector<std::string>;

/// How wide a text is on the screen: its letters, of which "×" is one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// Columns of equal width; from `first_number` on they are set to the right.
std::string set_in_columns(const std::vector<Row>& rows, std::size_t first_number) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      line += (i > 0 ? "  " : "") + (i < first_number ? row[i] + space : space + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string what_is_read(const ModelSpec& spec, const LayerSpec& layer) {
  std::string text;
  for (const int place : layer.reads) {
    text += text.empty() ? "" : ", ";
    text += place == network_input ? "input" : name_of(spec.layers[place]);
  }
  return text;
}

std::string describe_fusion(const ModelSummary& summary) {
  std::string names;
  for (const LayerSummary& each : summary.layers) {
    if (each.fused) names += (names.empty() ? "" : ", ") + name_of(*each.layer);
  }
  return names.empty() ? "" : "Computed as part of the layer beside it: " + names + ".\n";
}

}  // namespace

std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (auto i = std::ssize(text) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string name_of(const LayerSpec& layer) {
  return layer.name.empty() ? fmt::format("{} {}", layer.type, layer.number) : layer.name;
}

std::string extents(const Flow& flow) {
  return flow.sequence ? fmt::format("{} × {}", flow.length, flow.channels)
                       : fmt::format("{}", flow.channels);
}

std::string table_of(const ModelSpec& spec, const ModelSummary& summary, int64_t classes) {
  std::vector<Row> rows = {
      {"layer", "type", "reads", "gives", "parameters", "multiply-adds", "bytes"}};
  rows.push_back({"input", spec.alphabet, "", extents(summary.input), "", "",
                  with_commas(summary.input.bytes())});
  int64_t parameters = 0, multiply_adds = 0, bytes = 0;
  const auto number = [](int64_t value) { return value == 0 ? "" : with_commas(value); };
  for (const LayerSummary& each : summary.layers) {
    rows.push_back({name_of(*each.layer), each.layer->type, what_is_read(spec, *each.layer),
                    extents(each.output), number(each.parameters), number(each.multiply_adds),
                    with_commas(each.output.bytes())});
    parameters += each.parameters;
    multiply_adds += each.multiply_adds;
    bytes += each.output.bytes();
  }
  rows.push_back({"all layers", "", "", "", with_commas(parameters), with_commas(multiply_adds),
                  with_commas(bytes)});
  return fmt::format(
      "{}{}{}\n\n{}\n"
      "For {} classes. Shapes (positions × channels), multiply-adds and bytes (of the "
      "output, in float32) are those of one example's forward pass.\n{}",
      spec.name, spec.description.empty() ? "" : ": ", spec.description, set_in_columns(rows, 4),
      classes, describe_fusion(summary));
}

}  // namespace stroma
