import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Shows the key of a GET instead of its answer, when the request asks for it with `X-Explain-Key: true`.
///
/// The body is the JSON that the key is the digest of, byte for byte.
struct KeyExplanationMiddleware: Middleware {
    let key: KeyConstructor

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard exchange.request.method == .get, exchange.request.headerFields[.explainKey] == "true" else {
            return try await next(exchange)
        }
        let explanation = try await key.explanation(for: exchange)
        return Reply(
            status: .ok,
            headerFields: [
                .contentType: "application/json",
                .cacheControl: "no-store",
                .cacheKey: CacheKey(digestOf: explanation).description,
            ],
            body: ReplyBody(ByteBuffer(string: explanation))
        )
    }
}

extension HTTPField.Name {
    fileprivate static let explainKey = HTTPField.Name("X-Explain-Key")!
    fileprivate static let cacheKey = HTTPField.Name("X-Cache-Key")!
}
