// CUDA for a machine without a GPU: include this instead of the CUDA runtime's headers. What there
// is, and what it finds, is told in docs/emulator.md.
#pragma once

#include "kernels/cuda/emulator/async_copy.h"
#include "kernels/cuda/emulator/atomics.h"
#include "kernels/cuda/emulator/block.h"
#include "kernels/cuda/emulator/cooperative_groups.h"
#include "kernels/cuda/emulator/device_math.h"
#include "kernels/cuda/emulator/half.h"
#include "kernels/cuda/emulator/launch.h"
#include "kernels/cuda/emulator/mbarrier.h"
#include "kernels/cuda/emulator/runtime.h"
#include "kernels/cuda/emulator/types.h"
#include "kernels/cuda/emulator/warp.h"
