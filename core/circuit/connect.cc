// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/connect.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/base/philox.h"

namespace phasic {
namespace {

using Rule = Connectivity::Rule;
using Lists = std::vector<std::vector<uint32_t>>;  // of partners, by unit, ascending

// n different numbers below `size` but not `barred` (Floyd 1987: every set is equally likely).
// `marks` has a false for each number, and is left so.
std::vector<uint32_t> Choose(const Random& random, int n, int size, int barred,
                             std::vector<bool>* marks) {
  const int m = barred >= 0 ? size - 1 : size;
  std::vector<uint32_t> chosen;
  for (int last = m - n; last < m; ++last) {
    const uint64_t scaled = uint64_t{random.Bits(static_cast<uint32_t>(last))} * (last + 1);
    const auto drawn = static_cast<uint32_t>(scaled >> 32);
    chosen.push_back((*marks)[drawn] ? static_cast<uint32_t>(last) : drawn);
    (*marks)[chosen.back()] = true;
  }
  std::sort(chosen.begin(), chosen.end());
  for (uint32_t& x : chosen) {
    (*marks)[x] = false;
    x += barred >= 0 && x >= static_cast<uint32_t>(barred);
  }
  return chosen;
}

// Each number below `size` but `barred` with probability p, by the gaps between them.
std::vector<uint32_t> Flip(const Random& random, double p, int size, int barred) {
  std::vector<uint32_t> chosen;
  const double log_miss = p < 1 ? Log1p(-p) : 0;
  double at = -1;
  for (uint32_t draw = 0; p > 0; ++draw) {
    at += 1;
    if (p < 1)
      at += static_cast<double>(static_cast<int64_t>(Log(random.Uniform(draw)) / log_miss));
    if (at >= size) break;
    if (at != barred) chosen.push_back(static_cast<uint32_t>(at));
  }
  return chosen;
}

// Where unit k of n lies: evenly along a line, or over a square, of side 1.
struct Place {
  double x = 0.5, y = 0.5;
  Place(int k, int n, int dimensions) {
    int columns = n;
    if (dimensions == 2) {
      columns = static_cast<int>(Sqrt(n));
      if (static_cast<int64_t>(columns) * columns < n) ++columns;
      const int rows = (n + columns - 1) / columns;
      const int row = k / columns;
      y = (row + 0.5) / rows;
    }
    x = (k % columns + 0.5) / columns;
  }
};

double SquaredDistance(const Place& a, const Place& b, bool periodic) {
  const auto along = [&](double from, double to) {
    const double d = from < to ? to - from : from - to;
    return periodic && d > 0.5 ? 1 - d : d;
  };
  const double dx = along(a.x, b.x), dy = along(a.y, b.y);
  return dx * dx + dy * dy;
}

std::vector<uint32_t> FlipNear(const Random& random, const Connectivity& c, int source, int pre,
                               int post, int barred) {
  std::vector<uint32_t> chosen;
  const Place from(source, pre, c.dimensions);
  const double scale = -0.5 / (c.sigma * c.sigma);
  for (int i = 0; i < post; ++i) {
    const double d2 = SquaredDistance(from, Place(i, post, c.dimensions), c.periodic);
    const double p = c.probability * Exp(scale * d2);
    if (i != barred && random.Uniform(static_cast<uint32_t>(i)) < p)
      chosen.push_back(static_cast<uint32_t>(i));
  }
  return chosen;
}

void Check(const ProjectionSpec& spec, int pre, int post, bool within, const std::string& field,
           std::vector<Violation>* violations) {
  const Connectivity& c = spec.connectivity;
  const auto fault = [&](const char* name, const std::string& description) {
    violations->push_back({absl::StrCat(field, ".connectivity", name), description});
  };
  const int barred = within && !c.self ? 1 : 0;
  const double pairs = static_cast<double>(pre) * post;
  double expected = pairs;
  switch (c.rule) {
    case Rule::kAllToAll:
      break;
    case Rule::kOneToOne:
      expected = std::min(pre, post);
      if (barred != 0) fault(".self", "must be true: one to one within a population is itself");
      break;
    case Rule::kFixedOutDegree:
    case Rule::kFixedInDegree: {
      const bool out = c.rule == Rule::kFixedOutDegree;
      const int most = (out ? post : pre) - barred;
      expected = static_cast<double>(out ? pre : post) * c.degree;
      if (c.degree < 0 || c.degree > most)
        fault(".degree", absl::StrCat("is ", c.degree, ", but must be 0 to ", most));
      break;
    }
    case Rule::kGaussian:
      if (!(c.sigma >= 1e-6 && c.sigma <= 1e6)) fault(".sigma", "must be 1e-6 to 1e6");
      if (c.dimensions != 1 && c.dimensions != 2) fault(".dimensions", "must be 1 or 2");
      if (pairs > static_cast<double>(limits::kMaxDrawnPairs)) {
        fault("", absl::StrCat("has ", pairs, " pairs to draw, but may have at most ",
                               limits::kMaxDrawnPairs));
      }
      [[fallthrough]];
    case Rule::kBernoulli:
      if (!(c.probability >= 0 && c.probability <= 1)) fault(".probability", "must be 0 to 1");
      expected *= c.probability;
      break;
  }
  // Before anything is drawn; six standard deviations of a Bernoulli count are below this.
  const double most = expected + 6 * Sqrt(expected > 0 ? expected : 0);
  if (most > static_cast<double>(limits::kMaxSparseSynapses)) {
    fault("", absl::StrCat("makes about ", expected,
                           " synapses, but a sparse projection may have at most ",
                           limits::kMaxSparseSynapses));
  }
}

// The partners of each source; of each target for a fixed in-degree.
Lists Draw(const ProjectionSpec& spec, int pre, int post, bool within) {
  const Connectivity& c = spec.connectivity;
  const bool by_target = c.rule == Rule::kFixedInDegree;
  const uint64_t stream = HashOf(spec.name + ".connectivity");
  Lists lists(by_target ? post : pre);
  std::vector<bool> marks(by_target ? pre : post);
  for (int k = 0; k < static_cast<int>(lists.size()); ++k) {
    const Random random(c.seed, stream, static_cast<uint64_t>(k));
    const int barred = within && !c.self ? k : -1;
    switch (c.rule) {
      case Rule::kAllToAll:
        lists[k] = Flip(random, 1, post, barred);
        break;
      case Rule::kOneToOne:
        if (k < post) lists[k] = {static_cast<uint32_t>(k)};
        break;
      case Rule::kFixedOutDegree:
      case Rule::kFixedInDegree:
        lists[k] = Choose(random, c.degree, by_target ? pre : post, barred, &marks);
        break;
      case Rule::kBernoulli:
        lists[k] = Flip(random, c.probability, post, barred);
        break;
      case Rule::kGaussian:
        lists[k] = FlipNear(random, c, k, pre, post, barred);
        break;
    }
  }
  if (!by_target) return lists;
  Lists by_source(pre);
  for (int i = 0; i < post; ++i) {
    for (const uint32_t j : lists[i]) by_source[j].push_back(static_cast<uint32_t>(i));
  }
  return by_source;
}

std::shared_ptr<const Synapses> Index(const Lists& lists, int post) {
  auto s = std::make_shared<Synapses>();
  s->first.push_back(0);
  s->in_first.assign(post + 1, 0);
  for (const std::vector<uint32_t>& targets : lists) {
    s->source.insert(s->source.end(), targets.size(), static_cast<uint32_t>(s->first.size() - 1));
    s->target.insert(s->target.end(), targets.begin(), targets.end());
    s->first.push_back(static_cast<uint32_t>(s->target.size()));
    for (const uint32_t i : targets) ++s->in_first[i + 1];
  }
  std::partial_sum(s->in_first.begin(), s->in_first.end(), s->in_first.begin());
  s->in.resize(s->target.size());
  s->in_source.resize(s->target.size());
  std::vector<uint32_t> next(s->in_first.begin(), s->in_first.end() - 1);
  for (uint32_t j = 0; j < lists.size(); ++j) {
    for (uint32_t k = s->first[j]; k < s->first[j + 1]; ++k) {
      const uint32_t at = next[s->target[k]]++;
      s->in[at] = k;
      s->in_source[at] = j;
    }
  }
  return s;
}

}  // namespace

std::shared_ptr<const Synapses> Connect(const ProjectionSpec& spec, int pre, int post, bool within,
                                        const std::string& field,
                                        std::vector<Violation>* violations) {
  const Connectivity& c = spec.connectivity;
  if (c.rule == Rule::kAllToAll && (c.self || !within)) return nullptr;
  const size_t before = violations->size();
  Check(spec, pre, post, within, field, violations);
  if (violations->size() > before) return nullptr;
  Lists lists = Draw(spec, pre, post, within);
  for (const SynapseWeight& named : spec.initial.synapses) {
    if (named.pre < 0 || named.pre >= pre || named.post < 0 || named.post >= post) continue;
    std::vector<uint32_t>& targets = lists[named.pre];
    const auto i = static_cast<uint32_t>(named.post);
    const auto at = std::lower_bound(targets.begin(), targets.end(), i);
    if (at == targets.end() || *at != i) targets.insert(at, i);
  }
  return Index(lists, post);
}

}  // namespace phasic
