// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/rule.h"

namespace phasic {

// What the rules have in common: the factors and parameters that most of them name.
namespace factors {

inline constexpr FactorInfo kScore[] = {
    {"score", "d log P / d drive of what the target drew", "score"}};
inline constexpr FactorInfo kError[] = {
    {"error", "the target's error, from the feedback sweep", "error"}};
inline constexpr FactorInfo kPostActivity[] = {{kPost, "the target's activity", kPost}};
inline constexpr FactorInfo kUnity[] = {{"one", "the target's slope: 1, it is linear", kOne}};
inline constexpr FactorInfo kActivity[] = {{kPre, "the source's activity, as delivered", kPre}};

inline constexpr GateInfo kReward[] = {{"reward", "reward, or reward minus a baseline"}};
inline constexpr GateInfo kTd[] = {{"td", "temporal-difference error"}};

constexpr ParamInfo LearningRate(double value, const char* source) {
  return {.name = "learning_rate",
          .description = "how far a weight moves for one unit of gate times trace",
          .default_value = value,
          .min = 0,
          .max = 1e6,
          .source = source,
          .live = true};
}
constexpr ParamInfo Lambda(double value, const char* source) {
  return {.name = "lambda",
          .description = "how much of the trace a clock leaves, times the gate's discount",
          .default_value = value,
          .min = 0,
          .max = 1,
          .source = source};
}

}  // namespace factors
}  // namespace phasic
