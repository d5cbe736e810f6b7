#include "datasets/gff3_features.h"

#include <fmt/format.h>

#include <unordered_map>

#include "datasets/gff3_location.h"

namespace stroma {
namespace {

using Parts = std::vector<const Gff3Line*>;

/// "gene", "pseudogene", and Ensembl's "ncRNA_gene" and the like.
bool is_gene(const Gff3Line& line) {
  return line.type == "gene" || line.type == "pseudogene" || line.type.ends_with("_gene");
}

/// "AT1G01010" of "gene:AT1G01010", as Ensembl and NCBI make ids distinct.
std::string bare_id(const Gff3Line& line) {
  std::string id = line.value("ID");
  for (const std::string_view prefix : {"gene:", "gene-", "CDS:", "cds-", "transcript:", "rna-"}) {
    if (id.starts_with(prefix)) return id.substr(prefix.size());
  }
  return id;
}

std::string first_of(const Gff3Line& line, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (std::string value = line.value(key); !value.empty()) return value;
  }
  return "";
}

bool is_pseudo(const Gff3Line& line) {
  return line.value("pseudo") == "true" || !line.raw("pseudogene").empty() ||
         line.type.find("pseudogen") != line.type.npos ||
         first_of(line, {"gene_biotype", "biotype"}).find("pseudogene") != std::string::npos;
}

class Builder {
 public:
  Builder(const std::vector<Gff3Line>& lines,
          const std::function<Gff3Molecule(const std::string&)>& molecule_of)
      : lines_(lines), molecule_of_(molecule_of) {
    for (const Gff3Line& line : lines) {
      const std::string id = line.value("ID");
      if (!id.empty()) {
        const auto [first, is_new] = by_id_.emplace(id, &line);
        if (!is_new && line.type == "CDS" && first->second->type == "CDS") cds_share_ids_ = true;
      }
      if (line.type == "exon") {
        for (const std::string& parent : line.parents()) exons_[parent].push_back(&line);
      }
    }
  }

  std::vector<Gff3Feature> build() {
    std::vector<Parts> groups;
    std::unordered_map<std::string, size_t> places;
    for (const Gff3Line& line : lines_) {
      for (const std::string& group : groups_of(line)) {
        const size_t place =
            group.empty() ? groups.size() : places.try_emplace(group, groups.size()).first->second;
        if (place == groups.size()) groups.emplace_back();
        groups[place].push_back(&line);
      }
    }
    std::vector<Gff3Feature> features;
    features.reserve(groups.size());
    for (const Parts& parts : groups) features.push_back(feature_of(parts));
    return features;
  }

 private:
  /// What the lines of one feature have in common; "" for a line that is a feature by itself. A
  /// line of a CDS may belong to several transcripts.
  std::vector<std::string> groups_of(const Gff3Line& line) const {
    const std::string id = line.value("ID");
    const auto named = [&](std::string_view by, const std::string& name) {
      return fmt::format("{}\n{}\n{}\n{}", by, line.sequence, line.type, name);
    };
    // Where no two lines share an id, as JGI writes them, the transcript makes them one CDS.
    if (line.type == "CDS" && (id.empty() || !cds_share_ids_)) {
      std::vector<std::string> groups;
      for (const std::string& parent : line.parents()) {
        const auto found = by_id_.find(parent);
        const bool known = found != by_id_.end();
        if (known && found->second->type.find("protein") != std::string::npos) continue;
        if (known && is_gene(*found->second) && !id.empty()) continue;
        groups.push_back(named("parent", parent + "\n" + line.value("protein_id")));
      }
      if (!groups.empty()) return groups;
    }
    return {id.empty() ? "" : named("id", id)};
  }

  /// The line that this one is part of, or nullptr.
  const Gff3Line* parent_of(const Gff3Line& line) const {
    for (const std::string& parent : line.parents()) {
      if (const auto found = by_id_.find(parent); found != by_id_.end()) return found->second;
    }
    return nullptr;
  }

  Gff3Feature feature_of(const Parts& lines) const {
    const Gff3Line& first = *lines.front();
    Parts parts = lines;
    if (first.type != "CDS" && !is_gene(first)) {
      if (const auto exons = exons_.find(first.value("ID")); exons != exons_.end()) {
        parts = exons->second;
        std::erase_if(parts, [&](auto* exon) { return exon->sequence != first.sequence; });
        if (parts.empty()) parts = lines;
      }
    }
    Gff3Feature made{first.sequence,
                     {.key = is_gene(first) ? "gene" : first.type,
                      .location = "",
                      .qualifiers = {},
                      .line = first.number}};
    for (const Gff3Line* part : parts) {
      if (made.feature.problem.empty()) made.feature.problem = part->problem;
    }
    const Gff3Molecule molecule = molecule_of_(first.sequence);
    sort_biologically(parts, molecule.length, molecule.circular);
    made.feature.location = gff3_location(parts, molecule.length, molecule.circular);
    add_qualifiers(first, *parts.front(), made.feature);
    return made;
  }

  /// `first` is the feature's first line, `start` the one that it begins with biologically.
  void add_qualifiers(const Gff3Line& first, const Gff3Line& start, Feature& feature) const {
    const auto add = [&](const char* key, const std::string& value) {
      if (!value.empty()) feature.qualifiers.push_back({key, value});
    };
    std::string gene, locus_tag, oldest_id;
    bool pseudo = false;
    constexpr int max_generations = 8;  // a file may name a line as its own parent
    const Gff3Line* line = &first;
    for (int i = 0; line && i < max_generations; ++i, line = parent_of(*line)) {
      if (gene.empty()) gene = first_of(*line, {"gene", "gene_name"});
      if (locus_tag.empty()) locus_tag = first_of(*line, {"locus_tag", "gene_id"});
      if (is_gene(*line)) add_names_of_gene(*line, gene, locus_tag);
      pseudo = pseudo || is_pseudo(*line);
      if (const std::string id = bare_id(*line); !id.empty()) oldest_id = id;
    }
    const std::string product = first.value("product");
    const std::string protein_id = first_of(first, {"protein_id", "proteinId"});
    if (gene.empty() && locus_tag.empty() && protein_id.empty()) {
      const std::string name = first.value("Name");
      (name.empty() || name == product ? locus_tag : gene) =
          name.empty() || name == product ? oldest_id : name;
    }
    add("gene", gene);
    add("locus_tag", locus_tag);
    if (pseudo) feature.qualifiers.push_back({"pseudo", ""});
    if (first.value("exception") == "trans-splicing") {
      feature.qualifiers.push_back({"trans_splicing", ""});
    } else {
      add("exception", first.value("exception"));
    }
    if (first.type == "CDS" && start.phase >= 0) {
      add("codon_start", std::to_string(start.phase + 1));
    }
    add("transl_table", first.value("transl_table"));
    add("transl_except", first.value("transl_except"));
    add("product", product);
    add("protein_id", protein_id);
    add("note", first.value("Note"));
  }

  static void add_names_of_gene(const Gff3Line& line, std::string& gene, std::string& locus_tag) {
    const std::string name = line.value("Name");
    if (gene.empty() && name != locus_tag) gene = name;
    if (gene.empty() && locus_tag.empty()) locus_tag = bare_id(line);
  }

  const std::vector<Gff3Line>& lines_;
  const std::function<Gff3Molecule(const std::string&)>& molecule_of_;
  std::unordered_map<std::string, const Gff3Line*> by_id_;  // the first line of each id
  std::unordered_map<std::string, Parts> exons_;            // of each parent
  bool cds_share_ids_ = false;
};

}  // namespace

std::vector<Gff3Feature> gff3_features(
    const std::vector<Gff3Line>& lines,
    const std::function<Gff3Molecule(const std::string&)>& molecule_of) {
  return Builder(lines, molecule_of).build();
}

}  // namespace stroma
