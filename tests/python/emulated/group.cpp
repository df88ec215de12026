// Collectives of the emulated accelerator, as strict as NCCL: tensors of the device alone, one device a rank, over gloo. And what Python calls.
#include <pybind11/pybind11.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <string>
#include <utility>
#include <vector>

#include "memory.h"
#include "operators.h"

PYBIND11_DECLARE_HOLDER_TYPE(T, c10::intrusive_ptr<T>, true)  // as PyTorch's own bindings hold stores and backends

namespace emulated {
namespace {

using Tensors = std::vector<at::Tensor>;
using Work = c10::intrusive_ptr<c10d::Work>;

Tensors as_host(const Tensors& tensors) {
    Tensors out;
    for (const auto& tensor : tensors) {
        out.push_back(emulated::as_host(tensor));
    }
    return out;
}

std::vector<Tensors> as_host(const std::vector<Tensors>& lists) {
    std::vector<Tensors> out;
    for (const auto& list : lists) {
        out.push_back(as_host(list));
    }
    return out;
}

class Group final : public c10d::Backend {
public:
    Group(c10::intrusive_ptr<c10d::Store> store, c10::intrusive_ptr<c10d::Backend> gloo)
        : Backend(gloo->getRank(), gloo->getSize()), store_(std::move(store)), gloo_(std::move(gloo)) {}

    const std::string getBackendName() const override { return "emulated"; }

    Work broadcast(Tensors& tensors, const c10d::BroadcastOptions& options) override {
        meet(tensors.at(0).device().index());
        auto host = as_host(tensors);
        return gloo_->broadcast(host, options);
    }

    Work allreduce(Tensors& tensors, const c10d::AllreduceOptions& options) override {
        meet(tensors.at(0).device().index());
        auto host = as_host(tensors);
        return gloo_->allreduce(host, options);
    }

    Work allgather(std::vector<Tensors>& outputs, Tensors& inputs, const c10d::AllgatherOptions& options) override {
        meet(inputs.at(0).device().index());
        auto to = as_host(outputs);
        auto from = as_host(inputs);
        return gloo_->allgather(to, from, options);
    }

    /// Takes the device that was said, else the group's, else the one used before, else it guesses, all as NCCL's does.
    Work barrier(const c10d::BarrierOptions& options) override {
        if (!options.device_ids.empty()) {
            meet(static_cast<c10::DeviceIndex>(options.device_ids[0]));
        } else if (const auto bound = getBoundDeviceId()) {
            meet(bound->index());
        } else {
            meet(device_ >= 0 ? device_ : static_cast<c10::DeviceIndex>(getRank() % device_count()));
        }
        auto plain = options;
        plain.device_ids.clear();
        return gloo_->barrier(plain);
    }

private:
    /// Ranks tell each other their devices at the first collective, where NCCL makes a communicator, and keep to them.
    void meet(c10::DeviceIndex device) {
        const auto bound = getBoundDeviceId();
        TORCH_CHECK(!bound || bound->index() == device, "the group is bound to device ", static_cast<int>(bound->index()), ", the tensor is on device ",
                    static_cast<int>(device));
        if (device == device_) {
            return;
        }
        TORCH_CHECK(device_ < 0, "a tensor of device ", static_cast<int>(device), " after one of device ", static_cast<int>(device_),
                    ": NCCL would wait for the other ranks to make a communicator with it");
        device_ = device;
        store_->set("device/" + std::to_string(getRank()), std::to_string(device));
        std::vector<std::string> devices;
        for (int rank = 0; rank < getSize(); ++rank) {
            devices.push_back(store_->get_to_str("device/" + std::to_string(rank)));
            for (int other = 0; other < rank; ++other) {
                TORCH_CHECK(devices[other] != devices[rank], "Duplicate GPU detected: rank ", other, " and rank ", rank, " both on device ", devices[rank]);
            }
        }
    }

    c10::intrusive_ptr<c10d::Store> store_;
    c10::intrusive_ptr<c10d::Backend> gloo_;
    c10::DeviceIndex device_ = -1;
};

}  // namespace
}  // namespace emulated

PYBIND11_MODULE(_emulated, module) {
    using namespace emulated;
    module.def("device_count", &device_count);
    module.def("current_device", &current_device);
    module.def("set_device", &set_current_device);
    module.def("counts", [] {
        const auto& all = counts();
        return pybind11::make_tuple(all.pinned, all.pinned_alive, all.copies_in, all.async_in);
    });
    module.def("group", [](c10::intrusive_ptr<c10d::Store> store, c10::intrusive_ptr<c10d::Backend> gloo) {
        return c10::intrusive_ptr<c10d::Backend>(c10::make_intrusive<Group>(std::move(store), std::move(gloo)));
    });
}
