// Device memory and pinned host memory of the emulated accelerator. Both are ordinary memory; who may touch it is what is emulated.
#include "memory.h"

#include <c10/util/Exception.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace emulated {
namespace {

std::mutex guard;
thread_local c10::DeviceIndex current = 0;

std::map<const char*, std::size_t>& pinned_blocks() {
    static auto* blocks = new std::map<const char*, std::size_t>();  // outlives every tensor
    return *blocks;
}

std::set<c10::DeviceIndex>& contexts() {
    static auto* devices = new std::set<c10::DeviceIndex>();
    return *devices;
}

/// Tells EMULATED_NOTES, a folder, that this process uses the device: its tests look there for processes that should not.
void make_context(c10::DeviceIndex index) {
    const std::lock_guard lock(guard);
    const char* folder = std::getenv("EMULATED_NOTES");
    if (contexts().insert(index).second && folder != nullptr) {
        std::ofstream(std::string(folder) + "/" + std::to_string(getpid()) + "-" + std::to_string(index)) << "\n";
    }
}

void* take(std::size_t bytes) {
    void* block = bytes == 0 ? nullptr : std::aligned_alloc(64, (bytes + 63) / 64 * 64);
    TORCH_CHECK(bytes == 0 || block != nullptr, "the emulated device has no ", bytes, " bytes");
    return block;
}

void free_pinned(void* block) {
    const std::lock_guard lock(guard);
    if (pinned_blocks().erase(static_cast<const char*>(block)) != 0) {
        --counts().pinned_alive;
    }
    std::free(block);
}

class DeviceAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        make_context(current);
        void* block = take(bytes);
        return {block, block, &std::free, c10::Device(c10::DeviceType::PrivateUse1, current)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
};

class PinnedAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        make_context(current);
        void* block = take(bytes);
        const std::lock_guard lock(guard);
        if (block != nullptr) {
            pinned_blocks()[static_cast<const char*>(block)] = bytes;
            ++counts().pinned;
            ++counts().pinned_alive;
        }
        return {block, block, &free_pinned, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &free_pinned; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
};

DeviceAllocator device_memory;
PinnedAllocator pinned_memory;
REGISTER_ALLOCATOR(c10::DeviceType::PrivateUse1, &device_memory)

}  // namespace

Counts& counts() {
    static Counts all;
    return all;
}

c10::DeviceIndex device_count() noexcept {
    const char* said = std::getenv("EMULATED_DEVICES");
    return static_cast<c10::DeviceIndex>(said == nullptr ? 1 : std::atoi(said));
}

c10::DeviceIndex current_device() noexcept { return current; }

void set_current_device(c10::DeviceIndex index) {
    TORCH_CHECK(index >= 0 && index < device_count(), "invalid device ordinal: ", static_cast<int>(index), " of ", static_cast<int>(device_count()));
    current = index;
}

bool has_context(c10::DeviceIndex index) {
    const std::lock_guard lock(guard);
    return contexts().contains(index);
}

bool is_pinned(const void* address) {
    const std::lock_guard lock(guard);
    const auto* at = static_cast<const char*>(address);
    auto after = pinned_blocks().upper_bound(at);
    return after != pinned_blocks().begin() && at < (--after)->first + after->second;
}

c10::Allocator& device_allocator() { return device_memory; }
c10::Allocator& pinned_allocator() { return pinned_memory; }

}  // namespace emulated
