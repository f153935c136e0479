// SPDX-License-Identifier: Apache-2.0
//
// Izhikevich's simple model of spiking neurons (Izhikevich 2003, "Simple model of spiking
// neurons"):
//
//   dv/dt = 0.04 v^2 + 5 v + 140 - u + I,    du/dt = a (b v - u)
//   v >= 30 mV: spike, v = c, u = u + d
//
// with four numbers for the many kinds of cortical cells. As in the paper's programs v takes two
// half steps and u one step in each tick; they are for ticks of 1 ms.
#include "core/base/draws.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kCell, kA, kB, kC, kD, kNoise };
enum Site { kDrive };
enum ColumnIndex { kSpike, kV, kU };

constexpr const char* kPaper = "Izhikevich 2003, figure 2; this one of regular spiking cells";
constexpr const char* kCells[] = {
    "regular-spiking", "fast-spiking",          "intrinsically-bursting",
    "chattering",      "low-threshold-spiking", "thalamo-cortical",
    "resonator"};
// a, b, c, d of each.
constexpr double kCellParams[][4] = {
    {0.02, 0.2, -65, 8},  {0.1, 0.2, -65, 2},      {0.02, 0.2, -55, 4}, {0.02, 0.2, -50, 2},
    {0.02, 0.25, -65, 2}, {0.02, 0.25, -65, 0.05}, {0.1, 0.26, -65, 2}};

constexpr ParamInfo kParams[] = {
    {.name = "cell",
     .description = "the kind of cell: says those of a, b, c and d that are not given",
     .source = "Izhikevich 2003, figure 2: the most frequent in cortex",
     .choices = kCells},
    {.name = "a",
     .description = "how fast u recovers",
     .unit = "1/ms",
     .default_value = 0.02,
     .min = 0,
     .max = 1,
     .source = kPaper},
    {.name = "b",
     .description = "how much u follows v",
     .default_value = 0.2,
     .min = -10,
     .max = 10,
     .source = kPaper},
    {.name = "c",
     .description = "v after a spike",
     .unit = "mV",
     .default_value = -65,
     .min = -200,
     .max = 29,
     .source = kPaper},
    {.name = "d",
     .description = "what a spike adds to u",
     .unit = "mV",
     .default_value = 8,
     .min = -1e3,
     .max = 1e3,
     .source = kPaper},
    {.name = "noise",
     .description =
         "each tick draws a drive of its own for each cell, uniform from -noise to noise",
     .unit = "mV",
     .default_value = 0,
     .min = 0,
     .max = 1e3,
     .source = "0: none; Izhikevich 2007 has 6.5"},
};
constexpr SiteInfo kSites[] = {
    {"drive", "current into the cell, as the potential it adds in 1 ms", "mV"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "1 in the tick in which it fires, else 0", .output = true},
    {.name = "v",
     .description = "membrane potential",
     .unit = "mV",
     .output = true,
     .initial = -65},
    {.name = "u", .description = "recovery", .unit = "mV", .output = true, .initial = -13},
};

void Derive(Node* node) {
  const Parameters& p = node->params;
  for (int i = kA; i <= kD; ++i) {
    node->derived.push_back(p.given(i) ? p.number(i) : kCellParams[p.choice(kCell)][i - kA]);
  }
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real dt = static_cast<Real>(node.dt), half = dt / 2;
  const Real a = static_cast<Real>(node.derived[0]), b = static_cast<Real>(node.derived[1]),
             c = static_cast<Real>(node.derived[2]), d = static_cast<Real>(node.derived[3]);
  const Real noise = static_cast<Real>(node.params.number(kNoise));
  const auto slope = [](Real v, Real rest) { return (Real{0.04} * v + Real{5}) * v + rest; };
  for (const Lane& lane : lanes) {
    const View view(lane, node);
    const Real* __restrict const drive = view.site(kDrive).data();
    Real* __restrict const spike = view.column(kSpike).data();
    Real* __restrict const v = view.column(kV).data();
    Real* __restrict const u = view.column(kU).data();
    const int n = view.size();
    // The draws lie where the spikes will.
    if (noise > 0) {
      ForUniforms(view.random(), 0, n,
                  [&](int64_t i, double draw) { spike[i] = static_cast<Real>(draw); });
    } else {
      for (int i = 0; i < n; ++i) spike[i] = Real{0.5};
    }
#pragma omp simd
    for (int i = 0; i < n; ++i) {
      const Real rest = Real{140} - u[i] + (drive[i] + noise * (2 * spike[i] - 1));
      Real x = v[i] + half * slope(v[i], rest);
      x += half * slope(x, rest);
      const Real y = u[i] + dt * (a * (b * x - u[i]));
      const bool fires = x >= 30;
      spike[i] = fires ? Real{1} : Real{0};
      v[i] = fires ? c : x;
      u[i] = y + (fires ? d : Real{0});
    }
  }
}

}  // namespace

extern const Component kIzhikevichPopulation = {
    .kind = Kind::kPopulation,
    .name = "izhikevich",
    .summary = "Izhikevich's simple model: regular spiking, fast spiking and other cortical cells.",
    .equations =
        "dv/dt = 0.04 v^2 + 5 v + 140 - u + drive + noise\n"
        "du/dt = a (b v - u)\n"
        "v >= 30: spike = 1, v = c, u = u + d",
    .source = "Izhikevich 2003, IEEE Transactions on Neural Networks 14",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .derive = Derive,
    .forward = Forward,
    .integrates = true,
    .unit_seconds = 5e-9,
};

}  // namespace phasic
