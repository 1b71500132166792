import CZlib
import HTTPPipeline
import NIOCore

/// Compresses bodies in the gzip format (RFC 1952).
final class Gzip: Sendable {
    private let pool: DeflaterPool
    private let smallPool: DeflaterPool
    private let padding: GzipPadding?

    /// Under which name a cached body keeps its compressed form; nil when each answer is to be compressed anew.
    let variantName: String?

    init(level: Int, padding: Int) {
        pool = DeflaterPool(level: level, size: .large)
        smallPool = DeflaterPool(level: level, size: .small)
        self.padding = padding > 0 ? GzipPadding(upTo: padding) : nil
        variantName = padding > 0 ? nil : "gzip-\(level)"
    }

    /// A whole body, compressed.
    func compress(_ body: ByteBuffer) -> ByteBuffer {
        let deflater = pool.take()
        defer { pool.put(deflater) }
        deflater.begin(padding: padding?.random())
        // JSON and text become a fraction; the buffer grows when that was too little.
        let capacity = min(deflater.bound(body.readableBytes), body.readableBytes / 3 + 512)
        var output = ByteBufferAllocator().buffer(capacity: capacity)
        deflater.compress(body, into: &output, flush: Z_FINISH)
        return output
    }

    /// Lends a compression state that begins a body to what writes it.
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
