import CZlib
import HTTPPipeline
import NIOCore

/// A compressor for bodies in the gzip format (RFC 1952).
final class Gzip: Sendable {
    private let pool: DeflaterPool
    private let smallPool: DeflaterPool
    private let padding: GzipPadding?

    /// The name under which a cached body keeps its gzip variant; nil if each response is compressed again.
    let variantName: String?

    init(level: Int, padding: Int) {
        pool = DeflaterPool(level: level, size: .large)
        smallPool = DeflaterPool(level: level, size: .small)
        self.padding = padding > 0 ? GzipPadding(upTo: padding) : nil
        variantName = padding > 0 ? nil : "gzip-\(level)"
    }

    /// Returns a complete body in compressed form.
    func compress(_ body: ByteBuffer) -> ByteBuffer {
        let deflater = pool.take()
        defer { pool.put(deflater) }
        deflater.begin(padding: padding?.random())
        // JSON and text compress to a fraction of their size; the buffer grows if this capacity is too small.
        let capacity = min(deflater.bound(body.readableBytes), body.readableBytes / 3 + 512)
        var output = ByteBufferAllocator().buffer(capacity: capacity)
        deflater.compress(body, into: &output, flush: Z_FINISH)
        return output
    }

    /// Runs `body` with a compression state that is ready for a new response body.
    func lend(size: Deflater.Size, _ body: (DeflaterLease) async throws -> Void) async throws {
        let pool = size == .large ? pool : smallPool
        let deflater = pool.take()
        deflater.begin(padding: padding?.random())
        let lease = DeflaterLease(deflater)
        defer {
            lease.end()
            pool.put(deflater)
        }
        try await body(lease)
    }
}
