// gzip members, by zlib.
// link: z
#include "stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace embedloom::source {

namespace {

class Gzip final : public Decoder {
  public:
    Gzip() {
        constexpr int window_bits = 15, gzip_alone = 16;
        if (inflateInit2(&stream_, window_bits + gzip_alone) != Z_OK) throw std::bad_alloc();
    }
    ~Gzip() override { inflateEnd(&stream_); }

    void start() override { inflateReset(&stream_); }
    bool begins(std::string_view in) const override { return in.starts_with("\x1F\x8B"); }

    Step step(std::string_view in, char* out, std::size_t room) override {
        constexpr std::size_t most = std::numeric_limits<uInt>::max();
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // zlib does not write to it
        stream_.avail_in = static_cast<uInt>(std::min(in.size(), most));
        stream_.next_out = reinterpret_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(std::min(room, most));
        const uInt in_before = stream_.avail_in, out_before = stream_.avail_out;
        const int status = inflate(&stream_, Z_NO_FLUSH);
        Step step{in_before - stream_.avail_in, out_before - stream_.avail_out, status == Z_STREAM_END};
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            step.damage = stream_.msg ? stream_.msg : "gzip data that is wrong";
        return step;
    }

  private:
    z_stream stream_{};
};

}  // namespace

std::unique_ptr<Decoder> make_gzip() { return std::make_unique<Gzip>(); }

}  // namespace embedloom::source
