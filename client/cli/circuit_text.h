// SPDX-License-Identifier: Apache-2.0
//
// Circuits and what they are made of, as text for people.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <string>

#include "phasic/v1/circuit.pb.h"

namespace phasic {

// A parameter's value: a number in at most six digits, a word without quotes, a list in brackets.
std::string ValueText(const google::protobuf::Value& value);

// The parts of a circuit and what they connect.
std::string CircuitText(const v1::CircuitSpec& spec, int width);

// A preset: parameters, ports, parts and the names of its building blocks.
std::string PresetText(const v1::Circuit& circuit, int width);

// What a building block declares of itself.
std::string ComponentText(const v1::ComponentInfo& component, int width);

// "population", "rule" and so on.
std::string KindText(v1::ComponentInfo::Kind kind);

}  // namespace phasic
