// Weights on their own: safetensors files under PyTorch's names. What Stroma writes says in its
// metadata what the weights belong to; a file without, from anywhere, is read as well.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/names.h"
#include "engine/safetensors.h"
#include "layers/network.h"
#include "training/loaded_run.h"

namespace stroma {

/// Whose names, shapes and order of gates weights have in a file.
enum class Layout { pytorch, keras };
template <>
struct NamesOf<Layout> {
  static constexpr const char* kind = "layout of weights";
  static constexpr const char* all[] = {"pytorch", "keras"};
};

/// The parameters and buffers of a network. The metadata, texts all: "model", "alphabet", "letters"
/// in the order of their codes, "length", "layout" where it is not PyTorch's, "labels" (a JSON
/// list; class c is labels[c]) and "standardization" ({"mean": […], "inverse_sd": […]} of [length,
/// letters], or null for none); the last two only where `config` has its labels from data. In a
/// file that holds more than weights, "weights" is the list of their names.
SafetensorsFile weights_file(const Network& network, const RunConfig& config,
                             Layout layout = Layout::pytorch);

/// What somebody gives as weights.
struct GivenWeights {
  std::map<std::string, Tensor> tensors;
  // What the metadata says, where Stroma wrote it:
  std::string letters;                  // in the order of their channels; "": nothing
  int64_t length = 0;                   // 0: nothing
  std::vector<std::string> labels;      // empty: nothing
  bool knows_standardization = false;   // or says nothing of it
  std::vector<float> mean, inverse_sd;  // empty: none
};
/// Throws Error naming the file, also where a weight is not a finite number.
GivenWeights read_weights(const std::filesystem::path& path);

/// Throws Error where weights are for the letters of `spec` in another order.
void check_letters(const ModelSpec& spec, const GivenWeights& given);

/// Puts weights of either layout, which their names tell, into the network of `config`, whose
/// labels are known. Throws Error for one that is missing, unknown or misshapen.
void load_weights(Network& network, const RunConfig& config,
                  const std::map<std::string, Tensor>& weights);

/// A number that changes with the names, shapes and values of weights.
std::string fingerprint(const std::map<std::string, Tensor>& weights);

/// A model with given weights, as a run of no data: what the file does not name of the labels are
/// the numbers of the classes from 0. Throws Error naming the file for a tensor that is missing,
/// unknown or misshapen, and where `spec` standardises its input and the file does not say how.
LoadedRun load_given(const ModelSpec& spec, const std::filesystem::path& path, Device device,
                     std::optional<Precision> precision = {});

}  // namespace stroma
