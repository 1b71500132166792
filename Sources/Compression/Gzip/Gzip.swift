import CZlib
import HTTPPipeline
import NIOCore

/// Compresses bodies in the gzip format (RFC 1952).
final class Gzip: Sendable {
    private let pool: DeflaterPool
    private let padding: GzipPadding?

    /// Under which name a cached body keeps its compressed form; nil when each answer is to be compressed anew.
    let variantName: String?

    init(level: Int, padding: Int) {
        pool = DeflaterPool(level: level)
        self.padding = padding > 0 ? GzipPadding(upTo: padding) : nil
        variantName = padding > 0 ? nil : "gzip-\(level)"
    }

    /// A whole body, compressed.
    func compress(_ body: ByteBuffer) -> ByteBuffer {
        withDeflater { deflater in
            // JSON and text become a fraction; the buffer grows when that was too little.
            var output = ByteBufferAllocator().buffer(
                capacity: min(deflater.bound(body.readableBytes), body.readableBytes / 3 + 512))
            deflater.compress(body, into: &output, flush: Z_FINISH)
            return output
        }
    }

    /// Runs `body` with a compression state that begins a body.
    func withDeflater<Result>(_ body: (Deflater) throws -> Result) rethrows -> Result {
        let deflater = pool.take()
        defer { pool.put(deflater) }
        deflater.begin(padding: padding?.random())
        return try body(deflater)
    }

    /// Runs `body` with a compression state that begins a body.
    func withDeflater<Result>(_ body: (Deflater) async throws -> Result) async rethrows -> Result {
        let deflater = pool.take()
        defer { pool.put(deflater) }
        deflater.begin(padding: padding?.random())
        return try await body(deflater)
    }
}
