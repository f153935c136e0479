// SPDX-License-Identifier: Apache-2.0
//
// Plays the table through the C++ library: conformance_cpp CASES TARGET [--skip=TAG,...].
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "client/cpp/agent_handle.h"
#include "client/cpp/client.h"
#include "client/cpp/error.h"
#include "tests/conformance/cpp/forms.h"
#include "tests/conformance/cpp/requests.h"

namespace phasic::conformance {
namespace {

// Performs the table's calls.
class Driver {
 public:
  explicit Driver(client::Client client) : client_(std::move(client)) {}

  Outcome Perform(const std::string& op, const Json& arguments, const std::string& prefix) {
    static const std::map<std::string, absl::StatusOr<Json> (Driver::*)(const Json&)> ops = {
        {"create", &Driver::Create},
        {"batch_create", &Driver::BatchCreate},
        {"get", &Driver::Get},
        {"list", &Driver::List},
        {"update", &Driver::Update},
        {"delete", &Driver::Delete},
        {"clone", &Driver::Clone},
        {"write_state", &Driver::WriteState},
        {"create_snapshot", &Driver::CreateSnapshot},
        {"get_snapshot", &Driver::GetSnapshot},
        {"list_snapshots", &Driver::ListSnapshots},
        {"delete_snapshot", &Driver::DeleteSnapshot},
        {"restore_snapshot", &Driver::RestoreSnapshot},
        {"export", &Driver::Export},
        {"import", &Driver::Import},
        {"backup", &Driver::Backup},
        {"check_store", &Driver::CheckStore},
        {"step", &Driver::Step},
        {"reward", &Driver::Reward},
        {"reset", &Driver::Reset},
        {"inspect", &Driver::Inspect},
        {"batch", &Driver::Batch},
        {"stream", &Driver::Interact},
        {"validate", &Driver::Validate},
        {"circuits", &Driver::Circuits},
        {"circuit", &Driver::Circuit},
        {"components", &Driver::Components},
        {"info", &Driver::Info}};
    prefix_ = prefix;
    const auto found = ops.find(op);
    if (found == ops.end()) return {true, "this driver knows no " + op};
    const absl::StatusOr<Json> reply = (this->*found->second)(arguments);
    if (!reply.ok()) return {true, FromError(reply.status())};
    return {false, *reply};
  }

 private:
  Requests With(const Json& arguments) const { return {arguments, prefix_}; }

  // The reply in the table's form, or the error.
  template <class Response, class Form>
  static absl::StatusOr<Json> As(const Form& form, const absl::StatusOr<Response>& response) {
    if (!response.ok()) return response.status();
    return form(*response);
  }
  absl::StatusOr<Json> AsAgent(const absl::StatusOr<v1::Agent>& agent) const {
    return As([this](const v1::Agent& one) { return FromAgent(one, prefix_); }, agent);
  }

  absl::StatusOr<Json> Create(const Json& arguments) {
    return AsAgent(client_.CreateAgent(With(arguments).Create()));
  }
  absl::StatusOr<Json> BatchCreate(const Json& arguments) {
    const auto form = [this](const v1::BatchCreateAgentsResponse& made) {
      return Json{{"agents", FromAgents(made.agents(), prefix_)}};
    };
    return As(form, client_.BatchCreateAgents(With(arguments).BatchCreate()));
  }
  absl::StatusOr<Json> Get(const Json& arguments) {
    return AsAgent(client_.GetAgent(With(arguments).Get()));
  }
  absl::StatusOr<Json> List(const Json& arguments) {
    const Requests with = With(arguments);
    const bool page = with.Has("page_size") || with.Has("page_token");
    const auto form = [this](const v1::ListAgentsResponse& found) {
      return Json{{"agents", FromAgents(found.agents(), prefix_)},
                  {"next_page_token", found.next_page_token()}};
    };
    return As(form, page ? client_.ListAgents(with.List()) : client_.AllAgents(with.List()));
  }
  absl::StatusOr<Json> Update(const Json& arguments) {
    return AsAgent(client_.UpdateAgent(With(arguments).Update()));
  }
  absl::StatusOr<Json> Delete(const Json& arguments) {
    const absl::Status status = client_.DeleteAgent(With(arguments).Delete());
    if (!status.ok()) return status;
    return Json::object();
  }
  absl::StatusOr<Json> Clone(const Json& arguments) {
    return AsAgent(client_.CloneAgent(With(arguments).Clone()));
  }

  absl::StatusOr<Json> WriteState(const Json& arguments) {
    const auto form = [](const v1::WriteStateResponse& response) {
      return Json{{"digest", std::to_string(response.digest())}};
    };
    return As(form, client_.WriteState(With(arguments).WriteState()));
  }
  absl::StatusOr<Json> CreateSnapshot(const Json& arguments) {
    return As(FromSnapshot, client_.CreateSnapshot(With(arguments).CreateSnapshot()));
  }
  absl::StatusOr<Json> GetSnapshot(const Json& arguments) {
    return As(FromSnapshot,
              client_.GetSnapshot(With(arguments).OfSnapshot<v1::GetSnapshotRequest>()));
  }
  absl::StatusOr<Json> ListSnapshots(const Json& arguments) {
    const auto form = [](const v1::ListSnapshotsResponse& all) {
      Json snapshots = Json::array();
      for (const v1::Snapshot& one : all.snapshots()) snapshots.push_back(FromSnapshot(one));
      return Json{{"snapshots", snapshots}};
    };
    return As(form, client_.AllSnapshots(With(arguments).ListSnapshots()));
  }
  absl::StatusOr<Json> DeleteSnapshot(const Json& arguments) {
    const absl::Status status =
        client_.DeleteSnapshot(With(arguments).OfSnapshot<v1::DeleteSnapshotRequest>());
    if (!status.ok()) return status;
    return Json::object();
  }
  absl::StatusOr<Json> RestoreSnapshot(const Json& arguments) {
    return AsAgent(client_.RestoreSnapshot(With(arguments).RestoreSnapshot()));
  }
  absl::StatusOr<Json> Export(const Json& arguments) {
    std::ostringstream file;
    const absl::Status status = client_.ExportAgent(With(arguments).Export(), client::Into(file));
    if (!status.ok()) return status;
    return Json{{"file", absl::Base64Escape(file.str())}};
  }
  absl::StatusOr<Json> Import(const Json& arguments) {
    v1::ImportAgentRequest first = With(arguments).Import();
    std::istringstream file(first.data());
    first.clear_data();
    return AsAgent(client_.ImportAgent(std::move(first), client::From(file)));
  }
  absl::StatusOr<Json> Backup(const Json&) {
    std::ostringstream file;
    const absl::Status status = client_.BackupStore(client::Into(file));
    if (!status.ok()) return status;
    return Json{{"bytes", file.str().size()}};
  }
  absl::StatusOr<Json> CheckStore(const Json&) { return As(FromCheck, client_.CheckStore()); }

  // Through a handle, which counts the steps itself, where the table does not say otherwise.
  absl::StatusOr<Json> Step(const Json& arguments) {
    const Requests with = With(arguments);
    if (!with.Has("step") && !with.Has("request_id")) {
      const absl::StatusOr<v1::Agent> agent = client_.GetAgent(with.Get());
      if (agent.ok()) return As(FromStep, client::AgentHandle(client_, *agent).Step(with.Step()));
    }
    return As(FromStep, client_.Step(with.Step()));
  }
  // Through a handle where it can say all: one reward, for an event, with an id of the handle's
  // own.
  absl::StatusOr<Json> Reward(const Json& arguments) {
    const auto form = [](const v1::RewardResponse& response) {
      return Json{{"dispositions", FromDispositions(response.dispositions())}};
    };
    const v1::RewardRequest request = With(arguments).Reward();
    const v1::Reward& first =
        request.rewards_size() == 1 ? request.rewards(0) : v1::Reward::default_instance();
    if (!first.has_event() || !first.has_value() || !first.reward_id().empty()) {
      return As(form, client_.Reward(request));
    }
    const absl::StatusOr<v1::Agent> agent = client_.GetAgent(With(arguments).Get());
    if (!agent.ok()) return agent.status();
    const absl::StatusOr<v1::Disposition> became =
        client::AgentHandle(client_, *agent).Reward(first.value(), first.channel(), &first.event());
    if (!became.ok()) return became.status();
    v1::RewardResponse response;
    response.add_dispositions(*became);
    return form(response);
  }
  absl::StatusOr<Json> Reset(const Json& arguments) {
    const auto form = [](const v1::ResetEpisodeResponse& response) {
      return Json{{"episode", response.episode()}};
    };
    return As(form, client_.ResetEpisode(With(arguments).Reset()));
  }
  absl::StatusOr<Json> Inspect(const Json& arguments) {
    const auto form = [](const std::vector<client::Variable>& variables) {
      return Json{{"variables", FromVariables(variables)}};
    };
    return As(form, client_.Inspect(With(arguments).Inspect()));
  }
  absl::StatusOr<Json> Batch(const Json& arguments) {
    v1::BatchStepResponse response;
    const absl::Status status = client_.BatchStep(With(arguments).Batch(), &response);
    if (!status.ok()) return status;
    return FromBatch(response);
  }

  // One thread sends everything while another receives: the table has more than may be unanswered.
  absl::StatusOr<Json> Interact(const Json& arguments) {
    client::Stream stream = client_.Interact();
    std::thread sender([&] {
      for (const Json& item : arguments["items"]) {
        v1::InteractRequest request;
        request.set_id(item["id"]);
        if (item.contains("step")) {
          *request.mutable_step() = With(item["step"]).Step();
        } else {
          *request.mutable_batch_step() = With(item["batch"]).Batch();
        }
        for (int times = item.value("times", 1); times > 0; --times) stream.Send(request);
      }
      stream.HalfClose();
    });
    Json responses = Json::array();
    v1::InteractResponse response;
    while (stream.Receive(&response)) responses.push_back(FromItem(response));
    sender.join();
    const absl::Status status = stream.Finish();
    if (!status.ok()) return status;
    return Json{{"responses", responses}};
  }
  static Json FromItem(const v1::InteractResponse& response) {
    const absl::Status status = client::StatusOf(response);
    if (!status.ok()) return {{"id", response.id()}, {"error", FromError(status)}};
    if (response.has_step()) return {{"id", response.id()}, {"step", FromStep(response.step())}};
    return {{"id", response.id()}, {"batch", FromBatch(response.batch_step())}};
  }

  absl::StatusOr<Json> Validate(const Json& arguments) {
    return As(FromValidation, client_.ValidateCircuit(With(arguments).Validate()));
  }
  absl::StatusOr<Json> Circuits(const Json&) {
    const auto form = [](const v1::ListCircuitsResponse& all) {
      Json circuits = Json::array();
      for (const v1::Circuit& circuit : all.circuits()) circuits.push_back(FromCircuit(circuit));
      return Json{{"circuits", circuits}};
    };
    return As(form, client_.AllCircuits());
  }
  absl::StatusOr<Json> Circuit(const Json& arguments) {
    return As(FromCircuit, client_.GetCircuit(With(arguments).Circuit()));
  }
  absl::StatusOr<Json> Components(const Json& arguments) {
    const auto form = [](const v1::ListComponentsResponse& response) {
      return Json{{"components", FromComponents(response.components())}};
    };
    return As(form, client_.ListComponents(With(arguments).Components()));
  }
  absl::StatusOr<Json> Info(const Json&) { return As(FromInfo, client_.GetServerInfo()); }

  client::Client client_;
  std::string prefix_;
};

int Main(const std::string& path, const std::string& target, const std::set<std::string>& skipped) {
  std::ifstream file(path);
  const Json table = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!table.is_object()) {
    std::fprintf(stderr, "%s is no table\n", path.c_str());
    return 2;
  }
  const auto client = client::Client::Connect(target);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client::ErrorText(client.status()).c_str());
    return 2;
  }
  Driver driver(*client);
  const auto perform = [&](const std::string& op, const Json& arguments,
                           const std::string& prefix) {
    return driver.Perform(op, arguments, prefix);
  };
  return Run(table["cases"], skipped, perform) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace phasic::conformance

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: conformance_cpp CASES TARGET [--skip=TAG,...]\n");
    return 2;
  }
  std::set<std::string> skipped;
  constexpr char kSkip[] = "--skip=";
  for (int i = 3; i < argc; ++i) {
    if (!absl::StartsWith(argv[i], kSkip)) continue;
    const std::vector<std::string> tags = absl::StrSplit(argv[i] + sizeof(kSkip) - 1, ',');
    skipped.insert(tags.begin(), tags.end());
  }
  return phasic::conformance::Main(argv[1], argv[2], skipped);
}
