// Zstandard frames, by libzstd.
// link: zstd
#include "stream.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <new>

namespace embedloom::source {

namespace {

constexpr int window_log = 27;  // 128 MiB: what the format asks every reader to have

class Zstd final : public Decoder {
  public:
    Zstd() {
        if (!stream_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, window_log);
    }

    void start() override { ZSTD_DCtx_reset(stream_.get(), ZSTD_reset_session_only); }
    bool begins(std::string_view in) const override {
        const bool skippable = in.size() >= 4 && (in[0] & 0xF0) == 0x50 && in.substr(1, 3) == "\x2A\x4D\x18";
        return skippable || in.starts_with("\x28\xB5\x2F\xFD");
    }

    Step step(std::string_view in, char* out, std::size_t room) override {
        ZSTD_inBuffer from{in.data(), in.size(), 0};
        ZSTD_outBuffer to{out, room, 0};
        const std::size_t status = ZSTD_decompressStream(stream_.get(), &to, &from);
        Step step{from.pos, to.pos, status == 0};
        if (!ZSTD_isError(status)) return step;
        switch (ZSTD_getErrorCode(status)) {
            case ZSTD_error_memory_allocation: throw std::bad_alloc();
            case ZSTD_error_frameParameter_windowTooLarge: step.refused = "a window of more than 128 MiB"; break;
            case ZSTD_error_dictionary_wrong: step.refused = "data packed with a dictionary"; break;
            case ZSTD_error_checksum_wrong: step.damage = "a wrong checksum"; break;
            default: step.damage = ZSTD_getErrorName(status);
        }
        return step;
    }

  private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
};

}  // namespace

std::unique_ptr<Decoder> make_zstd() { return std::make_unique<Zstd>(); }

}  // namespace embedloom::source
