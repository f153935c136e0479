// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/step.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/limits.h"
#include "core/circuit/read.h"
#include "core/stores/kernels.h"
#include "core/stores/store.h"
#include "core/stores/transmit.h"

namespace phasic {
namespace {

uint64_t DueClocks(const Circuit& circuit, const Lane& lane) noexcept {
  uint64_t due = circuit.tick_clocks();
  if (lane.tick_in_step + 1 == lane.ticks) due |= circuit.step_clocks();
  for (const int c : circuit.counted_clocks()) {
    const When& when = circuit.clocks()[c];
    bool strikes = false;
    if (when.clock == When::Clock::kEvery) {
      strikes = (*lane.state->data<uint64_t>(kAgentTick) + 1) % when.n == 0;
    } else {
      for (const double at : when.at) {
        strikes |= static_cast<int>(std::round(at / circuit.spec().dt)) == lane.tick_in_step + 1;
      }
    }
    due |= uint64_t{strikes} << c;
  }
  return due;
}

// The lanes for which a clock strikes; the tick's own clock strikes for all.
Lanes Due(Lanes lanes, int clock, LaneGroup* scratch) noexcept {
  if (clock == 0) return lanes;
  scratch->Clear();
  for (const Lane& lane : lanes) {
    if ((lane.due >> clock) & 1) scratch->Add(lane);
  }
  return scratch->lanes();
}

// What comes to a site, the first time to one that is 0.
void SumInto(const Real* __restrict from, std::span<Real> site, bool first) noexcept {
  Real* const to = site.data();
  const size_t n = site.size();
  if (first) {
    for (size_t i = 0; i < n; ++i) to[i] = Real{0} + from[i];
  } else {
    for (size_t i = 0; i < n; ++i) to[i] += from[i];
  }
}

// Sums into each site what comes to it.
void Gather(const Circuit& circuit, Lanes lanes, const Stage& stage) noexcept {
  for (const Input& input : stage.inputs) {
    for (const Lane& lane : lanes) {
      State& s = *lane.state;
      const auto site = s.span<Real>(input.site);
      bool first = true;
      const auto take = [&](const Real* from) { SumInto(from, site, std::exchange(first, false)); };
      for (const int p : input.ports)
        take(s.data<Real>(circuit.nodes()[circuit.inputs()[p].node].columns[0]));
      for (const int p : input.masks) take(s.data<Real>(circuit.outputs()[p].forbidden));
      if (first) std::fill(site.begin(), site.end(), Real{0});
    }
    for (const int l : input.links) {
      const Link& link = circuit.links()[l];
      link.store->deliver(lanes, link);
    }
  }
}

void EmptyMailbox(State& s, const Node& node) noexcept {
  const auto pending = s.span<Real>(node.pending);
  std::fill(pending.begin(), pending.end(), Real{0});
  *s.data<uint32_t>(node.deliveries) = 0;
}

void ClearFired(const Circuit& circuit, Lanes lanes) noexcept {
  for (const Stage& stage : circuit.modulators()) {
    for (const Lane& lane : lanes)
      *lane.state->data<uint8_t>(circuit.nodes()[stage.node].fired) = 0;
  }
}

void Learn(const Circuit& circuit, Lanes lanes, Moment moment) noexcept {
  for (const int l : circuit.learning_links()) {
    const Link& link = circuit.links()[l];
    link.store->learn(lanes, link, moment);
  }
}

// Modulators that update within ticks take what is still in their mailboxes, and predictions close:
// on what follows a last observation, unless they have met it in its ticks; on nothing at an end.
void CloseModulators(const Circuit& circuit, const Lane& lane, Closing closing) noexcept {
  State& s = *lane.state;
  Lane closed = lane;
  closed.ended = closing == Closing::kTerminated;
  const Lanes one{&closed, 1};
  for (const Stage& stage : circuit.modulators()) {
    const Node& node = circuit.nodes()[stage.node];
    const bool predicts = node.component->bootstraps;
    if (node.when.clock == When::Clock::kDelivery || node.when.clock == When::Clock::kEpisode)
      continue;
    if (closing == Closing::kObserved && ((lane.struck >> node.clock) & 1)) continue;
    if (closing == Closing::kUnknown && predicts) continue;
    // No time passes here, so without a reward only a prediction has something to say; and a
    // modulator that updates once a step, of which this is one.
    const bool last_step = closing == Closing::kTerminated && node.when.clock == When::Clock::kStep;
    if (!predicts && !last_step && *s.data<uint32_t>(node.deliveries) == 0) continue;
    if (closing == Closing::kObserved) {
      Gather(circuit, one, stage);
    } else {
      for (const ColumnId site : node.sites) {
        const auto values = s.span<Real>(site);
        std::fill(values.begin(), values.end(), Real{0});
      }
    }
    node.component->forward(one, node);
    EmptyMailbox(s, node);
  }
}

void Decode(const Circuit& circuit, Lanes lanes, const Port& port, LaneGroup* scratch) noexcept {
  const Node& node = circuit.nodes()[port.node];
  for (const Lane& lane : Due(lanes, node.clock, scratch)) {
    if (lane.closing) continue;
    State& s = *lane.state;
    std::span<const Real> forbidden;
    if (port.forbidden != kNoColumn) forbidden = s.span<Real>(port.forbidden);
    const ColumnId source = lane.forced ? port.drawn : port.source;
    port.decoder->decode(node, s.span<Real>(source), forbidden, s.span<Real>(node.value));
  }
}

void Record(const Circuit& circuit, const Lane& lane) noexcept {
  const int done = lane.tick_in_step + 1;
  for (const Recorder& recorder : lane.recorders) {
    if (done % recorder.every != 0) continue;
    const size_t bytes = lane.state->bytes(recorder.column).size();
    Read(circuit, *lane.state, recorder.column, recorder.to + (done / recorder.every - 1) * bytes);
  }
}

// Tells where a number is not finite. If all are, returns the largest size of one.
Real Look(const Circuit& circuit, const Lane& lane,
          std::span<const Circuit::Watched> stretches) noexcept {
  Real most = 0;
  for (const Circuit::Watched& watched : stretches) {
    const Real* const numbers = lane.state->data<Real>(watched.first);
    const Real largest = circuit.kernels().largest(numbers, watched.count);
    most = std::max(most, largest);
    if (largest <= std::numeric_limits<Real>::max()) continue;
    const auto& columns = circuit.layout().columns;
    for (size_t id = 0; id < columns.size(); ++id) {
      if (columns[id].type != kReal || columns[id].arena >= 0) continue;
      const auto column = lane.state->span<Real>(static_cast<ColumnId>(id));
      if (!circuit.kernels().finite(column.data(), static_cast<int64_t>(column.size())))
        Diverge(lane, static_cast<ColumnId>(id));
    }
  }
  return most;
}

// One tick. The order is the model (core/README.md): encode; forward sweep; feedback sweep, in
// reverse; both `sweeps` times; decode; modulators; learn, APPLY before TRACE; advance.
void Tick(const Circuit& circuit, std::span<Lane> lanes) noexcept {
  LaneGroup scratch;
  const auto& nodes = circuit.nodes();
  for (const int e : circuit.encoders()) nodes[e].component->forward(lanes, nodes[e]);
  for (int sweep = 0; sweep < circuit.spec().sweeps; ++sweep) {
    for (const Stage& stage : circuit.forward()) {
      if (sweep > 0 && nodes[stage.node].component->integrates) continue;
      const Lanes due = Due(lanes, nodes[stage.node].clock, &scratch);
      Gather(circuit, due, stage);
      nodes[stage.node].component->forward(due, nodes[stage.node]);
    }
    for (const Stage& stage : circuit.feedback()) {
      const Lanes due = Due(lanes, nodes[stage.node].clock, &scratch);
      Gather(circuit, due, stage);
      nodes[stage.node].component->feedback(due, nodes[stage.node]);
    }
  }
  for (const Port& port : circuit.outputs()) Decode(circuit, lanes, port, &scratch);
  for (const Stage& stage : circuit.modulators()) {
    const Node& node = nodes[stage.node];
    const Lanes due = Due(lanes, node.clock, &scratch);  // none for one that acts between ticks
    Gather(circuit, due, stage);
    node.component->forward(due, node);
    for (const Lane& lane : due) EmptyMailbox(*lane.state, node);
  }
  for (Lane& lane : lanes) lane.modest = Look(circuit, lane, circuit.watched()) <= kModestFactor;
  Learn(circuit, lanes, {Moment::Kind::kTick});
  ClearFired(circuit, lanes);
  for (const Lane& lane : lanes) {
    Record(circuit, lane);
    State& s = *lane.state;
    for (const int l : circuit.drawing_links()) Drawn(lane, circuit.links()[l]).Advance();
    uint64_t& tick = *s.data<uint64_t>(kAgentTick);
    for (const int l : circuit.delayed_links()) {
      const Link& link = circuit.links()[l];
      std::copy_n(s.data<Real>(link.source_column), link.pre,
                  s.data<Real>(link.history) + (tick % link.delay) * link.pre);
    }
    ++tick;
  }
}

void RunGroup(const Circuit& circuit, std::span<Lane> lanes) noexcept {
  int least = lanes.empty() ? 0 : lanes.front().ticks, most = least;
  for (const Lane& lane : lanes) {
    least = std::min(least, lane.ticks);
    most = std::max(most, lane.ticks);
  }
  LaneGroup some;
  for (int t = 0; t < most; ++t) {
    some.Clear();
    for (Lane& lane : lanes) {
      if (t >= lane.ticks) continue;
      lane.tick_in_step = t;
      lane.due = DueClocks(circuit, lane);
      lane.struck |= lane.due;
      if (t >= least) some.Add(lane);
    }
    Tick(circuit, t < least ? lanes : some.lanes());
  }
}

}  // namespace

void CheckFinite(const Circuit& circuit, const Lane& lane) noexcept {
  Look(circuit, lane, circuit.watched());
}

void RunTicks(const Circuit& circuit, std::span<Lane> lanes) noexcept {
  for (size_t from = 0; from < lanes.size(); from += LaneGroup::kMost) {
    RunGroup(circuit, lanes.subspan(from, std::min(LaneGroup::kMost, lanes.size() - from)));
  }
}

void Deliver(const Circuit& circuit, const Lane& lane, int channel,
             std::span<const Real> values) noexcept {
  State& s = *lane.state;
  const int index = circuit.channels()[channel];
  const Node& node = circuit.nodes()[index];
  const auto pending = s.span<Real>(node.pending);
  for (size_t i = 0; i < pending.size(); ++i) pending[i] += values[i];
  ++*s.data<uint32_t>(node.deliveries);
  if (channel == 0) {
    for (const Real value : values) *s.data<double>(kAgentEpisodeReturn) += value;
  }
  const auto& watched = circuit.watched(channel);
  if (node.when.clock != When::Clock::kDelivery) {
    Look(circuit, lane, watched);
    return;
  }
  node.component->forward({&lane, 1}, node);
  EmptyMailbox(s, node);
  Look(circuit, lane, watched);
  if (*s.data<uint8_t>(node.fired) != 0)
    Learn(circuit, {&lane, 1}, {Moment::Kind::kDelivery, index});
  *s.data<uint8_t>(node.fired) = 0;
}

void EmptyMailboxes(const Circuit& circuit, State* state) noexcept {
  for (const int channel : circuit.channels()) EmptyMailbox(*state, circuit.nodes()[channel]);
}

void EndEpisode(const Circuit& circuit, const Lane& lane, Closing closing) noexcept {
  State& s = *lane.state;
  const Lanes one{&lane, 1};
  // Before its first step there is no episode to end, and none to learn from.
  if (closing != Closing::kObserved && *s.data<uint64_t>(kAgentEpisodeStep) == 0) {
    Settle(circuit, &s);
    s.ReturnHome();
    return;
  }
  CloseModulators(circuit, lane, closing);
  CheckFinite(circuit, lane);
  Learn(circuit, one, {Moment::Kind::kClose});
  ClearFired(circuit, one);
  for (const Stage& stage : circuit.modulators()) {
    const Node& node = circuit.nodes()[stage.node];
    if (node.when.clock == When::Clock::kEpisode) node.component->forward(one, node);
  }
  CheckFinite(circuit, lane);
  Learn(circuit, one, {Moment::Kind::kEpisode});
  uint64_t& episode = *s.data<uint64_t>(kAgentEpisode);
  s.data<double>(kAgentReturns)[episode % limits::kReturnsKept] =
      *s.data<double>(kAgentEpisodeReturn);
  ++episode;
  Settle(circuit, &s);
  s.ReturnHome();
}

}  // namespace phasic
