// Tells PyTorch of the emulated accelerator: its hooks, which torch.accelerator and pin_memory() ask, and the guard of its current device.
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "memory.h"

namespace emulated {
namespace {

constexpr auto kind = c10::DeviceType::PrivateUse1;

struct Hooks final : at::PrivateUse1HooksInterface {
    bool isBuilt() const override { return true; }
    bool isAvailable() const override { return device_count() > 0; }
    bool hasPrimaryContext(c10::DeviceIndex index) const override { return has_context(index); }
    c10::DeviceIndex deviceCount() const override { return device_count(); }
    c10::DeviceIndex getCurrentDevice() const override { return current_device(); }
    void setCurrentDevice(c10::DeviceIndex index) const override { set_current_device(index); }
    c10::DeviceIndex exchangeDevice(c10::DeviceIndex index) const override {
        const auto before = current_device();
        set_current_device(index);
        return before;
    }
    c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex index) const override { return exchangeDevice(index); }
    bool isPinnedPtr(const void* address) const override { return is_pinned(address); }
    c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_allocator(); }
    void resizePrivateUse1Bytes(const c10::Storage& storage, std::size_t bytes) const override {
        auto block = device_allocator().allocate(bytes);
        const auto kept = std::min(bytes, storage.nbytes());
        if (kept > 0) {
            std::memcpy(block.get(), storage.data(), kept);
        }
        storage.set_data_ptr_noswap(std::move(block));
        storage.unsafeGetStorageImpl()->set_nbytes(bytes);
    }
};

/// All work is done when it is asked for: streams and events have nothing to wait for.
struct Guard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return kind; }
    c10::Device exchangeDevice(c10::Device to) const override {
        const auto before = getDevice();
        setDevice(to);
        return before;
    }
    c10::Device getDevice() const override { return {kind, current_device()}; }
    void setDevice(c10::Device to) const override { set_current_device(to.has_index() ? to.index() : current_device()); }
    void uncheckedSetDevice(c10::Device to) const noexcept override { set_current_device(to.has_index() ? to.index() : current_device()); }
    c10::Stream getStream(c10::Device of) const override { return c10::Stream(c10::Stream::DEFAULT, of); }
    c10::Stream getDefaultStream(c10::Device of) const override { return getStream(of); }
    c10::Stream getStreamFromGlobalPool(c10::Device of, bool) const override { return getStream(of); }
    c10::Stream getNewStream(c10::Device of, int) const override { return getStream(of); }
    c10::Stream exchangeStream(c10::Stream to) const override { return getStream(to.device()); }
    c10::DeviceIndex deviceCount() const noexcept override { return device_count(); }
    void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    bool queryStream(const c10::Stream&) const override { return true; }
    void synchronizeStream(const c10::Stream&) const override {}
    void synchronizeEvent(void*) const override {}
    void synchronizeDevice(c10::DeviceIndex) const override {}
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

const bool is_known = [] {
    static Hooks hooks;
    at::RegisterPrivateUse1HooksInterface(&hooks);
    return true;
}();

}  // namespace
}  // namespace emulated
