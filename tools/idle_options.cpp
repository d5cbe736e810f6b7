#include "tools/idle_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "tools/usage.h"

namespace stroma {
namespace {

/// Refuses an option that is given where `idle`, or where the spec itself says `in_spec`: a key
/// that the command line has made idle is the user's will.
struct Rule {
  const TrainOptions& options;

  void operator()(const char* option, bool idle, bool in_spec, const std::string& why) const {
    if (!idle) return;
    if (options.is_given(option)) fail_usage(fmt::format("{} {}", option, why));
    if (in_spec) fail_usage(fmt::format("{}, as {} has it, {}", option, options.model, why));
  }
};

bool has_validation(const TrainingSpec& training) { return training.validation_fraction > 0; }

void refuse_idle_schedule(const Rule& refuse, const TrainingSpec& spec,
                          const TrainingSpec& training) {
  using enum LrSchedule;
  const LrSchedule schedule = training.lr_schedule;
  const TrainingSpec usual;
  /// Refuses a key that belongs to other schedules.
  const auto belongs = [&](const char* option, bool in_spec, std::initializer_list<LrSchedule> to) {
    std::vector<std::string> names;
    for (const LrSchedule name : to) names.push_back(to_string(name));
    refuse(option, std::find(to.begin(), to.end(), schedule) == to.end(),
           in_spec && schedule == spec.lr_schedule,
           fmt::format("belongs to --lr-schedule {}, not to {}; leave it out", listed(names, "or"),
                       to_string(schedule)));
  };
  belongs("--lr-step", spec.lr_step != usual.lr_step, {step});
  belongs("--lr-gamma", spec.lr_gamma != usual.lr_gamma, {step, exponential, plateau});
  belongs("--lr-min", spec.lr_min != usual.lr_min, {cosine, plateau});
  belongs("--lr-patience", spec.lr_patience != usual.lr_patience, {plateau});
  belongs("--lr-rise", spec.lr_rise != usual.lr_rise, {one_cycle});

  const bool steps = training.lr_step > 0;
  refuse("--lr-gamma", schedule == step && !steps, spec.lr_step == 0 && spec.lr_gamma != 1,
         "has no effect without --lr-step, the epochs between its uses; add that");
  refuse("--lr-step", schedule == step && steps && training.lr_gamma == 1,
         spec.lr_step > 0 && spec.lr_gamma == 1,
         "has no effect without --lr-gamma, the factor at each step; add that");
  refuse("--lr-schedule",
         (schedule == exponential || schedule == plateau) && training.lr_gamma == 1,
         spec.lr_schedule == schedule && spec.lr_gamma == 1,
         fmt::format("{} has no effect without --lr-gamma, its factor; add that",
                     to_string(schedule)));
  refuse("--lr-schedule", schedule == plateau && !has_validation(training),
         spec.lr_schedule == plateau && !has_validation(spec),
         "plateau needs a validation part; give --validation-fraction a value, or take another");
  refuse("--lr-min", training.lr_min >= training.learning_rate, spec.lr_min >= spec.learning_rate,
         "is not below --lr, the rate that it is to be reached from; lower it");
}

void refuse_idle_training(const TrainOptions& options, const TrainingSpec& spec,
                          const TrainingSpec& training) {
  const Rule refuse{options};
  const DataOptions& data = options.data;
  const bool one_group_out = training.split == SplitMethod::leave_one_group_out;
  const bool kfold = training.split == SplitMethod::kfold;
  refuse("--folds", !kfold, spec.split != SplitMethod::kfold && spec.folds != TrainingSpec().folds,
         "belongs to --split kfold; add that, or leave the folds out");
  refuse("--fold", !kfold && !one_group_out, false,
         "belongs to --split kfold; add that, or leave --fold out");
  refuse("--test-fraction", kfold, false,
         "has no effect with --split kfold, whose test part is one of --folds; leave it out");

  refuse(
      "--test-fraction", one_group_out, false,
      "has no effect with --split leave-one-group-out, whose test part is a group; leave it out");
  refuse("--test-fraction", !data.test.empty(), false,
         "has no effect beside --test, which gives the test part; leave one of them out");
  refuse("--validation-fraction", !data.validation.empty(), false,
         "has no effect beside --validation, which gives that part; leave one of them out");
  refuse("--unseen", data.test.empty(), false,
         "is about labels that --test alone has; add that, or leave it out");

  refuse_idle_schedule(refuse, spec, training);

  const bool nothing_to_validate = !has_validation(training);
  refuse("--keep", nothing_to_validate && training.keep == Keep::best, true,
         "chooses the best epoch by the validation part, of which there is none; give "
         "--validation-fraction a value, or say --keep last");
  refuse("--patience", nothing_to_validate && training.patience > 0,
         !has_validation(spec) && spec.patience > 0,
         "needs a validation part; give --validation-fraction a value, or say --patience 0");
}

void refuse_idle_data(const TrainOptions& options, const ModelSpec& spec) {
  const Rule refuse{options};
  for (const char* option : {"--min-overlap", "--max-overlap", "--min-shared", "--short"}) {
    refuse(option, options.no_augment, false,
           "is about windows, of which --no-augment makes none; leave one of them out");
  }
  for (const char* option :
       {"--whole", "--length", "--min-overlap", "--max-overlap", "--min-shared", "--short"}) {
    refuse(option, spec.padding.on, false,
           fmt::format("is about windows, but the model {} reads sequences whole, padded to its "
                       "length; leave it out",
                       spec.name));
  }
  const bool proteins = spec.alphabet == "protein";
  for (const char* option : {"--upstream-length", "--unique"}) {
    refuse(option, proteins, false,
           fmt::format("is about upstream regions, but the model {} reads proteins; leave it out",
                       spec.name));
  }
  refuse("--min-protein-length", !proteins, false,
         fmt::format("is about proteins, but the model {} reads upstream regions; leave it out",
                     spec.name));
  refuse("--no-standardize", !spec.standardize, false,
         fmt::format("has no effect: the model {} does not standardise its input; leave it out",
                     spec.name));
}

}  // namespace

void refuse_idle(const TrainOptions& options, const ModelSpec& spec, const RunConfig& config) {
  TrainingSpec of_spec = spec.training, training = config.model.training;
  if (!options.data.validation.empty()) {  // there is such a part, whatever its share of DATA
    of_spec.validation_fraction = training.validation_fraction = TrainingSpec().validation_fraction;
  }
  refuse_idle_training(options, of_spec, training);
  refuse_idle_data(options, spec);
}

}  // namespace stroma
