// Memory of the emulated accelerator, and what is known of it: what its tests count.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>

namespace emulated {

/// What has happened since the process began.
struct Counts {
    std::int64_t pinned = 0;        ///< host blocks that were pinned
    std::int64_t pinned_alive = 0;  ///< of these, not freed
    std::int64_t copies_in = 0;     ///< host to device
    std::int64_t async_in = 0;      ///< of these, asked for as non_blocking and from pinned memory
};

Counts& counts();

c10::DeviceIndex device_count() noexcept;
c10::DeviceIndex current_device() noexcept;

/// Throws where there is no such device, as a driver does.
void set_current_device(c10::DeviceIndex index);

/// Whether the process has taken memory on the device, or of the host for it: what costs a context on a GPU.
bool has_context(c10::DeviceIndex index);

bool is_pinned(const void* address);

c10::Allocator& device_allocator();
c10::Allocator& pinned_allocator();

}  // namespace emulated
