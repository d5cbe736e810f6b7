// one_cycle: from step to step up to the whole rate and down to almost nothing, as PyTorch's
// OneCycleLR with its other defaults; momentum stays as it is (cycle_momentum=False).
#include "kernels/one_cycle.h"

#include "engine/dispatch.h"
#include "training/schedule.h"

namespace stroma {

Schedule one_cycle() {
  return {.step_factor =
              [](const TrainingSpec& spec, int64_t step, int64_t steps) {
                return spec.lr_schedule == LrSchedule::one_cycle
                           ? kernels::one_cycle_factor(step, steps, spec.lr_rise)
                           : 1;
              },
          .set_rate =
              [](const TrainingSpec& spec, const StepRate& at) {
                if (spec.lr_schedule != LrSchedule::one_cycle) return false;
                on_device(at.rate.device(), [&](const auto& context) {
                  kernels::one_cycle(context, {.steps = at.steps,
                                               .rise = spec.lr_rise,
                                               .step = at.step.data<int64_t>(),
                                               .highest = at.highest.data<double>(),
                                               .learning_rate = at.rate.data<float>()});
                });
                return true;
              }};
}

}  // namespace stroma
