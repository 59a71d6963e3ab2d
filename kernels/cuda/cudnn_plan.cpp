#include "tern/kernels/cuda/cudnn_plan.h"

#include <numeric>

#include "tern/core/cuda/runtime.h"
#include "tern/kernels/cuda/cudnn.h"

namespace tern::kernels::cuda {

CudnnTarget::CudnnTarget(const std::string& json) : properties_(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR) {
  properties_->set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, std::vector<char>(json.begin(), json.end()))
      .finalize();
}

void CudnnTarget::set_handle(CudnnDescriptor& descriptor, cudnnBackendAttributeName_t name) const {
  if (!properties_) descriptor.set(name, cudnn_handle());
}

void CudnnTarget::describe(CudnnDescriptor& descriptor, cudnnBackendAttributeName_t name) const {
  if (properties_) descriptor.set(name, *properties_);
}

std::vector<CudnnDescriptor> engine_configurations(const std::vector<CudnnDescriptor>& operations,
                                                   const CudnnTarget& target) {
  constexpr std::int64_t kMaxProposals = 64;
  CudnnDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  target.set_handle(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations).finalize();
  std::vector<CudnnDescriptor> all;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    CudnnDescriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph).set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    target.describe(heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP);
    if (!heuristics.try_finalize()) continue;
    for (CudnnDescriptor& configuration : heuristics.get_descriptors(
             CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, kMaxProposals)) {
      all.push_back(std::move(configuration));
    }
  }
  return all;
}

std::optional<CudnnPlan> CudnnPlan::make(const CudnnDescriptor& configuration,
                                         std::int64_t max_workspace_bytes, const CudnnTarget& target) {
  CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  target.set_handle(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE);
  target.describe(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  if (!plan.try_finalize()) return std::nullopt;
  const std::int64_t bytes = plan.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, 1).at(0);
  if (bytes > max_workspace_bytes) return std::nullopt;
  return CudnnPlan(plan, bytes);
}

CudnnPlan::CudnnPlan(CudnnDescriptor plan, std::int64_t workspace_bytes)
    : plan_(std::move(plan)), workspace_bytes_(workspace_bytes) {}

void CudnnPlan::execute(const std::string& what, const std::vector<Tensor>& tensors) const {
  Tensor workspace = Tensor::empty({workspace_bytes_}, DType::u8, tensors.back().device());
  std::vector<std::int64_t> ids(tensors.size());
  std::iota(ids.begin(), ids.end(), 1);
  std::vector<void*> pointers;
  for (const Tensor& tensor : tensors) pointers.push_back(const_cast<void*>(tensor.raw()));
  CudnnDescriptor arguments(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  arguments.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers)
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace.raw())
      .finalize();
  check_cudnn(cudnn().execute(cudnn_handle(), plan_.raw(), arguments.raw()), what.c_str(), __FILE__,
              __LINE__);
  ::tern::cuda::check_launch(what.c_str(), __FILE__, __LINE__);
}

}  // namespace tern::kernels::cuda
