// SPDX-License-Identifier: Apache-2.0
//
// The values of options, from text to the contract's messages. Faults quote the text.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "phasic/v1/agent.pb.h"
#include "phasic/v1/space.pb.h"

namespace phasic {

// "KEY=VALUE" as its two sides; the key is not empty.
absl::StatusOr<std::pair<std::string, std::string>> ParsePair(const std::string& text);

// JSON (a number, a list, a quoted string, true, false, null), or else a bare word: a string.
absl::StatusOr<google::protobuf::Value> ParseValue(const std::string& text);

// "discrete:N", "multidiscrete:N,M,...", "binary:N" or "box:SHAPE[:LOW[:HIGH]]" with SHAPE as in 4
// or 2x3; LOW and HIGH are one number, or one for each element with commas between; empty, -inf and
// inf: no bound.
absl::StatusOr<v1::Space> ParseSpace(const std::string& text);

// The space in the form that ParseSpace takes; "-" when it has no kind.
std::string SpaceText(const v1::Space& space);

// "0.5" or "1,0,-1": finite numbers with commas between, at least one.
absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& text);

// "[NAME=]NUMBERS": a port's or channel's values; the name is empty without one.
struct NamedNumbers {
  std::string name;
  std::vector<double> numbers;
};
absl::StatusOr<NamedNumbers> ParseNamedNumbers(const std::string& text);

// A reward of these values; one value is a scalar.
v1::Reward MakeReward(const NamedNumbers& values);

// "COMPONENT.VARIABLE[RANGE]=NUMBERS", as "w.weights=0", "w.weights[5]=1" or
// "w.weights[10:12]=0.5,0.25": one number for all the elements, or one for each.
absl::StatusOr<v1::VariableWrite> ParseWrite(const std::string& text);

// "cart" as "agents/cart", and back. A name that has its collection ("agents/cart",
// "tenants/lab/agents/cart") stays.
std::string ResourceName(const std::string& collection, const std::string& id);
std::string IdOf(const std::string& name);

}  // namespace phasic
