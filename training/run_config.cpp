#include "training/run_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/files.h"
#include "engine/precision.h"
#include "kernels/error.h"
#include "layers/loss.h"

namespace stroma {
namespace {

using Json = nlohmann::ordered_json;

// How a field stands in JSON, and how it is read back.
template <class T>
Json encode(const T& value) {
  return value;
}
Json encode(const std::filesystem::path& path) { return path.string(); }
Json encode(const std::vector<std::filesystem::path>& paths) {
  Json json = Json::array();
  for (const std::filesystem::path& path : paths) json.push_back(path.string());
  return json;
}
Json encode(const LossName& loss) { return loss.text; }
/// As versions did that had two rules only.
Json encode(const ClassWeights& weights) {
  using Rule = ClassWeights::Rule;
  const bool formerly = weights.rule == Rule::none || weights.rule == Rule::inverse;
  return formerly ? Json(weights.rule == Rule::inverse) : Json(to_string(weights));
}
Json encode(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
template <Named Enum>
Json encode(const Enum& value) {
  return to_string(value);
}

Json encode(const std::vector<ClassFile>& files) {
  Json json = Json::array();
  for (const ClassFile& file : files) json.push_back(file.label + "=" + file.path.string());
  return json;
}

template <class T>
void decode(const Json& json, T& value) {
  json.get_to(value);
}
void decode(const Json& json, std::filesystem::path& path) { path = json.get<std::string>(); }
void decode(const Json& json, std::vector<std::filesystem::path>& paths) {
  paths.clear();
  for (const Json& path : json) paths.emplace_back(path.get<std::string>());
}
void decode(const Json& json, std::vector<ClassFile>& files) {
  files.clear();
  for (const Json& file : json) files.push_back(class_file(file.get<std::string>()));
}
void decode(const Json& json, LossName& loss) {
  loss.text = loss_named(json.get<std::string>()).name;
}
void decode(const Json& json, ClassWeights& weights) {
  weights = read_class_weights(json.is_boolean() ? json.dump() : json.get<std::string>());
}
void decode(const Json& json, std::optional<double>& value) {
  value = json.is_null() ? std::nullopt : std::optional(json.get<double>());
}
template <Named Enum>
void decode(const Json& json, Enum& value) {
  value = named<Enum>(json.get<std::string>());
}

// The fields of each struct, once for both directions: `side` writes them or reads them.
template <class Side>
void fields(Side& side, WindowOptions& windows) {
  side("length", windows.length);
  side("min_overlap", windows.min_overlap);
  side("max_overlap", windows.max_overlap);
  side("min_shared", windows.min_shared);
}

template <class Side>
void fields(Side& side, DataFiles& files) {
  side("paths", files.paths);
  side("classes", files.classes);
  side("labels", files.labels);
}

template <class Side>
void fields(Side& side, DataOptions& data) {
  std::filesystem::path path;
  side.formerly("path", path);  // before there could be several
  if (!path.empty()) data.paths = {path};
  side("paths", data.paths);
  side("annotation", data.annotation);
  side("augment", data.augment);
  side.object("windows", data.windows);
  side("feature", data.feature);
  side("upstream_length", data.upstream_length);
  side("min_protein_length", data.min_protein_length);
  side("unique", data.unique);
  side("strict", data.strict);
  side("label_until", data.label_until, "_");  // versions without the key cut every name
  side("unknown", data.unknown);
  side("short", data.too_short);
  side("classes", data.classes);
  side("labels", data.labels);
  side("weight", data.weight);
  side("group", data.group);
  side("label_sets", data.label_sets);
  side.object("validation", data.validation);
  side.object("test", data.test);
  side("unseen", data.unseen);
}

template <class Side>
void fields(Side& side, TrainingSpec& training) {
  for_each_training_key([&](const auto& key) { side(key.name, training.*key.field); });
}

/// Mean and inverse standard deviation, null where there are none.
struct Standardization {
  std::vector<float>&mean, &inverse_sd;
};
template <class Side>
void fields(Side& side, Standardization& standardization) {
  side("mean", standardization.mean);
  side("inverse_sd", standardization.inverse_sd);
}

template <class Side>
void fields(Side& side, RunConfig& config) {
  std::string program = "stroma", version = STROMA_VERSION;
  Standardization standardization{config.mean, config.inverse_sd};
  side("program", program);
  side("version", version);
  side("seed", config.seed);
  side("fold", config.fold);
  side("augmentation", config.augmentation);
  side("balance", config.balance);
  side("memory_k", config.memory_k);
  side("weights", config.weights);
  side("weights_fingerprint", config.weights_fingerprint);
  side("device", config.device);
  side("precision", config.precision);
  side("threads", config.threads);
  side.object("data", config.data);
  side("fingerprint", config.fingerprint);
  side.object("training", config.model.training);
  side("length", config.length);
  side("labels", config.labels);
  side("model", config.model.text);
  side.object("standardization", standardization);
}

class Writer {
 public:
  template <class T>
  void operator()(const char* key, const T& value) {
    json[key] = encode(value);
  }
  void operator()(const char* key, const std::string& value, const char* /*where_missing*/) {
    json[key] = value;
  }
  template <class T>
  void formerly(const char* /*key*/, T& /*value*/) {}
  template <class T>
  void object(const char* key, T& value) {
    Writer inner;
    fields(inner, value);
    json[key] = inner.json;
  }
  void object(const char* key, Standardization& value) {
    json[key] = nullptr;
    if (!value.mean.empty()) object<Standardization>(key, value);
  }

  Json json = Json::object();
};

template <class T>
Json to_json(T value) {
  Writer writer;
  fields(writer, value);
  return writer.json;
}

/// Leaves a field whose key is missing as it is: versions that had no such key did as its default
/// says.
class Reader {
 public:
  /// `place` is what stands before a key in messages: "", "training.".
  Reader(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  template <class T>
  void operator()(const char* key, T& value) {
    known_.insert(key);
    if (json_.contains(key)) decode(json_.at(key), value);
  }
  /// Where the key is missing, the value is `where_missing`.
  void operator()(const char* key, std::string& value, const char* where_missing) {
    value = where_missing;
    (*this)(key, value);
  }
  /// A key that is read and no longer written.
  template <class T>
  void formerly(const char* key, T& value) {
    (*this)(key, value);
  }
  template <class T>
  void object(const char* key, T& value) {
    known_.insert(key);
    if (!json_.contains(key) || json_.at(key).is_null()) return;
    Reader inner(json_.at(key), place_ + key + ".");
    fields(inner, value);
    inner.refuse_unknown();
  }
  void refuse_unknown() const {
    for (const auto& [key, value] : json_.items()) {
      if (!known_.contains(key)) throw UnknownKey{place_ + key};
    }
  }

  struct UnknownKey {
    std::string name;
  };

 private:
  const Json& json_;
  std::string place_;
  std::set<std::string> known_;
};

/// What a run that is resumed must share, by path in the JSON; without model and data themselves.
Json settings(const RunConfig& config) {
  Json json = {{"seed", config.seed},
               {"fold", config.fold},
               {"augmentation", to_string(config.augmentation)},
               {"balance", to_string(config.balance)},
               {"precision", to_string(config.precision)},
               {"data", to_json(config.data)},
               {"training", to_json(config.model.training)},
               {"standardize", !config.mean.empty()}};
  // Files may have moved; what they hold has a fingerprint.
  for (const char* files : {"paths", "annotation", "classes", "labels", "validation", "test"}) {
    json["data"].erase(files);
  }
  json["training"].erase("epochs");
  return json.flatten();
}

}  // namespace

void write_config(const std::filesystem::path& path, const RunConfig& config) {
  write_file(path, to_json(config).dump(1) + "\n");
}

std::string difference(const RunConfig& saved, const RunConfig& asked) {
  if (saved.model.name != asked.model.name) {
    return "the model is " + saved.model.name + ", not " + asked.model.name;
  }
  const Json before = settings(saved), now = settings(asked);
  const auto shown = [](const Json& value) { return value.is_null() ? "none" : value.dump(); };
  for (const auto& [key, value] : now.items()) {
    const Json was = before.value(key, Json());
    if (was == value) continue;
    std::string name = key.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    return name + " is " + shown(was) + ", not " + shown(value);
  }
  if (saved.model.text != asked.model.text) {
    return "the spec of the model " + saved.model.name + " has changed";
  }
  if (saved.weights_fingerprint != asked.weights_fingerprint) {
    if (asked.weights.empty()) return "it began with the weights of " + saved.weights.string();
    return saved.weights.empty()
               ? "it began with weights of its own"
               : "it began with other weights than those in " + asked.weights.string();
  }
  if (saved.fingerprint != asked.fingerprint) {
    return "the sequences or labels in " + name_of(asked.data) +
           " are not those that it was trained on";
  }
  return "";
}

RunConfig read_config(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  RunConfig config;
  std::string version = "unknown";
  try {
    const Json json = Json::parse(text);
    version = json.value("version", version);
    for (const char* key : {"model", "labels", "length"}) json.at(key);  // what has no default
    config.model = parse_model_spec(json.at("model").get<std::string>(), path.string());
    Reader reader(json, "");
    naming_file(path, [&] { fields(reader, config); });
    config.data.padding = config.model.padding;
    reader.refuse_unknown();
  } catch (const Reader::UnknownKey& key) {
    throw Error(fmt::format(
        "{} has the key '{}', which this version of stroma, {}, does not know; it was written by "
        "version {}: use that one",
        path.string(), key.name, STROMA_VERSION, version));
  } catch (const Json::exception& error) {
    throw Error(path.string() + " is not the config.json of a stroma run (" + error.what() +
                "); name a directory that stroma train made");
  }
  return config;
}

}  // namespace stroma
