// Packs text as gzip and Zstandard, for tests of what unpacks it.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace embedloom::support {

/// One member. `name`: an FNAME field in its header, with an FEXTRA and a header CRC beside it.
inline std::string gzip(std::string_view text, const char* name = nullptr) {
    z_stream stream{};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2");
    gz_header header{};
    std::string extra = "ab\x02\x00xy", name_copy = name ? name : "";
    if (name) {
        header.name = reinterpret_cast<Bytef*>(name_copy.data());
        header.extra = reinterpret_cast<Bytef*>(extra.data());
        header.extra_len = static_cast<uInt>(extra.size());
        header.hcrc = 1;
        deflateSetHeader(&stream, &header);
    }
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("deflate");
    return out;
}

struct ZstdOptions {
    int level = 3;
    bool checksum = true;
    int window_log = 0;  ///< 0: the level's
};

/// One frame.
inline std::string zstd(std::string_view text, const ZstdOptions& options = {}) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, options.level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, options.checksum ? 1 : 0);
    if (options.window_log) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, options.window_log);
    std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
    const std::size_t bytes = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
    ZSTD_freeCCtx(context);
    if (ZSTD_isError(bytes)) throw std::runtime_error(ZSTD_getErrorName(bytes));
    out.resize(bytes);
    return out;
}

/// A frame that readers must pass over.
inline std::string skippable_frame(std::string_view content) {
    std::string out = "\x53\x2A\x4D\x18";
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((content.size() >> shift) & 0xFF);
    return out.append(content);
}

}  // namespace embedloom::support
