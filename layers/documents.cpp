#include "layers/documents.h"

#include <fmt/format.h>

#include "engine/names.h"
#include "layers/layer_type.h"
#include "layers/model_spec.h"

namespace stroma {
namespace {

std::string text_of(const LayerValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return "\"" + std::get<std::string>(value) + "\"";
}

std::string code(const std::string& text) { return "`" + text + "`"; }

std::string allowed_text(const LayerKey& key) {
  std::string text = "`true` or `false`";
  if (const auto* whole = std::get_if<Whole>(&key.allowed)) {
    text = fmt::format("a whole number, at least {}", whole->least);
  } else if (const auto* range = std::get_if<Range>(&key.allowed)) {
    text = "a number, " + range->text();
  } else if (const auto* words = std::get_if<Words>(&key.allowed)) {
    std::vector<std::string> quoted;
    for (const std::string& word : *words) quoted.push_back(code(text_of(word)));
    text = listed(quoted, "or");
  }
  return key.or_word.empty() ? text : text + ", or " + code(text_of(key.or_word));
}

std::string default_text(const LayerKey& key) {
  if (key.otherwise) return code(text_of(*key.otherwise));
  return key.otherwise_as.empty() ? "required" : "that of " + code(key.otherwise_as);
}

}  // namespace

std::string layers_as_markdown() {
  std::string text =
      "| type | turns | into | what it does | padding, with `mask` |\n"
      "|---|---|---|---|---|\n";
  std::string keys =
      "| type | key | value | default | meaning |\n"
      "|---|---|---|---|---|\n";
  for (const LayerType& type : layer_types()) {
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", type.name, type.turns, type.into,
                        type.help, type.padding);
    for (const LayerKey& key : type.keys) {
      keys += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", type.name, key.name,
                          allowed_text(key), default_text(key), key.help);
    }
  }
  return text + "\n" + keys;
}

std::string models_as_markdown() {
  std::string text = "| name | reads | what it is |\n|---|---|---|\n";
  for (const std::string& name : built_in_models()) {
    const ModelSpec spec = load_model_spec(name);
    const char* letters = spec.alphabet == "protein" ? "amino acids" : "nucleotides";
    const std::string reads = spec.length > 0 ? fmt::format("{} {}", spec.length, letters)
                                              : fmt::format("{}, padded to the longest", letters);
    text += fmt::format("| `{}` | {} | {} |\n", name, reads, spec.description);
  }
  return text;
}

}  // namespace stroma
